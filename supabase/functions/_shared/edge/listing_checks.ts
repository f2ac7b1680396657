import type { DatabaseClient } from "../database/client.ts";
import { type CheckRow, findChecks } from "../database/listing_checks.ts";
import { BadRequest } from "./body.ts";
import type { Mistake } from "./json_limits.ts";

/** How a body names listings. */
interface Named {
  listing_ids?: readonly number[];
  vehicle_ids?: readonly string[];
}

/**
 * The listings that a body names; undefined when it names none.
 * @throws BadRequest that names every id of which nothing is for sale or live.
 */
export async function namedChecks(
  database: DatabaseClient,
  { listing_ids: listingIds = [], vehicle_ids: vehicleIds = [] }: Named,
): Promise<CheckRow[] | undefined> {
  if (listingIds.length === 0 && vehicleIds.length === 0) return undefined;
  const rows = await findChecks(database, { listingIds, vehicleIds });
  const listings = new Set(rows.map((row) => row.listing_id));
  const vehicles = new Set(rows.map((row) => row.vehicle_id));
  const mistakes: Mistake[] = [
    ...listingIds.flatMap((id, place) =>
      listings.has(id) ? [] : [{
        path: `listing_ids.${place}`,
        message: `${id}: no such listing, or it is neither for sale nor live`,
      }]
    ),
    ...vehicleIds.flatMap((id, place) =>
      vehicles.has(id) ? [] : [{
        path: `vehicle_ids.${place}`,
        message: `${id}: no such vehicle, or none of its listings is for sale or live`,
      }]
    ),
  ];
  if (mistakes.length > 0) throw new BadRequest("nothing to look at: see mistakes", mistakes);
  return rows;
}
