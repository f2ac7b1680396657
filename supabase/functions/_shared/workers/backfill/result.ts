import type { ApplyResult } from "../../database/apply.ts";
import type { BackfillRow } from "../../database/backfill.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import { wasRead } from "../../domain/outcome.ts";
import type { PageFrom } from "../scrape/read_listing.ts";
import { type ReadingReport, reportOf, rowStatus } from "../scrape/report.ts";

/** One row that was worked on: what was asked, and what became of it. */
export interface Done {
  row: BackfillRow;
  from: PageFrom;
  result: ApplyResult;
}

/** What became of one row, for the caller. */
export interface RowResult extends ReadingReport {
  id: string;
  reason: string;
  /** Of the queue row: completed, failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
  from: PageFrom;
}

/** What became of one field over all rows that were read. */
export interface FieldCounts {
  added: number;
  changed: number;
  cleared: number;
  /** Wanted, and the vehicle had it: nothing else was read. */
  already_held: number;
  /** Wanted, and the page does not state it. */
  not_stated: number;
  conflicts: number;
}

/** A row's result, for the caller. */
export function rowResult({ row, from, result }: Done): RowResult {
  const status = rowStatus(row, result);
  return { id: row.id, reason: row.reason, status, from, ...reportOf(result) };
}

/** Counts by field what rows that were read came to: fields that changed, and fields wanted. */
export function fieldCounts(done: readonly Done[]): Record<string, FieldCounts> {
  const counts: Record<string, FieldCounts> = {};
  const count = (what: keyof FieldCounts, fields: readonly string[]) => {
    for (const field of fields) {
      const of = counts[field] ??= {
        added: 0,
        changed: 0,
        cleared: 0,
        already_held: 0,
        not_stated: 0,
        conflicts: 0,
      };
      of[what]++;
    }
  };
  for (const { row, result } of done) {
    if (!wasRead(result.outcome)) continue;
    const { filled, corrected, cleared, conflicts, fields_updated } = result;
    count("added", filled);
    count("changed", corrected);
    count("cleared", cleared);
    count("conflicts", conflicts);
    const moved: readonly string[] = [...fields_updated, ...conflicts];
    const unmoved = row.fields_wanted.filter((field) => !moved.includes(field));
    const isHeld = (field: string) =>
      row.vehicle?.held[field as keyof HeldVehicle["held"]] !== undefined;
    count("already_held", unmoved.filter(isHeld));
    count("not_stated", unmoved.filter((field) => !isHeld(field)));
  }
  return counts;
}
