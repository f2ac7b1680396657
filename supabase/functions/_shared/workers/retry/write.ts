import { settleRetries } from "../../database/retries.ts";
import { notRead, type ReadingReport, reportOf, rowStatus } from "../scrape/report.ts";
import { writeReadings, type Writing } from "../scrape/write.ts";
import type { RetryItem } from "./item.ts";

/** What became of one step that was tried. */
export interface Written extends ReadingReport {
  /** Of the queue row; null in a dry run, and when the lease was lost. */
  status: string | null;
}

/** Writes what came of steps, in one round trip for all readings; a dry run only asks what would change. */
export async function writeTries(writing: Writing, items: RetryItem[]): Promise<Written[]> {
  const readings = items.filter((one) => one.kind === "reading");
  const others = items.filter((one) => one.kind === "ended");
  const results = readings.length === 0
    ? []
    : await writeReadings(writing)(readings.map(({ item }) => item));
  const settled = await settleRetries(
    writing.database,
    others.flatMap(({ row: { id, lease_token }, outcome, error }) =>
      lease_token === null ? [] : [{ id, lease_token, outcome, error }]
    ),
  );

  const written = new Map<RetryItem, Written>();
  readings.forEach((one, index) => {
    const result = results[index];
    if (result === undefined) return;
    written.set(one, { ...reportOf(result), status: rowStatus(one.row, result) });
  });
  for (const one of others) {
    const { row: { id, vehicle_id }, outcome, error } = one;
    const status = settled.get(id) ?? null;
    written.set(one, { ...notRead(vehicle_id, outcome, error), status });
  }
  return items.flatMap((one) => written.get(one) ?? []);
}
