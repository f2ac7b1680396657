import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";

/** A queue of the kernel, and what its rows look like to the worker. */
export interface Queue<Row> {
  name: string;
  row: z.ZodType<Row>;
}

/**
 * Leases rows by priority and age: those due, or with `vehicleIds` those of these vehicles. With
 * `maxAttempts` those that were tried fewer times, and that is their limit from then on.
 */
export async function claimQueue<Row>(
  database: DatabaseClient,
  queue: Queue<Row>,
  limit: number,
  vehicleIds?: string[],
  maxAttempts?: number,
): Promise<Row[]> {
  const answer = await database.rpc("claim_queue", {
    p_queue: queue.name,
    p_limit: limit,
    p_vehicle_ids: vehicleIds,
    p_max_attempts: maxAttempts,
  });
  return z.array(queue.row).parse(unwrap("claim_queue", answer));
}

/** The rows that a claim would take now. Changes nothing. */
export async function previewQueue<Row>(
  database: DatabaseClient,
  queue: Queue<Row>,
  limit: number,
  vehicleIds?: string[],
  maxAttempts?: number,
): Promise<Row[]> {
  const answer = await database.rpc("preview_queue", {
    p_queue: queue.name,
    p_limit: limit,
    p_vehicle_ids: vehicleIds,
    p_max_attempts: maxAttempts,
  });
  return z.array(queue.row).parse(unwrap("preview_queue", answer));
}

/** Extends leases. */
export async function heartbeatQueue(
  database: DatabaseClient,
  queue: string,
  tokens: string[],
): Promise<void> {
  const answer = await database.rpc("heartbeat_queue", { p_queue: queue, p_tokens: tokens });
  unwrap("heartbeat_queue", answer);
}

/** Hands back rows that were not started; their attempts are given back. */
export async function releaseQueue(
  database: DatabaseClient,
  queue: string,
  items: { id: string; lease_token: string; retry_at: string | null }[],
): Promise<void> {
  if (items.length === 0) return;
  unwrap("release_queue", await database.rpc("release_queue", { p_queue: queue, p_items: items }));
}

/** Invokes the queue's worker when rows are due; gives whether any are. */
export async function invokeQueueIfDue(database: DatabaseClient, queue: string): Promise<boolean> {
  const answer = await database.rpc("invoke_queue_if_due", { p_queue: queue });
  return z.boolean().parse(unwrap("invoke_queue_if_due", answer));
}
