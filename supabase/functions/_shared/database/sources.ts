import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";

/** One adapter, as `scrape_sources` holds it. */
export interface SourceRow {
  slug: string;
  name: string;
  kind: string;
  hosts: string[];
  scraper_name: string;
  scraper_version: string;
}

const scraperAhead = z.object({
  scraper_name: z.string(),
  deployed_version: z.string(),
  registered_version: z.string().nullable(),
});
/** A scraper whose deployed code is newer than what was registered. */
export type ScraperAhead = z.infer<typeof scraperAhead>;

const synced = z.object({ ahead: z.array(scraperAhead) });

/** The scrapers that were improved without anybody saying so, as this worker found them; null: not asked yet. */
let ahead: ScraperAhead[] | null = null;

/**
 * Syncs `scrape_sources` with the adapters in code, once in the life of a worker. Gives the scrapers
 * that are deployed newer than they are registered. @throws DatabaseError
 */
export async function syncSources(
  database: DatabaseClient,
  rows: SourceRow[],
): Promise<ScraperAhead[]> {
  if (ahead !== null) return ahead;
  const answer = await database.rpc("sync_deployed_scrapers", { p_sources: asJson(rows) });
  ahead = synced.parse(unwrap("sync_deployed_scrapers", answer)).ahead;
  return ahead;
}
