import type { Extraction } from "../../supabase/functions/_shared/domain/extraction.ts";
import type { FieldName, FieldValue } from "../../supabase/functions/_shared/domain/fact.ts";
import { adapterFor } from "../../supabase/functions/_shared/sources/registry.ts";

/** What a page says of its listing, as `vehicle_listings` holds it after its first reading. */
export interface ExtractedListing {
  kind: "auction" | "classified" | "dealer";
  status: string;
  /** In units of `currency`: paid, bid or asked for, by the status. */
  price: number | null;
  currency: string | null;
  seller: string | null;
}

/**
 * The listing of an extracted page; null where the page shows none. The database decides by
 * listing_kind, read_listing_status and listing_price: a test compares this with it.
 */
export function listingOf(extraction: Extraction, url: string): ExtractedListing | null {
  const { outcome, auction, facts } = extraction;
  if (outcome !== "listing") return null;
  /** What is less sure is not held for true. */
  const sure = <F extends FieldName>(field: F): FieldValue<F> | null => {
    const fact = facts[field];
    return fact !== undefined && fact.confidence >= 0.5 ? fact.value as FieldValue<F> : null;
  };
  const { kind } = adapterFor(url);
  const status = auction?.outcome ?? sure("sale_status") ?? "unknown";
  const bid = auction?.high_bid ?? sure("high_bid");
  const price = status === "sold"
    ? auction?.sale_price ?? sure("sale_price")
    : ["bid_to", "no_sale", "withdrawn", "live"].includes(status)
    ? bid
    : sure("asking_price") ?? bid;
  return {
    kind: auction !== null ? "auction" : kind === "general" ? "dealer" : kind,
    status,
    price,
    currency: auction?.currency ?? sure("currency"),
    seller: auction?.seller ?? sure("seller_name"),
  };
}
