import pLimit from "p-limit";
import { DatabaseError } from "../../database/error.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { BatchWriter, type WriteBatch } from "./batch_writer.ts";
import { keepLeases } from "./lease_keeper.ts";

/** Rows worked at once: 8 pages of 8 MB stay well under the memory of a hosted function. */
const AT_ONCE = 8;

/** What all rows that are worked on have in common; a row that is only looked at has no token. */
export interface Leased {
  lease_token: string | null;
}

/** A row that was worked on, and what is to be written of it. Jobs may say more in it. */
export interface Finished<Item> {
  kind: "done";
  item: Item;
}

/** Says that something went wrong that does not end the run. */
export type Warn = (what: string, error: unknown) => void;

/** What is done to each row, and what holds it meanwhile. */
export interface Job<Row extends Leased, One extends Finished<unknown>, Result> {
  /** Rows worked at once; 8 by default. */
  atOnce?: number;
  /** Reads what the row asks for. A throw, unless it is a `StoreError`, is an attempt that failed. */
  work(row: Row): Promise<One | NotStarted>;
  /** An attempt that broke, as it is written: counted, so that no row breaks every run for ever. */
  failure(row: Row, message: string): One;
  /** Writes up to 20 items in one round trip; it settles their rows. */
  write: WriteBatch<One["item"], Result>;
  /** Extends the leases of these tokens. */
  beat(tokens: string[]): Promise<unknown>;
  /** Hands back leased rows that were not begun. */
  release(late: Released<Row>[]): Promise<unknown>;
  report: Warn;
}

/** One row that was worked on: what was made of it, and what writing that answered. */
export interface Done<Row, One, Result> {
  row: Row;
  one: One;
  result: Result;
}

/** One row that was handed back untouched, and why. */
export interface Released<Row> {
  row: Row;
  why: NotStarted;
}

/** What became of all rows. */
interface Outcome<Row, One, Result> {
  done: Done<Row, One, Result>[];
  released: Released<Row>[];
  /** What ended the run early, a `StoreError` as a rule; the leases it leaves run out by themselves. */
  broken: { error: unknown } | null;
}

async function workOrFailure<Row extends Leased, One extends Finished<unknown>, Result>(
  row: Row,
  job: Job<Row, One, Result>,
): Promise<One | NotStarted> {
  try {
    return await job.work(row);
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    job.report("a row broke", error);
    return job.failure(row, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Works on leased rows, several at once: writes what comes of them in batches, extends their leases
 * meanwhile, and hands back what was not begun. Never throws; see `broken`.
 */
export async function workRows<Row extends Leased, One extends Finished<unknown>, Result>(
  rows: readonly Row[],
  job: Job<Row, One, Result>,
): Promise<Outcome<Row, One, Result>> {
  const outcome: Outcome<Row, One, Result> = { done: [], released: [], broken: null };
  const tokens = new Set(rows.flatMap((row) => row.lease_token ?? []));
  const leases = keepLeases(
    (held) => job.beat(held),
    tokens,
    (error) => job.report("a heartbeat failed", error),
  );
  const limit = pLimit(job.atOnce ?? AT_ONCE);
  const writer = new BatchWriter(job.write, rows.length);

  const workOn = async (row: Row): Promise<void> => {
    const one = await limit(() => workOrFailure(row, job)).catch((error) => {
      writer.skip();
      throw error;
    });
    if (one.kind === "not_started") {
      outcome.released.push({ row, why: one });
      writer.skip();
      return;
    }
    outcome.done.push({ row, one, result: await writer.write(one.item) });
    if (row.lease_token !== null) tokens.delete(row.lease_token);
  };

  try {
    const ended = await Promise.allSettled(rows.map(workOn));
    const broken = ended.find((one) => one.status === "rejected");
    if (broken !== undefined) outcome.broken = { error: broken.reason };
    const late = outcome.released.filter(({ row }) => row.lease_token !== null);
    if (late.length > 0) await job.release(late);
  } catch (error) {
    outcome.broken ??= { error };
  } finally {
    leases.stop();
  }
  return outcome;
}
