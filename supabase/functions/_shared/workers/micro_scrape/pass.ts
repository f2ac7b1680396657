import type { ApplyItem } from "../../database/apply.ts";
import type { WorkItem } from "../../database/micro_scrape.ts";
import type { FieldName } from "../../domain/fact.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { Describe } from "../description/describe.ts";
import type { Cover } from "../images/cover.ts";
import { itemOf } from "../scrape/item.ts";
import { type Reading, readListing } from "../scrape/read_listing.ts";
import { planPass } from "./plan.ts";

/** What a pass needs of the outside. */
export interface PassTools {
  fetcher: Fetcher;
  /** Downloads the first good image of these. */
  cover: Cover;
  describe: Describe;
}

/** A pass that was done. */
export type PassDone = { kind: "done"; item: ApplyItem };
/** A pass that was done, or one that could not begin and costs the vehicle nothing. */
type Pass = PassDone | Extract<Reading, { kind: "not_started" }>;

/**
 * Facts that will be held after the merge: held and not contradicted by the page, or new. A field
 * on which the two differ is left out, since the merge may decide either way.
 */
function undisputed(
  held: WorkItem["held"],
  facts: ApplyItem["facts"] = {},
): Partial<Record<FieldName, string | number>> {
  const merged: Record<string, string | number> = { ...held } as Record<string, string | number>;
  for (const [field, fact] of Object.entries(facts)) {
    const value = fact.value as string | number;
    if (!(field in merged)) merged[field] = value;
    else if (String(merged[field]).toLowerCase() !== String(value).toLowerCase()) {
      delete merged[field];
    }
  }
  return merged;
}

/** One pass over one vehicle: one fetch of its page at most, its cover image, its description. */
export async function passOver(
  work: WorkItem,
  askedByName: boolean,
  tools: PassTools,
): Promise<Pass> {
  const plan = planPass(work, askedByName);
  const request = { queue: "micro_scrape_state", lease_token: work.lease_token ?? "" };
  let item: ApplyItem = {
    vehicle_id: work.vehicle_id,
    request,
    source_url: work.source_url,
    outcome: "ok",
    steps: [],
  };

  let stated: "description" | "none" | "unknown" = "unknown";
  if (plan.readPage) {
    const reading = await readListing(tools.fetcher, work.source_url);
    if (reading.kind === "not_started") return reading;
    item = { ...item, ...itemOf(work.source_url, reading) };
    if (reading.kind === "read" && reading.extraction.outcome === "listing") {
      stated = reading.extraction.facts.description ? "description" : "none";
    }
  }

  const urls = [...new Set([...(item.images ?? []), ...work.image_urls])];
  if (plan.cover && urls.length > 0) {
    const started = performance.now();
    const cover = await tools.cover(urls);
    const duration_ms = Math.round(performance.now() - started);
    item = {
      ...item,
      image_results: cover.results,
      cover: { known: urls.length, duration_ms, message: cover.message },
      steps: [...item.steps ?? [], "backfill_images"],
    };
  }

  if (plan.description && stated === "none") {
    const written = await tools.describe(undisputed(work.held, item.facts));
    if (written !== null) {
      item = {
        ...item,
        facts: {
          ...item.facts,
          description: {
            value: written.text,
            confidence: written.confidence,
            evidence: written.evidence,
            way: "generated",
            method: written.method,
          },
        },
        // What stands here now is ours, but the page still states none.
        absent: (item.absent ?? []).filter((field) => field !== "description"),
      };
    }
    item = { ...item, steps: [...item.steps ?? [], "generate_description"] };
  }

  return { kind: "done", item };
}
