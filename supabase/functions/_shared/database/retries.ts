import { z } from "zod";
import { outcomeCode } from "../domain/outcome.ts";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { queue } from "./queue.ts";

const retryRow = z.object({
  id: uuid,
  vehicle_id: uuid.nullable(),
  step_name: z.string(),
  lease_token: uuid.nullable(),
});
/** One step of one vehicle that failed and is to be tried again. */
export type RetryRow = z.infer<typeof retryRow>;

export const RETRY_QUEUE = queue("scrape_retry_queue", retryRow);

/** Makes steps of these vehicles that wait for their next try due now. @throws DatabaseError */
export async function makeRetriesDue(
  database: DatabaseClient,
  vehicleIds: string[],
): Promise<void> {
  const answer = await database.from("scrape_retry_queue")
    .update({ next_retry_at: null })
    .in("vehicle_id", vehicleIds)
    .eq("status", "pending");
  unwrap("making failed steps due", answer);
}

/** Vehicles that have one of these steps to be tried again now, the oldest first. @throws DatabaseError */
export async function vehiclesWithSteps(
  database: DatabaseClient,
  stepNames: string[],
  vehicleIds: string[] | undefined,
  limit: number,
): Promise<string[]> {
  let query = database.from("scrape_retry_queue")
    .select("vehicle_id")
    .in("step_name", stepNames)
    .eq("status", "pending")
    .or(`next_retry_at.is.null,next_retry_at.lte.${new Date().toISOString()}`)
    .not("vehicle_id", "is", null);
  if (vehicleIds !== undefined) query = query.in("vehicle_id", vehicleIds);
  const answer = await query.order("created_at").limit(limit);
  const rows = z.array(z.object({ vehicle_id: uuid })).parse(
    unwrap("finding failed steps", answer),
  );
  return [...new Set(rows.map((row) => row.vehicle_id))];
}

const trouble = z.object({
  vehicle_id: uuid,
  outcome: outcomeCode,
  last_error: z.string().nullable(),
});
/** Why one image is not there. */
export type ImageTrouble = z.infer<typeof trouble>;

/** Why images of these vehicles are not there, those that the site removed left out. @throws DatabaseError */
export async function imageTroubles(
  database: DatabaseClient,
  vehicleIds: string[],
): Promise<ImageTrouble[]> {
  if (vehicleIds.length === 0) return [];
  const answer = await database.from("image_downloads")
    .select("vehicle_id, outcome, last_error")
    .in("vehicle_id", vehicleIds)
    .in("status", ["failed", "pending"])
    .not("outcome", "is", null)
    .order("position");
  return z.array(trouble).parse(unwrap("finding what is wrong with images", answer));
}
