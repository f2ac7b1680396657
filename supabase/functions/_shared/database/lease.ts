import type { DatabaseClient } from "./client.ts";

/** A row of a leased table; one that was only previewed has no token, so nothing can be written with it. */
export interface Leased {
  lease_token: string | null;
}

/** A row that is handed back, since nothing of it was begun. */
export interface HandedBack<Row> {
  row: Row;
  /** Why. */
  message: string;
  /** Not to be claimed before, ISO 8601; null: it is due at once. */
  retryAt: string | null;
}

/** What can be done with rows under lease, in the words that SQL has for it. */
export interface HeldTable<Row extends Leased> {
  name: string;
  /** Extends leases. @throws DatabaseError */
  heartbeat(database: DatabaseClient, tokens: string[]): Promise<void>;
  /** Hands back rows that were not begun; nothing is counted against them. @throws DatabaseError */
  release(database: DatabaseClient, rows: readonly HandedBack<Row>[]): Promise<void>;
}

/** What every leased table can do. A row's attempt is settled by whoever writes what came of it. */
export interface LeasedTable<Row extends Leased, Wanted> extends HeldTable<Row> {
  /** Leases rows that are due, or that are asked for by name. @throws DatabaseError */
  claim(database: DatabaseClient, wanted: Wanted): Promise<Row[]>;
}

/** Shows what a claim would take. */
export interface Previewed<Row extends Leased, Wanted> {
  /** The rows that a claim would take now, without tokens. Changes nothing. @throws DatabaseError */
  preview(database: DatabaseClient, wanted: Wanted): Promise<Row[]>;
}

/** A leased table of which one can also see what a claim would take. */
export type PreviewedTable<Row extends Leased, Wanted> =
  & LeasedTable<Row, Wanted>
  & Previewed<Row, Wanted>;

/** Leases rows; a dry run only looks at those that a claim would take. @throws DatabaseError */
export async function claimOrPreview<Row extends Leased, Wanted>(
  database: DatabaseClient,
  table: PreviewedTable<Row, Wanted>,
  wanted: Wanted,
  dryRun: boolean,
): Promise<Row[]> {
  return await (dryRun ? table.preview(database, wanted) : table.claim(database, wanted));
}

/** Rows as a preview gives them: whatever token stands on them is somebody else's. */
export function withoutTokens<Row extends Leased>(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, lease_token: null }));
}
