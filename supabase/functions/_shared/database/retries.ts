import { z } from "zod";
import type { OutcomeCode } from "../domain/outcome.ts";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import { queue } from "./queue.ts";
import { claimedVehicle } from "./vehicles.ts";

const retryRow = z.object({
  id: uuid,
  vehicle_id: uuid.nullable(),
  step_name: z.string(),
  lease_token: uuid.nullable(),
  vehicle: claimedVehicle.nullable(),
});
/** One step of one vehicle that failed and is to be tried again. */
export type RetryRow = z.infer<typeof retryRow>;

export const RETRY_QUEUE = queue("scrape_retry_queue", retryRow, { withVehicles: true });

/** What ends an attempt that was no reading. */
interface Settlement {
  id: string;
  lease_token: string;
  outcome: OutcomeCode;
  error: string | null;
}

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

/**
 * Ends attempts and writes down how their steps ended. Gives each row's new status, null where the
 * lease was lost. @throws DatabaseError
 */
export async function settleRetries(
  database: DatabaseClient,
  items: readonly Settlement[],
): Promise<Map<string, string | null>> {
  if (items.length === 0) return new Map();
  const answer = await database.rpc("settle_retries", { p_items: asJson(items) });
  const settled = z.array(z.object({ id: z.string(), status: z.string().nullable() }))
    .parse(unwrap("settle_retries", answer));
  return new Map(settled.map(({ id, status }) => [id, status]));
}
