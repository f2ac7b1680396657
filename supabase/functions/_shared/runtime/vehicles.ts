import type { Store } from "../store/client.ts";
import { findUnknownVehicles } from "../store/micro_scrape.ts";
import { BadRequest } from "./body.ts";

/**
 * Checks that each of these vehicles exists and has a listing to read.
 * @throws BadRequest that names every id that does not.
 */
export async function requireVehicles(store: Store, ids: string[]): Promise<void> {
  const unknown = await findUnknownVehicles(store, ids);
  if (unknown.length === 0) return;
  throw new BadRequest(
    "vehicles that cannot be worked on: see mistakes",
    unknown.map(({ vehicle_id, reason }) => ({
      path: `vehicle_ids.${ids.indexOf(vehicle_id)}`,
      message: `${vehicle_id}: ${reason}`,
    })),
  );
}
