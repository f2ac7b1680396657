import { z } from "zod";
import { uuid } from "../domain/uuid.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";

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
  /** Of the version that was last read in full. */
  validators: validators.nullable(),
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
  interval_minutes: number;
}

let synchronised = false;

/**
 * Syncs `listing_feeds` with the feeds in code, once in the life of a worker. What an
 * operator changed stays. @throws StoreError
 */
export async function syncFeeds(database: DatabaseClient, rows: readonly FeedRow[]): Promise<void> {
  if (synchronised) return;
  unwrap("sync_listing_feeds", await database.rpc("sync_listing_feeds", { p_feeds: asJson(rows) }));
  synchronised = true;
}

/** Leases the feeds that are due, or those named that no other run holds. @throws StoreError */
export async function claimFeeds(
  database: DatabaseClient,
  limit: number,
  ids?: string[],
): Promise<ListingFeed[]> {
  const answer = await database.rpc("claim_listing_feeds", { p_limit: limit, p_ids: ids });
  return z.array(listingFeed).parse(unwrap("claim_listing_feeds", answer));
}

/** The feeds that a claim would take now. Changes nothing. @throws StoreError */
export async function previewFeeds(
  database: DatabaseClient,
  limit: number,
  ids?: string[],
): Promise<ListingFeed[]> {
  const answer = await database.rpc("preview_listing_feeds", { p_limit: limit, p_ids: ids });
  const feeds = z.array(listingFeed).parse(unwrap("preview_listing_feeds", answer));
  return feeds.map((feed) => ({ ...feed, lease_token: null }));
}

/** Extends leases. @throws StoreError */
export async function heartbeatFeeds(database: DatabaseClient, tokens: string[]): Promise<void> {
  const answer = await database.rpc("heartbeat_listing_feeds", { p_tokens: tokens });
  unwrap("heartbeat_listing_feeds", answer);
}

/** How a check ended; `outcome` null hands the feed back unchecked. */
interface FeedResult {
  outcome: string | null;
  error?: string | null;
  found?: number;
  new?: number;
  known?: number;
  skipped?: number;
  retry_at?: string | null;
  validators?: z.infer<typeof validators> | null;
}

const settled = z.object({ held: z.boolean(), next_check_at: z.string().nullable() });

/** Ends the check of a feed; `held` is false when another run has taken it over. @throws StoreError */
export async function settleFeed(
  database: DatabaseClient,
  feed: { id: string; lease_token: string },
  result: FeedResult,
): Promise<z.infer<typeof settled>> {
  const answer = await database.rpc("settle_listing_feed", {
    p_id: feed.id,
    p_token: feed.lease_token,
    p_result: asJson({ ...result }),
  });
  return settled.parse(unwrap("settle_listing_feed", answer));
}

/** The ids of the feeds at these addresses, in whatever spelling; null for an unknown one. @throws StoreError */
export async function feedsAt(
  database: DatabaseClient,
  urls: string[],
): Promise<(string | null)[]> {
  const answer = await database.rpc("listing_feeds_at", { p_urls: urls });
  return z.array(uuid.nullable()).parse(unwrap("listing_feeds_at", answer));
}

/** Which of these listings are held or queued already. @throws StoreError */
export async function knownListings(
  database: DatabaseClient,
  urls: string[],
): Promise<Set<string>> {
  if (urls.length === 0) return new Set();
  const answer = await database.rpc("known_listings", { p_urls: urls });
  return new Set(z.array(z.string()).parse(unwrap("known_listings", answer)));
}

/** Queues those of these listings whose auctions are held as live to be read again; gives how many. @throws StoreError */
export async function queueEndedAuctions(
  database: DatabaseClient,
  urls: string[],
): Promise<number> {
  if (urls.length === 0) return 0;
  const answer = await database.rpc("queue_ended_auctions", { p_urls: urls });
  return z.int().parse(unwrap("queue_ended_auctions", answer));
}
