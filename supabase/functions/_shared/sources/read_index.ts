import type { Page } from "../domain/page.ts";
import { damageOf } from "../extraction/damage.ts";
import { isFeed } from "../extraction/index/feed.ts";
import { readFeed } from "../extraction/index/feed_list.ts";
import { readLinkedIndex } from "../extraction/index/linked_data.ts";
import { type IndexReading, noEntries } from "../extraction/index/reading.ts";
import { PAGE_KINDS, unusableResponse } from "../extraction/page_kind.ts";
import type { SourceAdapter } from "./adapter.ts";
import { adapterFor, readablePart } from "./registry.ts";

/**
 * Turns an index page, a search page or a feed into the listings it names: by the adapter of the
 * page's host, or, for any site that marks its list up as Autotrader does, by that markup. A pure
 * function of the page; never throws. A bot wall, a shell, the page of one listing give no entries
 * and say why.
 */
export function readIndex(page: Page): IndexReading {
  try {
    return readList(adapterFor(page.url), readablePart(page));
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return noEntries("unreadable", `the reader failed: ${what}`);
  }
}

function readList(adapter: SourceAdapter, page: Page): IndexReading {
  const unusable = unusableResponse(page);
  if (unusable !== null) {
    const outcome = PAGE_KINDS[unusable.kind];
    return noEntries(outcome === "not_a_listing" ? "not_an_index" : outcome, unusable.reason);
  }
  if (isFeed(page.body)) {
    return adapter.feedFormat === undefined
      ? noEntries("not_an_index", "a feed of a site that none is read of")
      : readFeed(page, adapter.feedFormat);
  }
  const { why, suspect } = damageOf(page.body);
  if (why !== null) return noEntries("unreadable", why);
  const reading = adapter.readIndex?.(page) ?? readLinkedIndex(page);
  return suspect ? withoutDoubtful(reading) : reading;
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
