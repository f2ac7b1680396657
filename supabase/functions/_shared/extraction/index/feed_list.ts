import type { Page } from "../../domain/page.ts";
import { oneLine } from "../../html/text.ts";
import { controlsIn, MOST_CONTROLS } from "../damage.ts";
import { type FeedItem, feedItems } from "./feed.ts";
import { IndexList, type IndexSite, type Listed } from "./list.ts";
import { type IndexReading, noEntries } from "./reading.ts";

/** An entry of a feed with its text in one line, and what any feed says of a listing. */
interface FeedEntry {
  title: string;
  /** Its beginning says what it is about. */
  text: string;
  listed: Listed;
}

/** How a site's feed is taken. */
export interface FeedFormat {
  site: IndexSite;
  /**
   * What an entry lists, and `why` it is no vehicle (null when it is or may be one); `url` is the
   * feed's address. What a price in its text is of cannot be told: only a title that ends in it
   * gives one.
   */
  list(entry: FeedEntry, url: string): {
    listed: Listed;
    why(title: string, url: string): string | null;
  };
}

/** Characters of an entry's text that are looked at. */
const SAMPLE = 3_000;

/**
 * Reads the feed of a site. A feed says what was published and when, not how an auction stands or
 * when it ends. Its entries that are no listings (articles) are left out.
 */
export function readFeed(page: Page, format: FeedFormat): IndexReading {
  if (new Set(controlsIn(page.body)).size > MOST_CONTROLS) {
    return noEntries("unreadable", "damaged: it holds control characters");
  }
  const { items, whole } = feedItems(page.body);
  if (items.length === 0 && !whole) {
    return noEntries("unreadable", "a feed that breaks off before its first entry ends");
  }
  const list = new IndexList(format.site, page.url);
  for (const item of items) {
    const { listed, why } = format.list(entryOf(item), page.url);
    list.add(listed, why);
  }
  return list.reading(whole ? "a feed" : "a feed that breaks off");
}

function entryOf({ title, link, picture, content, publishedAt }: FeedItem): FeedEntry {
  return {
    title,
    text: oneLine(content.slice(0, SAMPLE)),
    listed: { href: link, title, picture, raw: { published_at: publishedAt } },
  };
}
