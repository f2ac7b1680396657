import type { Extraction } from "../domain/extraction.ts";
import { FIELD_NAMES } from "../domain/fact.ts";
import { sha256 } from "../domain/hash.ts";

/**
 * SHA-256 (hex) of what a page says of its vehicle: outcome, facts' values, images and the
 * auction's outcome. Two readings with the same hash have nothing new to apply; comments, bids,
 * views, evidence and confidence do not count.
 */
export function extractionHash(extraction: Extraction): string {
  return sha256(JSON.stringify([
    extraction.outcome,
    FIELD_NAMES.map((name) => extraction.facts[name]?.value ?? null),
    FIELD_NAMES.filter((name) => extraction.retractions[name] !== undefined),
    extraction.images,
    extraction.auction?.outcome ?? null,
  ]));
}
