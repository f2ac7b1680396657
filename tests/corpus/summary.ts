import { createHash } from "node:crypto";
import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";

/**
 * An extraction short enough to keep beside the code: every value with its confidence, the record of
 * the auction, and what is long or personal (texts, names, bids, comments, pictures) as its number
 * and a hash.
 */
export function summary(extraction: Extraction): Record<string, unknown> {
  const { outcome, reason, source, scraper, facts, retractions, absent, images, auction } =
    extraction;
  return {
    outcome,
    reason,
    source,
    scraper: `${scraper.name} ${scraper.version}`,
    facts: Object.fromEntries(
      Object.entries(facts).map(([field, { value, confidence, way }]) => [
        field,
        `${PERSONAL.has(field) ? hashed(value) : value} (${confidence} ${way})`,
      ]),
    ),
    retracted: Object.keys(retractions),
    absent,
    images: `${images.length}, ${hashed(images)}`,
    auction: auction &&
      { ...auction, seller: hashed(auction.seller), buyer: hashed(auction.buyer) },
    bids: `${extraction.bids.length}, ${hashed(extraction.bids)}`,
    comments: `${extraction.comments.length}, ${hashed(extraction.comments)}`,
  };
}

/** A private seller's name, words and vehicle number: kept as a hash. */
const PERSONAL: ReadonlySet<string> = new Set(["description", "seller_name", "vin"]);

function hashed(value: unknown): string | null {
  if (value === null) return null;
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
}
