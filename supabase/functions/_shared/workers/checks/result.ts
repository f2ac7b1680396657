import type { ApplyItem, ApplyResult } from "../../database/apply.ts";
import type { CheckRow } from "../../database/listing_checks.ts";
import { rowCounts } from "../lease/queue.ts";
import type { PageFrom } from "../scrape/read_listing.ts";
import { type ReadingReport, reportOf, rowStatus } from "../scrape/report.ts";

/** A listing that was looked at. */
export interface Looked {
  kind: "done";
  item: ApplyItem;
  /** Where the page came from; null when there was none. */
  from: PageFrom;
}

/** What became of one listing, for the caller. */
export interface LookResult extends ReadingReport {
  id: string;
  listing_id: number;
  listing_url: string;
  from: PageFrom;
  /** Of the row: complete (looked at, or ended), failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
}

/** A row's result, for the caller. */
export function lookResult(row: CheckRow, { from }: Looked, result: ApplyResult): LookResult {
  const { id, listing_id, listing_url } = row;
  return { id, listing_id, listing_url, from, status: rowStatus(row, result), ...reportOf(result) };
}

/** Counts what became of the rows. */
export function lookCounts(results: readonly LookResult[]) {
  const count = (fits: (one: LookResult) => boolean) => results.filter(fits).length;
  return {
    ...rowCounts(results),
    changed: count(({ fields_updated }) => fields_updated.length > 0),
    not_modified: count(({ outcome }) => outcome === "not_modified"),
    gone: count(({ outcome }) => outcome === "gone"),
  };
}
