import type { Page } from "../domain/page.ts";
import { damageOf } from "../extraction/damage.ts";
import { isFeed } from "../extraction/index/feed.ts";
import { type FeedFormat, readFeed } from "../extraction/index/feed_list.ts";
import { readLinkedIndex } from "../extraction/index/linked_data.ts";
import { type IndexReading, noEntries } from "../extraction/index/reading.ts";
import { PAGE_KINDS, unusableResponse } from "../extraction/page_kind.ts";
import { readByPattern, siteByPattern } from "../extraction/index/by_pattern.ts";
import type { SourceAdapter } from "./adapter.ts";
import { adapterFor, readablePart } from "./registry.ts";

/**
 * Turns an index page, a search page or a feed into the listings it names: by the adapter of the
 * page's host, or, for any site that marks its list up as Autotrader does, by that markup; else by the
 * links whose addresses are made as those of its listings. A pure function of the page; never throws.
 * A bot wall, a shell, the page of one listing give no entries and say why.
 * @param patterns how the addresses of the site's listings are made, where that was learned.
 */
export function readIndex(page: Page, patterns: readonly string[] = []): IndexReading {
  try {
    const readable = readablePart(page);
    const reading = readList(adapterFor(page.url), readable, patterns);
    if (reading.outcome === "index" && reading.entries.length > 0) return reading;
    return readByPattern(readable, patterns) ?? reading;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return noEntries("unreadable", `the reader failed: ${what}`);
  }
}

function readList(
  adapter: SourceAdapter,
  page: Page,
  patterns: readonly string[],
): IndexReading {
  const unusable = unusableResponse(page);
  if (unusable !== null) {
    const outcome = PAGE_KINDS[unusable.kind];
    return noEntries(outcome === "not_a_listing" ? "not_an_index" : outcome, unusable.reason);
  }
  if (isFeed(page.body)) {
    const format = adapter.feedFormat ??
      (patterns.length > 0 ? feedByPattern(page.url, patterns) : undefined);
    return format === undefined
      ? noEntries("not_an_index", "a feed of a site that none is read of")
      : readFeed(page, format);
  }
  const { why, suspect } = damageOf(page.body);
  if (why !== null) return noEntries("unreadable", why);
  const reading = adapter.readIndex?.(page) ?? readLinkedIndex(page);
  return suspect ? withoutDoubtful(reading) : reading;
}

/** The feed of any site: its listings are the entries whose addresses are made as those of listings. */
function feedByPattern(url: string, patterns: readonly string[]): FeedFormat {
  return {
    site: siteByPattern(url, patterns),
    list: ({ listed }) => ({ listed, why: () => null }),
  };
}

/** On a page with a trace of damage a result counts only where the list holds the same sum twice. */
function withoutDoubtful(reading: IndexReading): IndexReading {
  const entries = reading.entries.map((entry) => {
    const { current_bid: bid } = entry.raw;
    if (entry.price === null || bid === undefined || bid === entry.price) return entry;
    return { ...entry, price: null, price_kind: null, currency: null };
  });
  return { ...reading, entries };
}
