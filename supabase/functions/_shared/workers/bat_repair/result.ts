import type { ApplyItem, ApplyResult } from "../../database/apply.ts";
import type { BatRow } from "../../database/bat_queue.ts";
import { rowCounts } from "../lease/queue.ts";
import type { Seen } from "./auction_seen.ts";

/** A row that was read. */
export interface BatRead {
  kind: "done";
  item: ApplyItem;
  seen: Seen;
}

/** What became of one row, for the caller. */
export interface BatRowResult extends Seen {
  id: string;
  vehicle_id: string;
  bat_url: string;
  reason: string;
  priority: number;
  /** Outcome code of the reading, or why it could not be written. */
  outcome: string;
  /** Of the queue row: complete, failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
  changes: ApplyResult["changes"];
  fields_updated: string[];
  conflicts: string[];
  score_before: number | null;
  score_after: number | null;
  /** Parts of the page that could not be written though the rest was, by the name of their step. */
  step_errors: Record<string, string>;
  error: string | null;
}

/** What became of all rows, in rows. */
interface BatCounts {
  processed: number;
  completed: number;
  failed: number;
  /** Not read this time; they are tried again by themselves. */
  waiting: number;
  changed: number;
  /** A sale price or a sale status that was held and was wrong. */
  corrected: number;
  from_snapshots: number;
  /** How the auctions that were read stand: sold, bid_to, no_sale, withdrawn, live, unknown. */
  auctions: Record<string, number>;
}

/** A row's result, for the caller. */
export function batRowResult(row: BatRow, { item, seen }: BatRead, result: ApplyResult) {
  return {
    id: row.id,
    vehicle_id: row.vehicle_id,
    bat_url: row.bat_url,
    reason: row.reason,
    priority: row.priority,
    outcome: result.status === "applied" ? item.outcome : result.status,
    // Without a token there is no row to settle: what is said then is not of this queue.
    status: item.request === undefined ? null : result.state ?? null,
    ...seen,
    changes: result.changes,
    fields_updated: result.fields_updated,
    conflicts: result.conflicts,
    score_before: result.score_before ?? null,
    score_after: result.score_after ?? null,
    step_errors: result.step_errors,
    error: result.error ?? item.error ?? null,
  } satisfies BatRowResult;
}

function isCorrected({ changes }: BatRowResult): boolean {
  return [changes.sale_price, changes.sale_status].some((change) =>
    change !== undefined && change.old !== null && change.old !== undefined
  );
}

/** Counts what became of the rows. */
export function batCounts(results: readonly BatRowResult[]): BatCounts {
  const count = (fits: (one: BatRowResult) => boolean) => results.filter(fits).length;
  const auctions: Record<string, number> = {};
  for (const { auction } of results) {
    if (auction !== null) auctions[auction.outcome] = (auctions[auction.outcome] ?? 0) + 1;
  }
  return {
    ...rowCounts(results),
    changed: count((one) => one.fields_updated.length > 0),
    corrected: count(isCorrected),
    from_snapshots: count(({ from }) => from === "snapshot"),
    auctions,
  };
}
