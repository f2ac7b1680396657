/** A place where a site names its new listings. */
interface Feed {
  /** Slug of the source. */
  source: string;
  url: string;
  /** `index`: a page of the site's list; `rss`: a feed made for machines; `search`: a search page. */
  kind: "index" | "rss" | "search";
  /** For a person: what is found there, and why it is off when it is. */
  about: string;
  enabled: boolean;
  /** How often it is looked at, in minutes. */
  interval_minutes: number;
}

/**
 * Where new listings are discovered. Few requests, at addresses that the sites publish: a list that
 * turns over slowly is looked at rarely. What is off cannot be read by a plain fetch or is not
 * wanted by its site; an operator who has the right to turns it on, for other places too.
 */
export const feeds: readonly Feed[] = [
  {
    source: "bringatrailer",
    url: "https://bringatrailer.com/auctions/results/",
    kind: "index",
    about: "The 36 auctions that ended last, with their results",
    enabled: true,
    // In the busiest hour of a day about as many auctions end as a page lists.
    interval_minutes: 30,
  },
  {
    source: "bringatrailer",
    url: "https://bringatrailer.com/auctions/",
    kind: "index",
    about: "All live auctions, about 1,100, with their running bids and ends",
    enabled: true,
    interval_minutes: 120,
  },
  {
    source: "bringatrailer",
    url: "https://bringatrailer.com/feed/",
    kind: "rss",
    about: "The auctions that started last",
    enabled: true,
    interval_minutes: 60,
  },
  {
    source: "carsandbids",
    url: "https://carsandbids.com/rss.xml",
    kind: "rss",
    about: "The auctions that started last; the feed that the site's own pages name",
    enabled: true,
    interval_minutes: 120,
  },
  {
    source: "carsandbids",
    url: "https://carsandbids.com/past-auctions/",
    kind: "index",
    about: "Ended auctions. Off: a plain fetch gets a shell that only a browser fills",
    enabled: false,
    interval_minutes: 720,
  },
  {
    source: "craigslist",
    url: "https://greenville.craigslist.org/search/cta",
    kind: "search",
    about:
      "Cars and trucks of one region, an example. Off: the site's terms forbid collecting without its leave, and its feeds are gone",
    enabled: false,
    interval_minutes: 240,
  },
];
