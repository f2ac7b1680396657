/** What tables hold, so that it can be seen whether an upgrade lost some of it. */
import type postgres from "postgres";
import { z } from "zod";
import { readTables } from "./columns.ts";

const record = z.record(z.string(), z.unknown());
type Held = Map<string, Record<string, unknown>[]>;

/** All rows of all tables of `public` and `private`. */
export async function readRows(sql: postgres.Sql): Promise<Held> {
  const held: Held = new Map();
  for (const { name } of await readTables(sql)) {
    const rows = await sql.unsafe(`select to_jsonb(held) as row from ${name} as held`);
    held.set(name, rows.map(({ row }) => record.parse(row)));
  }
  return held;
}

/**
 * Rows of before that are no longer held as they were, in words; columns and tables that have been dropped since do
 * not count, since a migration says that of itself.
 */
export function lostRows(before: Held, after: Held): string[] {
  const lost: string[] = [];
  for (const [table, rows] of before) {
    const now = after.get(table);
    if (now === undefined || rows.length === 0) continue;
    const columns = Object.keys(rows[0] ?? {}).filter((name) =>
      now[0] === undefined || name in now[0]
    );
    const spelled = (row: Record<string, unknown>) =>
      JSON.stringify(columns.map((name) => row[name]));
    const kept = new Map<string, number>();
    for (const row of now) kept.set(spelled(row), (kept.get(spelled(row)) ?? 0) + 1);
    for (const row of rows) {
      const left = kept.get(spelled(row)) ?? 0;
      if (left === 0) lost.push(`${table}: ${JSON.stringify(row)}`);
      else kept.set(spelled(row), left - 1);
    }
  }
  return lost;
}
