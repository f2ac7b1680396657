import type { ListingFeed } from "../../database/feeds.ts";
import { wasRead } from "../../domain/outcome.ts";
import type { NotStarted } from "../../fetching/result.ts";
import type { FeedReading } from "./read_feed.ts";

/** Entries that are no vehicles are counted, and so many are named. */
const NAMED = 5;

/** What one feed came to, as the function answers it. */
export interface FeedReport {
  id: string;
  source: string | null;
  url: string;
  /** `ok`, `not_modified`, why nothing was read, or null: it was not asked. */
  outcome: string | null;
  error: string | null;
  /** Listings that the page shows. */
  found: number;
  /** New ones, put into import_queue. */
  queued: number;
  /** Held or queued already. */
  known: number;
  /** Rows of import_queue that still wait and got a newer price, end or title. */
  refreshed: number;
  /** Auctions held as live that have ended: queued to be read again. */
  ended: number;
  /** Entries that are no vehicles. */
  skipped: number;
  skipped_examples: { url: string; title: string; why: string }[];
  next_check_at?: string | null;
  ms: number;
}

const NOTHING = {
  found: 0,
  queued: 0,
  known: 0,
  refreshed: 0,
  ended: 0,
  skipped: 0,
  skipped_examples: [],
};

/** A feed that was handed back, or broke, before anything was read. */
export function notChecked(feed: ListingFeed, why: NotStarted | null, ms: number): FeedReport {
  const { id, source, url } = feed;
  const error = why === null ? null : `${why.reason}: ${why.message}`;
  return { id, source, url, outcome: null, error, ...NOTHING, ms };
}

/** A feed that was asked, whatever it answered. */
export function reportOf(
  feed: ListingFeed,
  reading: FeedReading,
  written: { queued: number; known: number; refreshed: number; ended: number },
  ms: number,
): FeedReport {
  const { id, source, url } = feed;
  return {
    id,
    source,
    url,
    outcome: reading.outcome,
    error: reading.error,
    found: reading.entries.length,
    ...written,
    skipped: reading.skipped.length,
    skipped_examples: reading.skipped.slice(0, NAMED),
    ms,
  };
}

/** The sums of a run. */
export function totals(feeds: readonly FeedReport[]) {
  const sum = (of: (feed: FeedReport) => number) =>
    feeds.reduce((total, feed) => total + of(feed), 0);
  const asked = feeds.flatMap(({ outcome }) => outcome ?? []);
  return {
    checked: asked.length,
    failed: asked.filter((outcome) => !wasRead(outcome)).length,
    not_checked: feeds.length - asked.length,
    found: sum((feed) => feed.found),
    queued: sum((feed) => feed.queued),
    known: sum((feed) => feed.known),
    refreshed: sum((feed) => feed.refreshed),
    ended: sum((feed) => feed.ended),
    skipped: sum((feed) => feed.skipped),
  };
}
