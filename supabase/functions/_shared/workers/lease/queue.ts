import type { LeasedRequest } from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import type { Queue, QueueRow } from "../../database/queue.ts";

/** What fences the writing of a row's reading, for its item; nothing in a dry run. */
export function requestOf(
  queue: string,
  row: QueueRow,
): { request?: LeasedRequest } {
  if (row.lease_token === null) return {};
  return { request: { queue, id: row.id, lease_token: row.lease_token } };
}

/**
 * For a run that ends: invokes the next one when rows are due, and gives whether any are. A run that
 * claimed nothing invokes nobody: what is due then is leased to another worker, or behind where
 * claims begin for some seconds, and workers would invoke each other until that is over.
 * @param claimed how many rows the run claimed.
 */
export async function invokeForMore(
  database: DatabaseClient,
  queue: Pick<Queue<QueueRow>, "invokeIfDue">,
  claimed: number,
): Promise<boolean> {
  return claimed > 0 && await queue.invokeIfDue(database);
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
