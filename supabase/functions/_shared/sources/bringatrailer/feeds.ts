import type { FeedFormat } from "../../extraction/index/feed_list.ts";
import type { Feed } from "../adapter.ts";
import { site } from "./index_page.ts";
import { lotTitle, whyNoLotListed } from "./index_lot.ts";

/** Where the site names its auctions: those that ended, those that run, those that started. */
export const feeds: readonly Feed[] = [
  {
    url: "https://bringatrailer.com/auctions/results/",
    kind: "index",
    about: "The 36 auctions that ended last, with their results",
    enabled: true,
    // In the busiest hour of a day about as many auctions end as a page lists.
    interval_minutes: 30,
  },
  {
    url: "https://bringatrailer.com/auctions/",
    kind: "index",
    about: "All live auctions, about 1,100, with their running bids and ends",
    enabled: true,
    interval_minutes: 120,
  },
  {
    url: "https://bringatrailer.com/feed/",
    kind: "rss",
    about: "The auctions that started last",
    enabled: true,
    interval_minutes: 60,
  },
];

export const feedFormat: FeedFormat = {
  site,
  list(entry) {
    const { title, noReserve } = lotTitle(entry.title);
    const raw = { ...entry.listed.raw, no_reserve: noReserve || null };
    return {
      listed: { ...entry.listed, title, raw },
      why: (name, url) => whyNoLotListed(name, url, entry.text),
    };
  },
};
