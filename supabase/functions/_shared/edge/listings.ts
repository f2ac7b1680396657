import { z } from "zod";
import type { DatabaseClient } from "../database/client.ts";
import { type HeldVehicle, loadVehicles } from "../database/vehicles.ts";
import { uuid } from "../domain/uuid.ts";
import { readListingUrl } from "../sources/bringatrailer/listing_url.ts";
import { BadRequest, common } from "./body.ts";
import type { Mistake } from "./json_limits.ts";

/** A vehicle with the listing that it stands on. */
type ListedVehicle = HeldVehicle & { url: string };

/**
 * The body of an action on a Bring a Trailer listing: by its address, or of one vehicle or several.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { url } = batListingChoice.parse({ url: "http://www.bringatrailer.com/listing/x/?a=1" });
 * assert.equal(url, "https://bringatrailer.com/listing/x/");
 * assert.equal(batListingChoice.safeParse({ url: "https://cars.example/x" }).success, false);
 * ```
 */
export const batListingChoice = z.strictObject({
  url: z.string().max(2000).transform((text, context) => {
    const listing = readListingUrl(text);
    if ("url" in listing) return listing.url;
    context.addIssue({ code: "custom", message: listing.why });
    return z.NEVER;
  }).optional(),
  vehicle_id: uuid.optional(),
  vehicle_ids: common.vehicleIds.optional(),
  max_runtime_ms: common.maxRuntimeMs,
  dry_run: common.dryRun,
}).refine(
  ({ url, vehicle_id, vehicle_ids }) =>
    [url, vehicle_id, vehicle_ids].filter((one) => one !== undefined).length === 1,
  { message: "give either url, vehicle_id or vehicle_ids", path: ["url"] },
);
type BatListingChoice = z.infer<typeof batListingChoice>;

/**
 * Loads vehicles, each of which must stand on a listing of Bring a Trailer.
 * @param parameter where the ids stood in the body.
 * @throws BadRequest that names every id that does not.
 */
export async function batVehicles(
  database: DatabaseClient,
  ids: readonly string[],
  parameter: "vehicle_id" | "vehicle_ids",
): Promise<ListedVehicle[]> {
  const held = new Map((await loadVehicles(database, [...ids])).map((one) => [one.id, one]));
  const mistakes: Mistake[] = [];
  const listed = new Map<string, ListedVehicle>();
  ids.forEach((id, place) => {
    const vehicle = held.get(id);
    const path = parameter === "vehicle_id" ? parameter : `${parameter}.${place}`;
    const wrong = (why: string) => mistakes.push({ path, message: `${id}: ${why}` });
    if (vehicle === undefined) return wrong("no such vehicle");
    if (vehicle.url === null) return wrong("the vehicle has no source URL");
    const listing = readListingUrl(vehicle.url);
    if ("why" in listing) return wrong(listing.why);
    listed.set(id, { ...vehicle, url: vehicle.url });
  });
  if (mistakes.length > 0) {
    throw new BadRequest("vehicles that cannot be worked on: see mistakes", mistakes);
  }
  return [...listed.values()];
}

/**
 * The vehicles that a body names by id; none when it names a listing.
 * @throws BadRequest that names every id that is no listing of Bring a Trailer.
 */
export async function chosenBatVehicles(
  database: DatabaseClient,
  { vehicle_id, vehicle_ids }: BatListingChoice,
): Promise<ListedVehicle[]> {
  if (vehicle_id !== undefined) return await batVehicles(database, [vehicle_id], "vehicle_id");
  return vehicle_ids === undefined ? [] : await batVehicles(database, vehicle_ids, "vehicle_ids");
}
