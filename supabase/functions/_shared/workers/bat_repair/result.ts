import type { ApplyItem, ApplyResult } from "../../database/apply.ts";
import type { BatRow } from "../../database/bat_queue.ts";
import { rowCounts } from "../lease/queue.ts";
import { type ReadingReport, reportOf, rowStatus } from "../scrape/report.ts";
import type { Seen } from "./auction_seen.ts";

/** A row that was read. */
export interface BatRead {
  kind: "done";
  item: ApplyItem;
  seen: Seen;
}

/** What became of one row, for the caller. */
export interface BatRowResult extends ReadingReport, Seen {
  id: string;
  bat_url: string;
  reason: string;
  priority: number;
  /** Of the queue row: complete, failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
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
export function batRowResult(
  row: BatRow,
  { seen }: BatRead,
  result: ApplyResult,
): BatRowResult {
  const { id, bat_url, reason, priority } = row;
  const status = rowStatus(row, result);
  return { id, bat_url, reason, priority, status, ...reportOf(result), ...seen };
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
    corrected: count(({ corrected, cleared }) =>
      [...corrected, ...cleared].some((field) => field === "sale_price" || field === "sale_status")
    ),
    from_snapshots: count(({ from }) => from === "snapshot"),
    auctions,
  };
}
