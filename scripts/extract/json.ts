import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import type { IndexReading } from "../../supabase/functions/_shared/extraction/index/reading.ts";
import type { ExtractedListing } from "./listing.ts";

/** An extraction as one JSON object: its listing, and each fact with its value, confidence and evidence. */
export function asJson(extraction: Extraction, listing: ExtractedListing | null): string {
  const facts = Object.fromEntries(
    Object.entries(extraction.facts).map(([field, { value, confidence, evidence }]) => [
      field,
      { value, confidence, evidence },
    ]),
  );
  const { outcome, reason, source, images, auction, bids, comments } = extraction;
  return JSON.stringify(
    { outcome, reason, source, listing, facts, images, auction, bids, comments },
    null,
    2,
  );
}

/** A list as one JSON object: each listing that it names, and what it names that is none. */
export function indexAsJson(reading: IndexReading, source: string): string {
  const { outcome, reason, next } = reading;
  const entries = reading.entries.map(({ price_kind: kind, ...entry }) => ({ ...entry, kind }));
  const skipped = reading.skipped.map(({ url, title, why }) => ({ url, title, why }));
  return JSON.stringify({ outcome, reason, source, entries, skipped, next }, null, 2);
}
