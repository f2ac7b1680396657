import {
  applyExtractions,
  type ApplyItem,
  type ApplyResult,
  previewExtractions,
} from "../../database/apply.ts";
import type { DatabaseClient } from "../../database/client.ts";
import {
  type ImportItem,
  importListings,
  type ImportResult,
  previewImports,
} from "../../database/imports.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";

/** What readings are written with. */
export interface Writing {
  database: DatabaseClient;
  fetcher: Pick<Fetcher, "flush">;
  /** Only asks what would change. */
  dryRun: boolean;
}

type WriteBatch<Item, Result> = (items: Item[]) => Promise<Result[]>;

/**
 * What was fetched is recorded before what was read of it is written: the page that a value came
 * from is on record before the value, and both cost one call a batch. What cannot be recorded now
 * is kept for the flush that ends the run, which says so; it keeps no reading from being written.
 */
async function recordFetches(fetcher: Pick<Fetcher, "flush">): Promise<void> {
  await fetcher.flush().catch(() => {});
}

/** Writes readings of vehicles, up to 20 in one call. @throws DatabaseError */
export function writeReadings(
  { database, fetcher, dryRun }: Writing,
): WriteBatch<ApplyItem, ApplyResult> {
  return async (items) => {
    if (dryRun) return await previewExtractions(database, items);
    await recordFetches(fetcher);
    return await applyExtractions(database, items);
  };
}

/** The same of listings that are to become vehicles. @throws DatabaseError */
export function writeImports(
  { database, fetcher, dryRun }: Writing,
): WriteBatch<ImportItem, ImportResult> {
  return async (items) => {
    if (dryRun) return await previewImports(database, items);
    await recordFetches(fetcher);
    return await importListings(database, items);
  };
}
