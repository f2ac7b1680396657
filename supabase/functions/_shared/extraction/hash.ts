import type { Extraction } from "../domain/extraction.ts";
import { FIELD_NAMES } from "../domain/fact.ts";

/**
 * SHA-256 (hex) of what a page says of its vehicle: outcome, facts' values, images and the
 * auction's outcome. Two readings with the same hash have nothing new to apply; comments, bids,
 * views, evidence and confidence do not count.
 */
export async function extractionHash(extraction: Extraction): Promise<string> {
  const said = [
    extraction.outcome,
    FIELD_NAMES.map((name) => extraction.facts[name]?.value ?? null),
    FIELD_NAMES.filter((name) => extraction.retractions[name] !== undefined),
    extraction.images,
    extraction.auction?.outcome ?? null,
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(said));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
