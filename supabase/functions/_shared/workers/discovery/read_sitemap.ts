import type { ListingFeed } from "../../database/feeds.ts";
import { hostOf } from "../../domain/host.ts";
import { patternMatcher } from "../../extraction/index/address_pattern.ts";
import type { IndexEntry } from "../../extraction/index/reading.ts";
import type { SitemapEntry } from "../../extraction/index/sitemap.ts";
import type { Fetcher } from "../../fetching/fetcher.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { sourceOf } from "../../sources/registry.ts";
import { likelyPatterns, SURE } from "../sources/likely.ts";
import { fetchSitemap } from "../sources/sitemap.ts";
import { type FeedReading, nothing, unread } from "./read_feed.ts";

/** An address of a sitemap as a listing of which nothing else is known. */
function entryOf({ url, lastmod }: SitemapEntry): IndexEntry {
  return {
    url,
    source: sourceOf(url),
    title: null,
    year: null,
    make: null,
    model: null,
    price: null,
    price_kind: null,
    currency: null,
    ends_at: null,
    ended: null,
    thumbnail_url: null,
    raw: lastmod === null ? {} : { lastmod },
  };
}

/** How listings' addresses seem to be made on a site of which nothing was learned: nothing unsure. */
function likely(entries: readonly SitemapEntry[]): string[] {
  return likelyPatterns(entries.map(({ url }) => url)).filter(({ score }) => score > SURE)
    .map(({ pattern }) => pattern);
}

/**
 * Fetches a sitemap, only if it changed, and gives the addresses in it that are made as those of
 * listings, newest first; of an index, the sitemaps that it names. What is longer than is read is
 * read as far as that goes.
 * @throws DatabaseError when the database fails.
 */
export async function readSitemapFeed(
  fetcher: Pick<Fetcher, "bytes">,
  feed: Pick<ListingFeed, "url" | "validators"> & Partial<Pick<ListingFeed, "patterns">>,
): Promise<FeedReading | NotStarted> {
  const { url, validators, patterns = [] } = feed;
  const fetched = await fetchSitemap(fetcher, url, validators);
  if (fetched.kind === "not_started") return fetched;
  if (fetched.kind === "failed") return unread(fetched);
  const { reading } = fetched;
  if (reading.kind === "none") {
    return nothing({ outcome: "not_an_index", error: reading.reason }, 1);
  }
  const isListing = patternMatcher(
    hostOf(url),
    patterns.length > 0 ? patterns : likely(reading.entries),
  );
  return {
    kind: "read",
    outcome: "ok",
    error: null,
    retryAt: null,
    entries: reading.kind === "urls"
      ? reading.entries.filter((entry) => isListing(entry.url)).map(entryOf)
      : [],
    skipped: [],
    pages: 1,
    validators: fetched.validators,
    sitemaps: reading.kind === "index" ? reading.entries : [],
  };
}
