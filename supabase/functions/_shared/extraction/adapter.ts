import type { Extraction } from "../domain/extraction.ts";
import type { Page } from "../domain/page.ts";

/** What one site serves and how to read it. One file a site; `registry.ts` lists them. */
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
  /** Reads a page. Pure: no I/O, no clock, no database; never throws on any input. */
  extract(page: Page): Extraction;
  /** The address that a page names as its listing's own, where that can be trusted; null when it names none. */
  listingUrl?(page: Page): string | null;
}
