import type { Page } from "../domain/page.ts";
import type { FeedFormat } from "../extraction/index/feed_list.ts";
import type { IndexReading } from "../extraction/index/reading.ts";
import type { PageReading } from "../extraction/page_reading.ts";

/** All that the project knows of one site. One folder a site, one line in `registry.ts`. */
export interface SourceAdapter {
  /** Slug of the source: the key of `scrape_sources`. */
  readonly slug: string;
  readonly name: string;
  readonly kind: "auction" | "classified" | "dealer" | "general";
  /** Host names it answers for; a subdomain of one counts. Empty for the general adapter. */
  readonly hosts: readonly string[];
  /** `extraction_method` of what it reads: "bat_scraper". */
  readonly scraper: string;
  /** Semantic version with a leading v: "v1.0.0". Raised whenever its output changes. */
  readonly version: string;
  /** Reads a listing's page. Pure: no I/O, no clock, no database; what it throws becomes `unreadable`. */
  extract(page: Page): PageReading;
  /** The address that a page names as its listing's own, where that can be trusted; null when it names none. */
  listingUrlOf?(page: Page): string | null;
  /** Reads a page of the site's list. Without it, the vehicles that a list marks up are read. */
  readIndex?(page: Page): IndexReading;
  /** How the entries of the site's RSS or Atom feeds are listed. Without it, its feeds are not read. */
  readonly feedFormat?: FeedFormat;
  /** Where its new listings are discovered. */
  readonly feeds?: readonly Feed[];
}

/** A place where a site names its new listings. */
export interface Feed {
  url: string;
  /** `index`: a page of the site's list; `rss`: a feed made for machines; `search`: a search page. */
  kind: "index" | "rss" | "search";
  /** For a person: what is found there. */
  about: string;
  /** Off is what a plain fetch cannot read or its site does not want; an operator who has the right to turns it on. */
  enabled: boolean;
  /** Why it is off: shown to who asks how the feeds stand, instead of how to turn it on. */
  off_because?: string;
  /** How often it is looked at, in minutes: few requests, and fewer for a list that turns over slowly. */
  interval_minutes: number;
}
