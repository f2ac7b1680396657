import { hostOf } from "../../domain/host.ts";
import type { FeedFormat } from "../../extraction/index/feed_list.ts";
import type { Feed } from "../adapter.ts";
import { site } from "./index_page.ts";
import { askedPrice, searchedCategory, whyNoVehicleListed } from "./index_post.ts";

/** Searches of cars and trucks. */
export const feeds: readonly Feed[] = [
  {
    url: "https://greenville.craigslist.org/search/cta",
    kind: "search",
    about: "Cars and trucks of one region, an example",
    enabled: false,
    off_because: "the site's terms forbid collecting without its leave, and its feeds are gone",
    interval_minutes: 240,
  },
];

export const feedFormat: FeedFormat = {
  site,
  list(entry, feed) {
    const { title, price, place } = titleParts(entry.title);
    const raw = { ...entry.listed.raw, location: place };
    const searched = searchedCategory(feed);
    return {
      listed: { ...entry.listed, title, price: askedPrice(price, hostOf(feed), null), raw },
      why: (name, url) => whyNoVehicleListed(name, url, entry.text, searched),
    };
  },
};

/** "2015 ram 2500 (Lavista) $3000" and "2006 Toyota Tacoma - $1,500 (Lihue)" in their parts. */
function titleParts(whole: string): { title: string; price: string; place: string | null } {
  const match =
    /^(.+?)\s*(?:\(([^()]{1,100})\)\s*([$€£]\s?[\d,.]+)?|[-–—]?\s*([$€£]\s?[\d,.]+)\s*(?:\(([^()]{1,100})\))?)$/
      .exec(whole);
  if (match === null) return { title: whole, price: "", place: null };
  const [, title = whole, place, price, otherPrice, otherPlace] = match;
  return { title, price: price ?? otherPrice ?? "", place: place ?? otherPlace ?? null };
}
