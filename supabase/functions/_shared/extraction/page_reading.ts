import type { Extraction } from "../domain/extraction.ts";
import type { Facts } from "../domain/fact.ts";
import { type NoListing, PAGE_KINDS } from "./page_kind.ts";

/** What an adapter reads from a page: an extraction without its source and scraper, which are the adapter's. */
export type PageReading = Omit<Extraction, "source" | "scraper">;

type More = Partial<Omit<PageReading, "outcome" | "reason" | "facts">>;

/** The reading of a listing's page; what its site has no place for is empty. */
export function listing(reason: string, facts: Facts, more: More = {}): PageReading {
  return { ...empty(), ...more, outcome: "listing", reason, facts };
}

/** The reading of a page that is no listing: its kind decides how it ends. */
export function noListing({ kind, reason }: NoListing): PageReading {
  return { ...empty(), outcome: PAGE_KINDS[kind], reason: reason.slice(0, 500) };
}

function empty(): Omit<PageReading, "outcome" | "reason"> {
  return {
    facts: {},
    retractions: {},
    absent: [],
    images: [],
    auction: null,
    bids: [],
    comments: [],
  };
}
