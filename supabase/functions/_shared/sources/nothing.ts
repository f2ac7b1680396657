import type { Extraction, ExtractionOutcome } from "../domain/extraction.ts";

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
