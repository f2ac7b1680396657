import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { Store } from "./client.ts";
import { taken } from "./error.ts";
import type { Queue } from "./queue.ts";

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

export const BAT_QUEUE: Queue<BatRow> = { name: "bat_extraction_queue", row: batRow };

/**
 * Queues vehicles that somebody asks for by name: with fresh attempts, due now, on the
 * listing that it stands on. What a worker has in hand is left to it.
 */
export async function queueBatVehicles(
  store: Store,
  vehicles: readonly { id: string; url: string }[],
): Promise<void> {
  const rows = vehicles.map(({ id, url }) => ({ vehicle_id: id, bat_url: url }));
  const put = await store.from("bat_extraction_queue")
    .upsert(rows, { onConflict: "vehicle_id" });
  taken("queue Bring a Trailer vehicles", put);
  const ids = vehicles.map(({ id }) => id);
  // Put back to pending a row starts anew, whatever it was before.
  const due = await store.from("bat_extraction_queue")
    .update({ status: "pending" })
    .in("vehicle_id", ids)
    .neq("status", "processing");
  taken("make Bring a Trailer vehicles due", due);
}
