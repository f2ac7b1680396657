import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";

const ahead = z.array(z.object({
  scraper_name: z.string(),
  deployed_version: z.string(),
  registered_version: z.string().nullable(),
  meaning: z.string(),
}));
/** A scraper whose deployed code is newer than what was registered. */
type ScraperAhead = z.infer<typeof ahead>[number];

/** The scrapers that were improved without anybody saying so. */
export async function scrapersAhead(database: DatabaseClient): Promise<ScraperAhead[]> {
  const answer = await database.from("scrapers_ahead_of_registry").select();
  return ahead.parse(unwrap("scrapers_ahead_of_registry", answer));
}
