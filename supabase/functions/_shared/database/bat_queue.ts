import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { queue } from "./queue.ts";

const batRow = z.object({
  id: uuid,
  vehicle_id: uuid,
  bat_url: z.string(),
  priority: z.int(),
  /** "new", "manual", or what is wrong with the vehicle; see queue_bat_backfill_vehicles(). */
  reason: z.string(),
  lease_token: uuid.nullable(),
});
/** One Bring a Trailer listing to read, and why. */
export type BatRow = z.infer<typeof batRow>;

export const BAT_QUEUE = queue("bat_extraction_queue", batRow);

/**
 * Queues vehicles that somebody asks for by name: with fresh attempts, due now, on the
 * listing that it stands on. What a worker holds under lease is left to it.
 */
export async function queueBatVehicles(
  database: DatabaseClient,
  vehicles: readonly { id: string; url: string }[],
): Promise<void> {
  const rows = vehicles.map(({ id, url }) => ({ vehicle_id: id, bat_url: url }));
  const put = await database.from("bat_extraction_queue")
    .upsert(rows, { onConflict: "vehicle_id" });
  unwrap("queue Bring a Trailer vehicles", put);
  const ids = vehicles.map(({ id }) => id);
  // Put back to pending a row starts anew, whatever it was before.
  const due = await database.from("bat_extraction_queue")
    .update({ status: "pending" })
    .in("vehicle_id", ids)
    .neq("status", "processing");
  unwrap("make Bring a Trailer vehicles due", due);
}
