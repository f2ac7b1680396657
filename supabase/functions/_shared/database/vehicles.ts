import { z } from "zod";
import { FIELD_NAMES } from "../domain/fact.ts";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";

const ofVehicle = z.object({
  id: uuid,
  listing_url: z.string().nullable(),
  source_host: z.string().nullable(),
  description_source: z.string().nullable(),
});
const vehicle = ofVehicle.and(z.record(z.string(), z.unknown()));

/** A vehicle with the facts held of it; fields without a value are left out of `held`. */
export interface HeldVehicle {
  id: string;
  url: string | null;
  host: string | null;
  descriptionSource: string | null;
  held: Partial<Record<(typeof FIELD_NAMES)[number], string | number>>;
}

const value = z.union([z.string(), z.number()]);

/** A vehicle as `claim_queue` gives it with a row. */
export const claimedVehicle = ofVehicle
  .extend({ held: z.partialRecord(z.enum(FIELD_NAMES), value) })
  .transform(({ id, listing_url, source_host, description_source, held }): HeldVehicle => ({
    id,
    url: listing_url,
    host: source_host,
    descriptionSource: description_source,
    held,
  }));

const COLUMNS = Object.keys(ofVehicle.shape);

/** Loads vehicles by id, in the order asked; ids that are unknown are left out. */
export async function loadVehicles(
  database: DatabaseClient,
  ids: string[],
): Promise<HeldVehicle[]> {
  const answer = await database.from("vehicles")
    .select([...COLUMNS, ...FIELD_NAMES].join(","))
    .in("id", ids);
  const rows = z.array(vehicle).parse(unwrap("load vehicles", answer));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (row === undefined) return [];
    const held = Object.fromEntries(
      FIELD_NAMES.map((name) => [name, row[name]]).filter(([, value]) => value !== null),
    );
    return [{
      id,
      url: row.listing_url,
      host: row.source_host,
      descriptionSource: row.description_source,
      held,
    }];
  });
}
