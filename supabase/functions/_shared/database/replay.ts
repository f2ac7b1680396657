import { z } from "zod";
import { FIELD_NAMES } from "../domain/fact.ts";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";

const fields = z.enum(FIELD_NAMES);
const portion = z.object({
  vehicles: z.array(z.object({
    id: uuid,
    url: z.string(),
    held: z.partialRecord(fields, z.union([z.string(), z.number()])),
    /** Who read what is held of each field. */
    methods: z.record(z.string(), z.string()),
  })),
  next_host: z.string().nullable(),
  next_after: uuid.nullish().transform((id) => id ?? null),
});
/** Some vehicles of a scraper, and where the next ones are. */
type ScraperPortion = z.infer<typeof portion>;
export type ReplayedVehicle = ScraperPortion["vehicles"][number];

/** The next vehicles that a scraper reads. @throws DatabaseError, also for an unknown scraper. */
export async function vehiclesOfScraper(
  database: DatabaseClient,
  scraper: string,
  from: { host: string; after: string | null },
  limit: number,
): Promise<ScraperPortion> {
  const answer = await database.rpc("vehicles_of_scraper", {
    p_scraper: scraper,
    p_host: from.host,
    p_after: from.after ?? undefined,
    p_limit: limit,
  });
  return portion.parse(unwrap("vehicles_of_scraper", answer));
}
