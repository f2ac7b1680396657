import type { LeasedRequest } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import {
  claimQueue,
  heartbeatQueue,
  invokeQueueIfDue,
  previewQueue,
  type Queue,
  releaseQueue,
} from "../../database/queue.ts";
import type { NotStarted } from "../../fetching/result.ts";
import {
  type Done,
  type Finished,
  type Job,
  type Leased,
  type Released,
  workRows,
} from "./work.ts";

/** A row of a queue of the kernel. */
interface QueueRow extends Leased {
  id: string;
}

/** Which rows of a queue a run takes. */
interface Taking {
  limit: number;
  /** Only rows of these vehicles, whether they are due or not. */
  vehicleIds?: string[];
  /** Only rows that were tried fewer times; it is their limit from then on. */
  maxAttempts?: number;
  /** Only looks: the rows carry no token, so nothing that is made of them can be fenced or settled. */
  dryRun: boolean;
}

/** What a job on a queue needs to know; the queue knows how to hold and hand back its rows. */
export type QueueJob<
  Row extends QueueRow,
  One extends Finished<unknown>,
  Result,
> = Omit<
  Job<Row, One, Result>,
  "beat" | "release"
>;

/** What a run did to the rows of a queue. */
interface QueueWork<Row, One, Result> {
  done: Done<Row, One, Result>[];
  released: Released<Row>[];
}

/**
 * Leases rows that are due, in one claim; a dry run looks at those that a claim would take.
 * @throws StoreError
 */
export async function takeRows<Row extends QueueRow>(
  database: DatabaseClient,
  queue: Queue<Row>,
  { limit, vehicleIds, maxAttempts, dryRun }: Taking,
): Promise<Row[]> {
  if (!dryRun) {
    return await claimQueue(database, queue, limit, vehicleIds, maxAttempts);
  }
  const rows = await previewQueue(database, queue, limit, vehicleIds, maxAttempts);
  return rows.map((row) => ({ ...row, lease_token: null }));
}

/** What fences the writing of a row's reading, for its item; nothing in a dry run. */
export function requestOf(
  queue: string,
  row: QueueRow,
): { request?: LeasedRequest } {
  if (row.lease_token === null) return {};
  return { request: { queue, id: row.id, lease_token: row.lease_token } };
}

/** A row that was not begun because the time was up; due again at once. */
export function outOfTime(): NotStarted {
  return {
    kind: "not_started",
    reason: "deadline",
    message: "the time of this run was up",
    retryAt: new Date().toISOString(),
  };
}

async function release<Row extends QueueRow>(
  database: DatabaseClient,
  queue: string,
  late: readonly Released<Row>[],
): Promise<void> {
  const items = late.flatMap(({ row, why }) =>
    row.lease_token === null ? [] : [{
      id: row.id,
      lease_token: row.lease_token,
      // What only ran out of time is due at once.
      retry_at: why.reason === "deadline" ? null : why.retryAt,
    }]
  );
  await releaseQueue(database, queue, items);
}

/**
 * Works on rows that `takeRows` gave: at most 8 at once, written in batches, leases extended
 * meanwhile, what was not begun handed back.
 * @throws StoreError when the database cannot be reached; the leases then run out by themselves.
 */
export async function workQueue<
  Row extends QueueRow,
  One extends Finished<unknown>,
  Result,
>(
  database: DatabaseClient,
  queue: Queue<Row>,
  rows: readonly Row[],
  job: QueueJob<Row, One, Result>,
): Promise<QueueWork<Row, One, Result>> {
  const { done, released, broken } = await workRows(rows, {
    ...job,
    beat: (tokens) => heartbeatQueue(database, queue.name, tokens),
    release: (late) => release(database, queue.name, late),
  });
  if (broken !== null) throw broken.error;
  return { done, released };
}

/**
 * For a run that ends: invokes the next one when rows are due, and gives whether any are. A run that
 * took nothing invokes nobody: what is due then is leased by another worker, or behind where
 * claims begin for some seconds, and the calls would go on until that is over.
 * @param taken how many rows the run took.
 */
export async function invokeForMore(
  database: DatabaseClient,
  queue: string,
  taken: number,
): Promise<boolean> {
  return taken > 0 && await invokeQueueIfDue(database, queue);
}

/** How many rows ended how, by their status; `waiting` are tried again. */
export function rowCounts(results: readonly { status: string | null }[]) {
  const count = (...words: (string | null)[]) =>
    results.filter(({ status }) => words.includes(status)).length;
  return {
    processed: results.length,
    completed: count("completed", "complete"),
    failed: count("failed"),
    waiting: count("pending"),
  };
}
