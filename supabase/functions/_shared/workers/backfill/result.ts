import type { ApplyItem, ApplyResult } from "../../database/apply.ts";
import type { BackfillRow } from "../../database/backfill.ts";
import type { HeldVehicle } from "../../database/vehicles.ts";
import { wasRead } from "../../domain/outcome.ts";
import type { From } from "./reread.ts";

/** One row that was worked on: what was asked, what was sent, what became of it. */
export interface Done {
  row: BackfillRow;
  vehicle: HeldVehicle | undefined;
  item: ApplyItem;
  from: From;
  result: ApplyResult;
}

/** What became of one row, for the caller. */
export interface RowResult {
  id: string;
  vehicle_id: string;
  reason: string;
  /** Outcome code of the reading, or why it could not be written. */
  outcome: string;
  /** Of the queue row: completed, failed, or pending when it is tried again; null in a dry run. */
  status: string | null;
  from: From;
  changes: ApplyResult["changes"];
  fields_updated: string[];
  conflicts: string[];
  score_before: number | null;
  score_after: number | null;
  error: string | null;
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
export function rowResult({ row, item, from, result }: Done): RowResult {
  return {
    id: row.id,
    vehicle_id: row.vehicle_id,
    reason: row.reason,
    outcome: result.status === "applied" ? item.outcome : result.status,
    status: result.state ?? null,
    from,
    changes: result.changes,
    fields_updated: result.fields_updated,
    conflicts: result.conflicts,
    score_before: result.score_before ?? null,
    score_after: result.score_after ?? null,
    error: result.error ?? item.error ?? null,
  };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined;
}

/** Counts by field what rows that were read came to: fields that changed, and fields wanted. */
export function fieldCounts(done: readonly Done[]): Record<string, FieldCounts> {
  const counts: Record<string, FieldCounts> = {};
  const of = (field: string) =>
    counts[field] ??= {
      added: 0,
      changed: 0,
      cleared: 0,
      already_held: 0,
      not_stated: 0,
      conflicts: 0,
    };
  for (const { row, vehicle, item, result } of done) {
    if (result.status !== "applied" || !wasRead(item.outcome)) continue;
    for (const [field, { old, new: value }] of Object.entries(result.changes)) {
      if (isEmpty(old)) of(field).added++;
      else if (isEmpty(value)) of(field).cleared++;
      else of(field).changed++;
    }
    for (const field of result.conflicts) of(field).conflicts++;
    for (const field of row.fields_wanted) {
      if (field in result.changes || result.conflicts.includes(field)) continue;
      const held = vehicle?.held[field as keyof HeldVehicle["held"]];
      if (isEmpty(held)) of(field).not_stated++;
      else of(field).already_held++;
    }
  }
  return counts;
}
