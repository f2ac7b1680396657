import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";

/** An extraction as one JSON object: each fact with its value, confidence and evidence. */
export function asJson(extraction: Extraction): string {
  const facts = Object.fromEntries(
    Object.entries(extraction.facts).map(([field, { value, confidence, evidence }]) => [
      field,
      { value, confidence, evidence },
    ]),
  );
  const { outcome, source, images, auction, bids, comments } = extraction;
  return JSON.stringify({ outcome, source, facts, images, auction, bids, comments }, null, 2);
}
