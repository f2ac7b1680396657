import { z } from "zod";
import { type ApplyItem, applyResult } from "./apply.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import { withRetry } from "./with_retry.ts";

/** A reading that is to become a vehicle: as for `applyExtractions`, with its listing in place of the vehicle. */
export type ImportItem = Omit<ApplyItem, "vehicle_id">;

const importResult = applyResult.extend({
  /** The vehicle it became or belongs to; null when it is none. */
  vehicle_id: z.string().nullable().default(null),
  created: z.boolean().default(false),
  /** The car was here by another listing: its VIN proves it. */
  joined: z.boolean().default(false),
  /** Joined, by another auction. */
  relisting: z.boolean().default(false),
});
/** What became of one item. */
export type ImportResult = z.infer<typeof importResult>;

/**
 * Makes vehicles of readings in one round trip; results come in the order of the items. A listing
 * that is here already, under any spelling, is applied to its vehicle.
 * @throws DatabaseError when the database refuses the batch or stays away.
 */
export async function importListings(
  database: DatabaseClient,
  items: ImportItem[],
): Promise<ImportResult[]> {
  if (items.length === 0) return [];
  return await withRetry(async () => {
    const answer = await database.rpc("import_listings", { p_items: asJson(items) });
    return z.array(importResult).parse(unwrap("import_listings", answer));
  });
}

/** What `importListings` would answer. Changes nothing. */
export async function previewImports(
  database: DatabaseClient,
  items: ImportItem[],
): Promise<ImportResult[]> {
  if (items.length === 0) return [];
  const answer = await database.rpc("preview_imports", { p_items: asJson(items) });
  return z.array(importResult).parse(unwrap("preview_imports", answer));
}

/** A listing to queue, as an index page shows it. Prices in units of `currency`, times ISO 8601. */
interface FoundListing {
  url: string;
  source?: string | null;
  title?: string | null;
  price?: number | null;
  price_kind?: "bid" | "sale" | "asking" | null;
  currency?: string | null;
  ends_at?: string | null;
  /** Whether it is over, where the index says so. */
  ended?: boolean | null;
  year?: number | null;
  make?: string | null;
  model?: string | null;
  thumbnail_url?: string | null;
  /** The site's own words, small. */
  raw?: Record<string, unknown>;
  /** The higher goes first; 100 by default. */
  priority?: number;
}

const enqueued = z.object({
  queued: z.int(),
  known: z.int(),
  refreshed: z.int(),
  /** Items that cannot be listings; the others were queued. */
  refused: z.int(),
  /** Of the first of them: which, counted from 0, and why. */
  mistakes: z.array(z.object({ item: z.int(), url: z.string().nullable(), why: z.string() })),
});

/**
 * Queues listings for import, each once whatever its spelling.
 * @param from the feed on which they were found: that it names them is a look at those that are held.
 * @throws DatabaseError
 */
export async function enqueueListings(
  database: DatabaseClient,
  items: readonly FoundListing[],
  from: string | null = null,
): Promise<z.infer<typeof enqueued>> {
  const answer = await database.rpc("enqueue_listings", {
    p_items: asJson(items),
    p_from: from ?? undefined,
  });
  return enqueued.parse(unwrap("enqueue_listings", answer));
}
