import type { Store } from "./client.ts";
import { taken } from "./error.ts";
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

/** Brings `scrape_sources` in step with the adapters in code, once in the life of a worker. */
export async function syncSources(store: Store, rows: SourceRow[]): Promise<void> {
  if (synchronised) return;
  taken("sync_scrape_sources", await store.rpc("sync_scrape_sources", { p_sources: asJson(rows) }));
  synchronised = true;
}
