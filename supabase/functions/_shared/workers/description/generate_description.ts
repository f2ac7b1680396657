import type { ApplyItem } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { type Attempt, reportEach, workAll } from "../lease/work.ts";
import { description as descriptionOnly, itemOf } from "../scrape/item.ts";
import { readListing } from "../scrape/read_listing.ts";
import { notRead, type ReadingReport } from "../scrape/report.ts";
import { settle } from "../scrape/vehicles.ts";
import type { Describe } from "./describe.ts";

/** What came of one vehicle: `skipped` when it has a description that is not ours. */
type DescriptionReport = ReadingReport & { description: string | null };

/** What is to be written of a vehicle's description, or why nothing is. */
type DescriptionItem =
  | { kind: "item"; item: ApplyItem }
  | { kind: "skipped"; why: string }
  | NotStarted;

function isOurs(vehicle: HeldVehicle): boolean {
  return vehicle.held.description === undefined ||
    (vehicle.descriptionSource ?? "").startsWith("generated");
}

/** What the vehicle's page says in place of words of ours, null when it was asked and states none. */
async function stated(
  fetcher: Fetcher,
  vehicle: HeldVehicle,
  keepSnapshot: boolean,
): Promise<DescriptionItem | null> {
  const { id, url } = vehicle;
  if (url === null || vehicle.descriptionSource?.startsWith("generated")) return null;
  const reading = await readListing(fetcher, url, { keepSnapshot });
  if (reading.kind === "not_started") return reading;
  const statesNone = reading.kind === "read" && reading.extraction.outcome === "listing" &&
    reading.extraction.facts.description === undefined;
  if (statesNone) return null;
  return { kind: "item", item: { vehicle_id: id, ...itemOf(url, reading, descriptionOnly) } };
}

/**
 * The description of a vehicle: the source's own if its page states one, otherwise one made of the
 * facts held. A description that came from a source or a person is left alone.
 */
export async function descriptionItem(
  fetcher: Fetcher,
  describe: Describe,
  vehicle: HeldVehicle,
  keepSnapshot: boolean,
): Promise<DescriptionItem> {
  if (!isOurs(vehicle)) {
    const by = vehicle.descriptionSource ?? "somebody";
    return { kind: "skipped", why: `it has a description by ${by}` };
  }
  const own = await stated(fetcher, vehicle, keepSnapshot);
  if (own !== null) return own;
  const { description: _, ...held } = vehicle.held;
  const written = await describe(held);
  if (written === null) {
    return { kind: "skipped", why: "too little is known: year, make and model at least" };
  }
  const { text: value, confidence, evidence, method } = written;
  return {
    kind: "item",
    item: {
      vehicle_id: vehicle.id,
      source_url: vehicle.url ?? "",
      outcome: "ok",
      method,
      facts: { description: { value, confidence, evidence, way: "generated", method } },
      steps: ["generate_description"],
    },
  };
}

/** Gives each vehicle a description, in one round trip; see `descriptionItem`. @throws DatabaseError */
export async function generateDescriptions(
  database: DatabaseClient,
  fetcher: Fetcher,
  describe: Describe,
  vehicles: readonly HeldVehicle[],
  dryRun: boolean,
): Promise<DescriptionReport[]> {
  const reportAs = (vehicle: HeldVehicle, outcome: "skipped" | "not_started", why: string) => ({
    ...notRead(vehicle.id, outcome, why),
    description: textOf(vehicle.held.description),
  });
  const worked = await workAll<
    HeldVehicle,
    Attempt<ApplyItem | DescriptionReport>,
    DescriptionReport
  >(vehicles, {
    async work(vehicle) {
      const made = await descriptionItem(fetcher, describe, vehicle, !dryRun);
      if (made.kind === "not_started") return made;
      const item = made.kind === "item" ? made.item : reportAs(vehicle, "skipped", made.why);
      return { kind: "done", item };
    },
    write: (items) => write(database, items, dryRun),
  });
  return reportEach(vehicles, worked, {
    finished: ({ result }) => result,
    released: ({ row, why }) => reportAs(row, "not_started", why.message),
  });
}

/** Writes what is to be written, in one round trip; a report stays what it is. */
async function write(
  database: DatabaseClient,
  items: readonly (ApplyItem | DescriptionReport)[],
  dryRun: boolean,
): Promise<DescriptionReport[]> {
  const readings = items.filter((item): item is ApplyItem => "source_url" in item);
  const settled = await settle(database, readings, dryRun);
  const reports = new Map(readings.map((item, index) => [item, settled[index]]));
  return items.flatMap((item) => {
    if (!("source_url" in item)) return [item];
    const report = reports.get(item);
    if (report === undefined) return [];
    return [{ ...report, description: textOf(item.facts?.description?.value) }];
  });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
