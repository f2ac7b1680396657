import type { Extraction, ExtractionOutcome } from "../domain/extraction.ts";
import { type NoListing, PAGE_KINDS } from "./page_kind.ts";

/** The extraction of a page that yields no facts: only how it ended and why. */
export function nothing(
  outcome: Exclude<ExtractionOutcome, "listing">,
  reason: string,
  source: string,
  scraper: { name: string; version: string },
): Extraction {
  return {
    outcome,
    reason: reason.slice(0, 500),
    source,
    scraper,
    facts: {},
    retractions: {},
    absent: [],
    images: [],
    auction: null,
    bids: [],
    comments: [],
  };
}

/** The extraction of a page that is no listing: its kind decides how it ends. */
export function refuse(
  { kind, reason }: NoListing,
  source: string,
  scraper: { name: string; version: string },
): Extraction {
  return nothing(PAGE_KINDS[kind], reason, source, scraper);
}
