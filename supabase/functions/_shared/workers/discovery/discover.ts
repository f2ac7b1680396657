import type { DatabaseClient } from "../../database/client.ts";
import {
  addSitemapFeeds,
  type FeedResult,
  knownListings,
  LISTING_FEEDS,
  type ListingFeed,
  queueEndedAuctions,
} from "../../database/feeds.ts";
import { enqueueListings } from "../../database/imports.ts";
import { claimOrPreview } from "../../database/lease.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import { type Attempt, leaseOf, reportEach, type Warn, workAll } from "../lease/work.ts";
import { nextPortion } from "./portion.ts";
import { type FeedReading, readFeed } from "./read_feed.ts";
import { readSitemapFeed } from "./read_sitemap.ts";
import { type FeedReport, notChecked, reportOf } from "./report.ts";

/** Pages of up to 1.5 MB at once. */
const AT_ONCE = 4;

/** Which feeds a run checks. */
interface DiscoveryRequest {
  /** Only these, due or not; all that are due by itself. */
  feedIds?: string[];
  batchSize: number;
  /** Pages after the first that are followed, a feed; more where the feed says so. */
  morePages: number;
  /** Reads, and says what would be queued; writes nothing. */
  dryRun: boolean;
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
  warn: Warn,
): Promise<Written> {
  await addSitemapFeeds(database, feed.id, reading.sitemaps ?? []);
  const { entries, known, more } = await nextPortion(database, feed, reading.entries);
  if (more) reading.validators = null; // what is left is asked for again
  if (entries.length === 0) return { queued: 0, known, refreshed: 0, ended: 0 };
  const { mistakes, refused, ...answer } = await enqueueListings(database, entries, feed.url);
  answer.known += known;
  if (refused > 0) {
    const which = mistakes.map(({ url, why }) => `${url}: ${why}`).join("; ");
    warn(`${feed.url}: ${refused} entries cannot be queued`, which);
  }
  const over = entries.filter(({ ended }) => ended === true).map(({ url }) => url);
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

/** What came of one feed: what it showed and what that came to, or why the check broke on our side. */
type Check = { reading: FeedReading; written: Written; ms: number } | { broken: string };
type Checked = Attempt<{ feed: ListingFeed; check: Check }>;

/** How a check is written on its feed. */
function resultOf(check: Check): FeedResult {
  if ("broken" in check) return { outcome: "broken", error: check.broken, retry_at: null };
  const { reading, written } = check;
  return {
    outcome: reading.outcome,
    error: reading.error,
    retry_at: reading.retryAt,
    found: reading.entries.length,
    new: written.queued,
    known: written.known,
    skipped: reading.skipped.length,
    validators: reading.validators,
  };
}

/** Settles feeds whose listings stand in the queue; gives when each is looked at again. */
async function settle(
  database: DatabaseClient,
  checked: readonly Checked["item"][],
): Promise<(string | null)[]> {
  const results = checked.map(({ feed: { id, lease_token }, check }) => ({
    id,
    lease_token: lease_token ?? "",
    ...resultOf(check),
  }));
  return await LISTING_FEEDS.settle(database, results);
}

function reportChecked(feed: ListingFeed, check: Check): FeedReport {
  if ("broken" in check) {
    return { ...notChecked(feed, null, 0), outcome: "broken", error: check.broken };
  }
  return reportOf(feed, check.reading, check.written, check.ms);
}

/**
 * One run of discovery: checks the feeds that are due, a few at once, and queues the listings that
 * they show. A feed that breaks takes no other with it, and is written down so that a person sees it.
 * @throws DatabaseError when the database cannot be reached; the leases then run out by themselves.
 */
export async function discover(
  database: DatabaseClient,
  fetcher: Fetcher,
  { feedIds, batchSize, morePages, dryRun }: DiscoveryRequest,
  warn: Warn,
): Promise<FeedReport[]> {
  const wanted = { limit: batchSize, ids: feedIds };
  const feeds = await claimOrPreview(database, LISTING_FEEDS, wanted, dryRun);
  const begun = new Map<ListingFeed, number>();
  const msOf = (feed: ListingFeed) => Date.now() - (begun.get(feed) ?? Date.now());

  const worked = await workAll<ListingFeed, Checked, string | null>(feeds, {
    atOnce: AT_ONCE,
    async work(feed) {
      begun.set(feed, Date.now());
      const reading = feed.kind === "sitemap"
        ? await readSitemapFeed(fetcher, feed)
        : await readFeed(fetcher, feed, Math.max(morePages, feed.pages - 1));
      if (reading.kind === "not_started") return reading;
      // Before the feed is settled: a run that dies in between reads the page again.
      const written =
        await (dryRun ? preview(database, reading) : write(database, feed, reading, warn));
      return { kind: "done", item: { feed, check: { reading, written, ms: msOf(feed) } } };
    },
    failure: (feed, message) => ({ kind: "done", item: { feed, check: { broken: message } } }),
    write: (checked) =>
      dryRun ? Promise.resolve(checked.map(() => null)) : settle(database, checked),
    lease: leaseOf(database, LISTING_FEEDS),
    note: ({ url }, { item: { check } }) => ({
      vehicle_id: null,
      url,
      ...("broken" in check
        ? { outcome: "broken", error: check.broken }
        : { outcome: check.reading.outcome, error: check.reading.error }),
      state: "waiting",
    }),
    warn,
  });
  return reportEach(feeds, worked, {
    finished: ({ row, one, result }) => ({
      ...reportChecked(row, one.item.check),
      ...(dryRun ? {} : { next_check_at: result }),
    }),
    released: ({ row, why }) => notChecked(row, why, msOf(row)),
  });
}
