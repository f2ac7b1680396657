import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";

const found = z.array(z.object({ id: uuid }));

/** The vehicle that stands, or once stood, on a listing, under whatever spelling of its URL. */
export async function findVehicleByListing(
  database: DatabaseClient,
  url: string,
): Promise<string | null> {
  const answer = await database.rpc("canonical_listing_url", { p_url: url });
  const canonical = z.string().nullable().parse(unwrap("canonical_listing_url", answer));
  if (canonical === null) return null;
  const [stands, stood] = await Promise.all([
    database.from("vehicles").select("id").eq("canonical_url", canonical),
    database.from("auction_events").select("id:vehicle_id").eq("source_url", canonical),
  ]);
  const [now] = found.parse(unwrap("find a vehicle by its listing", stands));
  const [once] = found.parse(unwrap("find a vehicle by its auction", stood));
  return (now ?? once)?.id ?? null;
}
