import type { Page } from "../domain/page.ts";
import { type FeedItem, feedItems } from "../extraction/index/feed.ts";
import { IndexList, type Listed } from "../extraction/index/list.ts";
import { type IndexReading, noEntries } from "../extraction/index/reading.ts";
import { oneLine } from "../html/text.ts";
import { batSite, batTitle, whyNoLotListed } from "./bringatrailer/index_site.ts";
import { cabSite, whyNoCarListed } from "./carsandbids/index_site.ts";
import {
  askedPrice,
  craigslistSite,
  searchedCategory,
  whyNoVehicleListed,
} from "./craigslist/index_site.ts";

/** The text of an entry that is looked at: its beginning says what it is about. */
const SAMPLE = 3_000;

/** What XML forbids; a stray one slips into a text, several different ones do not. */
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/g;

const SITES = { bringatrailer: batSite, craigslist: craigslistSite, carsandbids: cabSite } as const;
type Slug = keyof typeof SITES;

/**
 * Reads the feed of a site. A feed says what was published and when, not how an auction stands or
 * when it ends; what a price in its text is of cannot be told, so only Craigslist's titles, which
 * end in it, give one. Its entries that are no listings (articles) are left out.
 */
export function readFeed(page: Page, slug: string): IndexReading {
  if (!isSlug(slug)) return noEntries("not_an_index", "a feed of a site that none is read of");
  if (new Set(page.body.match(CONTROL)).size > 1) {
    return noEntries("unreadable", "damaged: it holds control characters");
  }
  const { items, whole } = feedItems(page.body);
  if (items.length === 0 && !whole) {
    return noEntries("unreadable", "a feed that breaks off before its first entry ends");
  }
  const list = new IndexList(SITES[slug], page.url);
  const host = new URL(page.url).hostname.toLowerCase();
  const searched = searchedCategory(page.url);
  for (const item of items) addItem(list, slug, item, host, searched);
  return list.reading(whole ? "a feed" : "a feed that breaks off");
}

function isSlug(slug: string): slug is Slug {
  return Object.hasOwn(SITES, slug);
}

function addItem(
  list: IndexList,
  slug: Slug,
  item: FeedItem,
  host: string,
  searched: string | null,
): void {
  const text = oneLine(item.content.slice(0, SAMPLE));
  const listed: Listed = {
    href: item.link,
    title: item.title,
    picture: item.picture,
    raw: { published_at: item.publishedAt },
  };
  if (slug === "bringatrailer") {
    const { title, noReserve } = batTitle(item.title);
    const raw = { ...listed.raw, no_reserve: noReserve || null };
    list.add({ ...listed, title, raw }, (name, url) => whyNoLotListed(name, url, text));
  } else if (slug === "craigslist") {
    const { title, price, place } = craigslistTitle(item.title);
    const raw = { ...listed.raw, location: place };
    list.add(
      { ...listed, title, price: askedPrice(price, host, null), raw },
      (name, url) => whyNoVehicleListed(name, url, text, searched),
    );
  } else list.add(listed, whyNoCarListed);
}

/** "2015 ram 2500 (Lavista) $3000" and "2006 Toyota Tacoma - $1,500 (Lihue)" in their parts. */
function craigslistTitle(whole: string): { title: string; price: string; place: string | null } {
  const match =
    /^(.+?)\s*(?:\(([^()]{1,100})\)\s*([$€£]\s?[\d,.]+)?|[-–—]?\s*([$€£]\s?[\d,.]+)\s*(?:\(([^()]{1,100})\))?)$/
      .exec(whole);
  if (match === null) return { title: whole, price: "", place: null };
  const [, title = whole, place, price, otherPrice, otherPlace] = match;
  return { title, price: price ?? otherPrice ?? "", place: place ?? otherPlace ?? null };
}
