import { z } from "zod";
import type { Store } from "./client.ts";
import { taken } from "./error.ts";

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
  store: Store,
  queue: Queue<Row>,
  limit: number,
  vehicleIds?: string[],
  maxAttempts?: number,
): Promise<Row[]> {
  const answer = await store.rpc("claim_queue", {
    p_queue: queue.name,
    p_limit: limit,
    p_vehicle_ids: vehicleIds,
    p_max_attempts: maxAttempts,
  });
  return z.array(queue.row).parse(taken("claim_queue", answer));
}

/** The rows that a claim would take now. Changes nothing. */
export async function previewQueue<Row>(
  store: Store,
  queue: Queue<Row>,
  limit: number,
  vehicleIds?: string[],
  maxAttempts?: number,
): Promise<Row[]> {
  const answer = await store.rpc("preview_queue", {
    p_queue: queue.name,
    p_limit: limit,
    p_vehicle_ids: vehicleIds,
    p_max_attempts: maxAttempts,
  });
  return z.array(queue.row).parse(taken("preview_queue", answer));
}

/** Extends leases. */
export async function heartbeatQueue(store: Store, queue: string, tokens: string[]): Promise<void> {
  const answer = await store.rpc("heartbeat_queue", { p_queue: queue, p_tokens: tokens });
  taken("heartbeat_queue", answer);
}

/** Hands back rows that were not started; their attempts are given back. */
export async function releaseQueue(
  store: Store,
  queue: string,
  items: { id: string; lease_token: string; retry_at: string | null }[],
): Promise<void> {
  if (items.length === 0) return;
  taken("release_queue", await store.rpc("release_queue", { p_queue: queue, p_items: items }));
}

/** Rings the queue's worker when rows are due; gives whether any are. */
export async function ringQueueIfDue(store: Store, queue: string): Promise<boolean> {
  const answer = await store.rpc("ring_queue_if_due", { p_queue: queue });
  return z.boolean().parse(taken("ring_queue_if_due", answer));
}
