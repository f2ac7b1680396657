import type { ApplyItem } from "../../database/apply.ts";
import { BACKFILL_QUEUE, type BackfillRow } from "../../database/backfill.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { requestOf } from "../lease/queue.ts";
import { itemOf } from "../scrape/item.ts";
import { type PageFrom, pageFrom, readListing } from "../scrape/read_listing.ts";
import type { SnapshotReader } from "./read_snapshot.ts";

/** A row that was worked on. */
export type RereadRow = { kind: "done"; item: ApplyItem; from: PageFrom };
/** A row that was worked on, or one that could not begin and costs nothing. */
type Reread = RereadRow | NotStarted;

/** What reading again needs of the outside. */
export interface RereadTools {
  fetcher: Fetcher;
  snapshots: SnapshotReader;
  /** Takes snapshots whatever the reason (true), or never (false). */
  useSnapshots?: boolean;
  /** Whether pages that are fetched are kept. */
  keepSnapshot: boolean;
}

/**
 * Whether the snapshot of a listing is good enough. A better scraper reads the old page better; a
 * live auction has moved on since; any other reason asks for the page of today.
 */
export function snapshotWillDo(reason: string, saleStatus: unknown): boolean {
  return reason === "scraper_improved" && saleStatus !== "live";
}

/** The page that a row asks for; null when its vehicle has none. */
export function urlOf({ source_url, vehicle }: BackfillRow): string | null {
  return source_url ?? vehicle?.url ?? null;
}

function triesSnapshot({ reason, vehicle }: BackfillRow, tools: RereadTools): boolean {
  return tools.useSnapshots ?? snapshotWillDo(reason, vehicle?.held.sale_status);
}

/** Announces the pages of a run: those whose snapshots will do, and those of the sites. */
export function expectPages(rows: readonly BackfillRow[], tools: RereadTools): void {
  const snapshots: string[] = [];
  const asked: string[] = [];
  for (const row of rows) {
    const url = urlOf(row);
    if (url !== null) (triesSnapshot(row, tools) ? snapshots : asked).push(url);
  }
  tools.snapshots.expect(snapshots);
  tools.fetcher.expect(asked);
}

function request(row: BackfillRow): Pick<ApplyItem, "vehicle_id" | "request"> {
  return { vehicle_id: row.vehicle_id, ...requestOf(BACKFILL_QUEUE.name, row) };
}

/** What a version declares to be wrong is taken back where it is no longer read. */
function readAgain(row: BackfillRow): Pick<ApplyItem, "read_again"> {
  return row.reextract ? { read_again: row.fields_wanted } : {};
}

/** Reads one vehicle's listing again: from the snapshot when that will do, else from its site. */
export async function reread(row: BackfillRow, tools: RereadTools): Promise<Reread> {
  const url = urlOf(row);
  if (url === null) {
    const error = "the vehicle has no source URL";
    return {
      kind: "done",
      from: null,
      item: { ...request(row), outcome: "invalid", error, source_url: "" },
    };
  }

  if (triesSnapshot(row, tools)) {
    const snapshot = await tools.snapshots.read(url);
    if (snapshot !== null) {
      return {
        kind: "done",
        from: "snapshot",
        item: {
          ...request(row),
          ...itemOf(url, snapshot),
          ...readAgain(row),
          // Says nothing of the page of today: no step of it was made.
          steps: ["read_again"],
          step_metadata: { from: "snapshot", reason: row.reason },
        },
      };
    }
  }

  const reading = await readListing(tools.fetcher, url, { keepSnapshot: tools.keepSnapshot });
  if (reading.kind === "not_started") return reading;
  const item = { ...request(row), ...itemOf(url, reading), ...readAgain(row) };
  return { kind: "done", from: pageFrom(reading), item };
}
