import type { Page } from "../domain/page.ts";
import { damageOf } from "../extraction/damage.ts";
import { isFeed } from "../extraction/index/feed.ts";
import { readLinkedIndex } from "../extraction/index/linked_data.ts";
import { type IndexReading, noEntries } from "../extraction/index/reading.ts";
import { type NoListing, PAGE_KINDS, refusedPage } from "../extraction/page_kind.ts";
import { readBatIndex } from "./bringatrailer/index_page.ts";
import { readCabIndex } from "./carsandbids/index_page.ts";
import { readCraigslistIndex } from "./craigslist/index_page.ts";
import { readFeed } from "./feed_index.ts";
import { readKslIndex } from "./ksl/index_page.ts";
import { adapterFor } from "./registry.ts";

/** Characters of a page that are read; what a hostile site sends beyond them is not looked at. */
const LONGEST_PAGE = 8_000_000;

const READERS: Readonly<Record<string, (page: Page) => IndexReading>> = {
  bringatrailer: readBatIndex,
  craigslist: readCraigslistIndex,
  carsandbids: readCabIndex,
  ksl: readKslIndex,
};

/**
 * Turns an index page, a search page or a feed into the listings it names, by the page's host and
 * content: Bring a Trailer, Craigslist, Cars & Bids, KSL Cars, and any site that marks its list up as
 * Autotrader does. A pure function of the page; never throws. A bot wall, a shell, the page of one
 * listing give no entries and say why.
 */
export function readIndex(page: Page): IndexReading {
  try {
    const whole = page.body.length <= LONGEST_PAGE;
    const read = whole ? page : { ...page, body: page.body.slice(0, LONGEST_PAGE) };
    const refused = refusedPage(read);
    if (refused !== null) return refusal(refused);
    const feed = isFeed(read.body);
    const { slug } = adapterFor(page.url);
    if (feed) return readFeed(read, slug);
    const { why, suspect } = damageOf(read.body);
    if (why !== null) return noEntries("unreadable", why);
    const reading = (READERS[slug] ?? readLinkedIndex)(read);
    return suspect ? withoutDoubtful(reading) : reading;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return noEntries("unreadable", `the reader failed: ${what}`);
  }
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

function refusal({ kind, reason }: NoListing): IndexReading {
  const outcome = PAGE_KINDS[kind];
  return noEntries(outcome === "not_a_listing" ? "not_an_index" : outcome, reason);
}
