import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { queue } from "./queue.ts";
import { type Snapshot, snapshot } from "./snapshots.ts";
import { claimedVehicle } from "./vehicles.ts";

const backfillRow = z.object({
  id: uuid,
  vehicle_id: uuid,
  reason: z.string(),
  source_url: z.string().nullable(),
  lease_token: uuid.nullable(),
  /** What the row hopes for; empty: whatever the page says. */
  fields_wanted: z.array(z.string()),
  /** An older version read some of `fields_wanted` wrong. */
  reextract: z.boolean(),
  /** Null when it was deleted. */
  vehicle: claimedVehicle.nullable(),
});
/** One vehicle to read again, and why. */
export type BackfillRow = z.infer<typeof backfillRow>;

export const BACKFILL_QUEUE = queue("backfill_queue", backfillRow, { withVehicles: true });

/** Queues vehicles that somebody asks for by name; those that wait already are due now. */
export async function queueVehicles(database: DatabaseClient, vehicleIds: string[]): Promise<void> {
  const answer = await database.rpc("queue_vehicles_for_backfill", { p_vehicle_ids: vehicleIds });
  unwrap("queue_vehicles_for_backfill", answer);
}

/** Good snapshots of a listing that are older than this one, the newest first. */
export async function olderSnapshots(
  database: DatabaseClient,
  url: string,
  before: string,
): Promise<Snapshot[]> {
  const answer = await database.rpc("page_snapshots_before", { p_url: url, p_before: before });
  return z.array(snapshot).parse(unwrap("page_snapshots_before", answer));
}
