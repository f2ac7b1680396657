import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { queue } from "./queue.ts";

const checkRow = z.object({
  id: uuid,
  listing_id: z.int(),
  vehicle_id: uuid,
  listing_url: z.string(),
  lease_token: uuid.nullable(),
});
/** A listing that is for sale or live, to be looked at again. */
export type CheckRow = z.infer<typeof checkRow>;

export const LISTING_CHECKS = queue("listing_checks", checkRow);

/** Listings that somebody asks for by name. */
interface NamedListings {
  listingIds: readonly number[];
  /** All listings of these vehicles. */
  vehicleIds: readonly string[];
}

/**
 * The rows of these listings; one that has ended has none. Tokens are left out: they are somebody else's.
 * @throws DatabaseError
 */
export async function findChecks(
  database: DatabaseClient,
  { listingIds, vehicleIds }: NamedListings,
): Promise<CheckRow[]> {
  const columns = "id, listing_id, vehicle_id, listing_url";
  const [byListing, byVehicle] = await Promise.all([
    database.from("listing_checks").select(columns).in("listing_id", [...listingIds]),
    database.from("listing_checks").select(columns).in("vehicle_id", [...vehicleIds]),
  ]);
  const named = z.array(checkRow.omit({ lease_token: true }));
  const found = [byListing, byVehicle].flatMap((answer) =>
    named.parse(unwrap("find listing checks", answer))
  );
  const rows = new Map(found.map((row) => [row.id, { ...row, lease_token: null }]));
  return [...rows.values()].sort((a, b) => a.listing_id - b.listing_id);
}

/** Makes these rows due now, with fresh attempts; what a worker holds under lease is left to it. @throws DatabaseError */
export async function makeChecksDue(
  database: DatabaseClient,
  rows: readonly CheckRow[],
): Promise<void> {
  const due = await database.from("listing_checks")
    .update({ status: "pending", requeue_at: new Date().toISOString() })
    .in("id", rows.map(({ id }) => id))
    .neq("status", "processing");
  unwrap("make listing checks due", due);
}
