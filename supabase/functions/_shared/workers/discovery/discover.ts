import pLimit from "p-limit";
import type { DatabaseClient } from "../../database/client.ts";
import {
  claimFeeds,
  heartbeatFeeds,
  knownListings,
  type ListingFeed,
  previewFeeds,
  queueEndedAuctions,
  settleFeed,
} from "../../database/feeds.ts";
import { enqueueListings } from "../../database/imports.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { keepLeases } from "../lease/lease_keeper.ts";
import type { Warn } from "../lease/work.ts";
import { type FeedReading, readFeed } from "./read_feed.ts";
import { type FeedReport, notChecked, reportOf } from "./report.ts";

/** Pages of up to 1.5 MB in memory at once. */
const AT_ONCE = 4;

/** Which feeds a run checks. */
interface DiscoveryRequest {
  /** Only these, due or not; all that are due by itself. */
  feedIds?: string[];
  batchSize: number;
  /** Pages after the first that are followed, a feed. */
  morePages: number;
  /** Reads, and says what would be queued; writes nothing. */
  dryRun: boolean;
}

/** What a listing feed said, as import_queue takes it. */
function itemsOf({ entries }: FeedReading) {
  return entries.map(({ ended: _, ...item }) => item);
}

/** What writing a reading came to. */
interface Written {
  queued: number;
  known: number;
  refreshed: number;
  /** Auctions held as live that the page says have ended: queued to be read again. */
  ended: number;
}

async function write(
  database: DatabaseClient,
  feed: ListingFeed,
  reading: FeedReading,
): Promise<Written> {
  if (reading.entries.length === 0) return { queued: 0, known: 0, refreshed: 0, ended: 0 };
  const answer = await enqueueListings(database, itemsOf(reading), feed.url);
  const over = reading.entries.filter(({ ended }) => ended === true).map(({ url }) => url);
  return { ...answer, ended: await queueEndedAuctions(database, over) };
}

async function preview(database: DatabaseClient, reading: FeedReading): Promise<Written> {
  const known = await knownListings(database, reading.entries.map(({ url }) => url));
  return {
    queued: reading.entries.length - known.size,
    known: known.size,
    refreshed: 0,
    ended: 0,
  };
}

/** One feed: fetched, read, its listings queued, itself settled. */
async function check(
  database: DatabaseClient,
  fetcher: Fetcher,
  feed: ListingFeed,
  request: DiscoveryRequest,
): Promise<FeedReport> {
  const startedAt = Date.now();
  const reading = await readFeed(fetcher, feed, request.morePages);
  const { id, lease_token } = feed;
  if (reading.kind === "not_started") {
    if (lease_token !== null) {
      await settleFeed(database, { id, lease_token }, {
        outcome: null,
        // What only ran out of time is due at once.
        retry_at: reading.reason === "deadline" ? null : reading.retryAt,
      });
    }
    return notChecked(feed, reading, Date.now() - startedAt);
  }
  if (lease_token === null) {
    return reportOf(feed, reading, await preview(database, reading), Date.now() - startedAt);
  }
  // Settled after its listings stand in the queue: a run that dies in between reads the page again.
  const written = await write(database, feed, reading);
  const settled = await settleFeed(database, { id, lease_token }, {
    outcome: reading.outcome,
    error: reading.error,
    retry_at: reading.retryAt,
    found: reading.entries.length,
    new: written.queued,
    known: written.known,
    skipped: reading.skipped.length,
    validators: reading.validators,
  });
  return {
    ...reportOf(feed, reading, written, Date.now() - startedAt),
    next_check_at: settled.next_check_at,
  };
}

/** A check that broke on our side, written down so that a person sees it. @throws StoreError */
async function broken(
  database: DatabaseClient,
  feed: ListingFeed,
  error: unknown,
): Promise<FeedReport> {
  const message = error instanceof Error ? error.message : String(error);
  const { id, lease_token } = feed;
  if (lease_token !== null) {
    await settleFeed(database, { id, lease_token }, { outcome: "broken", error: message });
  }
  return { ...notChecked(feed, null, 0), outcome: "broken", error: message };
}

/**
 * One run of discovery: checks the feeds that are due, a few at once, and queues the listings that
 * they show. A feed that breaks takes no other with it.
 * @throws StoreError when the database cannot be reached; the leases then run out by themselves.
 */
export async function discover(
  database: DatabaseClient,
  fetcher: Fetcher,
  request: DiscoveryRequest,
  report: Warn,
): Promise<FeedReport[]> {
  const take = request.dryRun ? previewFeeds : claimFeeds;
  const feeds = await take(database, request.batchSize, request.feedIds);
  const tokens = new Set(feeds.flatMap((feed) => feed.lease_token ?? []));
  const leases = keepLeases(
    (held) => heartbeatFeeds(database, held),
    tokens,
    (error) => report("a heartbeat failed", error),
  );
  const limit = pLimit(AT_ONCE);
  try {
    return await Promise.all(
      feeds.map((feed) =>
        limit(() => check(database, fetcher, feed, request))
          .catch((error) => {
            report(`checking ${feed.url} broke`, error);
            return broken(database, feed, error);
          })
          .finally(() => {
            if (feed.lease_token !== null) tokens.delete(feed.lease_token);
          })
      ),
    );
  } finally {
    leases.stop();
  }
}
