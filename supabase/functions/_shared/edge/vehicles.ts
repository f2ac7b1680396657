import { z } from "zod";
import type { DatabaseClient } from "../database/client.ts";
import { findUnknownVehicles } from "../database/micro_scrape.ts";
import { type HeldVehicle, loadVehicles } from "../database/vehicles.ts";
import { uuid } from "../domain/uuid.ts";
import { BadRequest, common } from "./body.ts";

/**
 * The body of an action on one vehicle or several.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const vehicle_id = "00000000-0000-4000-8000-000000000001";
 * assert.deepEqual(vehicleChoice.parse({ vehicle_id }), {
 *   vehicle_id,
 *   max_runtime_ms: 30_000,
 *   dry_run: false,
 * });
 * assert.equal(vehicleChoice.safeParse({}).success, false, "either vehicle_id or vehicle_ids");
 * ```
 */
export const vehicleChoice = z.strictObject({
  vehicle_id: uuid.optional(),
  vehicle_ids: common.vehicleIds.optional(),
  max_runtime_ms: common.maxRuntimeMs,
  dry_run: common.dryRun,
}).refine((body) => (body.vehicle_id === undefined) !== (body.vehicle_ids === undefined), {
  message: "give either vehicle_id or vehicle_ids",
  path: ["vehicle_id"],
});
type VehicleChoice = z.infer<typeof vehicleChoice>;

function refuse(troubles: { path: string; message: string }[]): void {
  if (troubles.length > 0) {
    throw new BadRequest("vehicles that cannot be worked on: see mistakes", troubles);
  }
}

/**
 * Checks that each of these vehicles exists and, unless `urlNeeded` is false, has a listing to read.
 * @throws BadRequest that names every id that does not.
 */
export async function requireVehicles(
  database: DatabaseClient,
  ids: string[],
  urlNeeded = true,
): Promise<void> {
  const unknown = (await findUnknownVehicles(database, ids))
    .filter(({ exists }) => urlNeeded || !exists);
  refuse(unknown.map(({ vehicle_id, reason }) => ({
    path: `vehicle_ids.${ids.indexOf(vehicle_id)}`,
    message: `${vehicle_id}: ${reason}`,
  })));
}

/**
 * Loads the vehicles that a body names.
 * @throws BadRequest that names every id that does not exist.
 */
export async function chosenVehicles(
  database: DatabaseClient,
  body: VehicleChoice,
): Promise<HeldVehicle[]> {
  const ids = [...new Set(body.vehicle_ids ?? (body.vehicle_id ? [body.vehicle_id] : []))];
  const vehicles = await loadVehicles(database, ids);
  const known = new Set(vehicles.map(({ id }) => id));
  refuse(ids.flatMap((id, index) =>
    known.has(id) ? [] : [{
      path: body.vehicle_ids ? `vehicle_ids.${index}` : "vehicle_id",
      message: `${id}: no such vehicle`,
    }]
  ));
  return vehicles;
}

/**
 * Loads one vehicle.
 * @throws BadRequest when there is none with this id.
 */
export async function oneVehicle(database: DatabaseClient, id: string): Promise<HeldVehicle> {
  const [vehicle] = await loadVehicles(database, [id]);
  if (vehicle === undefined) {
    throw new BadRequest("vehicles that cannot be worked on: see mistakes", [
      { path: "vehicle_id", message: `${id}: no such vehicle` },
    ]);
  }
  return vehicle;
}

/**
 * Narrows to vehicles with a source URL.
 * @throws BadRequest that names every vehicle without one.
 */
export function requireListings(vehicles: HeldVehicle[]): (HeldVehicle & { url: string })[] {
  refuse(
    vehicles.flatMap(({ id, url }) =>
      url === null ? [{ path: "vehicle_id", message: `${id}: the vehicle has no source URL` }] : []
    ),
  );
  return vehicles.flatMap((vehicle) =>
    vehicle.url === null ? [] : [{ ...vehicle, url: vehicle.url }]
  );
}

/**
 * Checks that the vehicles stand on one site.
 * @throws BadRequest that names every vehicle that does not.
 */
export function requireHost(vehicles: HeldVehicle[], host: string): void {
  refuse(
    vehicles.flatMap((vehicle) =>
      vehicle.host === host
        ? []
        : [{ path: "vehicle_id", message: `${vehicle.id}: not a listing on ${host}` }]
    ),
  );
}
