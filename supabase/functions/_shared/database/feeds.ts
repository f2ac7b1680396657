import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import { type PreviewedTable, withoutTokens } from "./lease.ts";

const validators = z.object({
  final_url: z.string(),
  etag: z.string().nullable(),
  last_modified: z.string().nullable(),
});

const listingFeed = z.object({
  id: uuid,
  source: z.string().nullable(),
  url: z.string(),
  lease_token: uuid.nullable(),
  /** Pages of it that a check reads, the first included. */
  pages: z.int(),
  /** Of the version that was last read in full. */
  validators: validators.nullable(),
  kind: z.string(),
  /** How many of its listings may still be queued, for a source in probation; null: any number. */
  still_allowed: z.int().nullable(),
  /** How the addresses of its source's listings are made, where that was learned. */
  patterns: z.array(z.string()),
});
/** A page that lists listings, as a claim gives it. */
export type ListingFeed = z.infer<typeof listingFeed>;

/** A feed as the code knows it. */
interface FeedRow {
  source: string;
  url: string;
  kind: string;
  about: string;
  enabled: boolean;
  off_because?: string;
  interval_minutes: number;
}

let synchronised = false;

/**
 * Syncs `listing_feeds` with the feeds in code, once in the life of a worker. What an
 * operator changed stays. @throws DatabaseError
 */
export async function syncFeeds(database: DatabaseClient, rows: readonly FeedRow[]): Promise<void> {
  if (synchronised) return;
  unwrap("sync_listing_feeds", await database.rpc("sync_listing_feeds", { p_feeds: asJson(rows) }));
  synchronised = true;
}

/** How a check ended. */
export interface FeedResult {
  outcome: string;
  error: string | null;
  retry_at: string | null;
  found?: number;
  new?: number;
  known?: number;
  skipped?: number;
  validators?: z.infer<typeof validators> | null;
}

const feeds = z.array(listingFeed);
const settled = z.array(
  z.object({ id: uuid, held: z.boolean(), next_check_at: z.string().nullable() }),
);

/** Which feeds a run takes: those due, or those named that no other run holds. */
interface FeedClaim {
  limit: number;
  ids?: string[];
}

/** What ending checks needs beside what every leased table has. */
interface FeedTable extends PreviewedTable<ListingFeed, FeedClaim> {
  /**
   * Ends checks; gives of each, in their order, when its feed is looked at again, null when another
   * run has taken it over. @throws DatabaseError
   */
  settle(
    database: DatabaseClient,
    results: readonly (FeedResult & { id: string; lease_token: string })[],
  ): Promise<(string | null)[]>;
}

/** The pages that listings are found on. */
export const LISTING_FEEDS: FeedTable = {
  name: "listing_feeds",
  async claim(database, { limit, ids }) {
    const answer = await database.rpc("claim_listing_feeds", { p_limit: limit, p_ids: ids });
    return feeds.parse(unwrap("claim_listing_feeds", answer));
  },
  async preview(database, { limit, ids }) {
    const answer = await database.rpc("preview_listing_feeds", { p_limit: limit, p_ids: ids });
    return withoutTokens(feeds.parse(unwrap("preview_listing_feeds", answer)));
  },
  async heartbeat(database, tokens) {
    const answer = await database.rpc("heartbeat_listing_feeds", { p_tokens: tokens });
    unwrap("heartbeat_listing_feeds", answer);
  },
  async settle(database, results) {
    if (results.length === 0) return [];
    const answer = await database.rpc("settle_listing_feeds", { p_items: asJson(results) });
    const ended = settled.parse(unwrap("settle_listing_feeds", answer));
    const next = new Map(ended.map(({ id, next_check_at }) => [id, next_check_at]));
    return results.map(({ id }) => next.get(id) ?? null);
  },
  async release(database, handedBack) {
    const items = handedBack.map(({ row: { id, lease_token }, retryAt: retry_at }) => ({
      id,
      lease_token,
      retry_at,
    }));
    const answer = await database.rpc("release_listing_feeds", { p_items: items });
    unwrap("release_listing_feeds", answer);
  },
};

/** The ids of the feeds at these addresses, in whatever spelling; null for an unknown one. @throws DatabaseError */
export async function feedsAt(
  database: DatabaseClient,
  urls: string[],
): Promise<(string | null)[]> {
  const answer = await database.rpc("listing_feeds_at", { p_urls: urls });
  return z.array(uuid.nullable()).parse(unwrap("listing_feeds_at", answer));
}

/** Makes feeds of the sitemaps that an index of sitemaps names; gives how many are new. @throws DatabaseError */
export async function addSitemapFeeds(
  database: DatabaseClient,
  feedId: string,
  sitemaps: readonly { url: string; lastmod: string | null }[],
): Promise<number> {
  if (sitemaps.length === 0) return 0;
  const given = { p_feed: feedId, p_sitemaps: asJson(sitemaps) };
  const answer = await database.rpc("add_sitemap_feeds", given);
  return z.int().parse(unwrap("add_sitemap_feeds", answer));
}

/** Which of these listings are held or queued already. @throws DatabaseError */
export async function knownListings(
  database: DatabaseClient,
  urls: string[],
): Promise<Set<string>> {
  if (urls.length === 0) return new Set();
  const answer = await database.rpc("known_listings", { p_urls: urls });
  return new Set(z.array(z.string()).parse(unwrap("known_listings", answer)));
}

/** Queues those of these listings whose auctions are held as live to be read again; gives how many. @throws DatabaseError */
export async function queueEndedAuctions(
  database: DatabaseClient,
  urls: string[],
): Promise<number> {
  if (urls.length === 0) return 0;
  const answer = await database.rpc("queue_ended_auctions", { p_urls: urls });
  return z.int().parse(unwrap("queue_ended_auctions", answer));
}
