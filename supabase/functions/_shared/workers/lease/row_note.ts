import type { RowNote } from "../../domain/run_notes.ts";

function textIn(value: object, ...names: string[]): string | null {
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of names) {
    const field = fields.get(name);
    if (typeof field === "string") return field;
  }
  return null;
}

/**
 * What the log says of a row that was worked on: read from whatever queue the row is of, since all
 * say it in the same words. `null` where a row or what was written of it does not say.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const row = { id: "7", bat_url: "https://bringatrailer.com/listing/x/" };
 * const result = { vehicle_id: "8", outcome: "gone", error: "404", state: "failed" };
 * assert.deepEqual(rowNote(row, result), {
 *   vehicle_id: "8",
 *   url: "https://bringatrailer.com/listing/x/",
 *   outcome: "gone",
 *   error: "404",
 *   state: "failed",
 * });
 * ```
 */
export function rowNote(row: object, result: unknown): RowNote {
  const written = typeof result === "object" && result !== null ? result : {};
  return {
    vehicle_id: textIn(written, "vehicle_id") ?? textIn(row, "vehicle_id"),
    url: textIn(row, "source_url", "bat_url", "listing_url", "url"),
    outcome: textIn(written, "outcome"),
    error: textIn(written, "error"),
    state: textIn(written, "state", "status"),
  };
}
