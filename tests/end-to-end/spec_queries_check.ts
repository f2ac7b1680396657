/** What a statement of the specification is checked by. */
import type postgres from "postgres";

export interface Check {
  /** Words that only this statement has. */
  words: string;
  /** What its text says that it gives. */
  title: string;
  /** In a transaction that is rolled back. */
  check(tx: postgres.TransactionSql, statement: string): Promise<void>;
}

/** Runs a statement as it stands in the document. */
export const run = (
  tx: postgres.TransactionSql,
  statement: string,
): Promise<postgres.Row[]> => tx.unsafe(statement);
