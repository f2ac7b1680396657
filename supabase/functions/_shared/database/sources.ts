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

let synchronised = false;

/** Syncs `scrape_sources` with the adapters in code, once in the life of a worker. */
export async function syncSources(database: DatabaseClient, rows: SourceRow[]): Promise<void> {
  if (synchronised) return;
  unwrap(
    "sync_scrape_sources",
    await database.rpc("sync_scrape_sources", { p_sources: asJson(rows) }),
  );
  synchronised = true;
}
