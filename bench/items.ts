/** Readings of auction pages as `apply_extractions` takes them, made up. */
import type { ApplyItem } from "../supabase/functions/_shared/database/apply.ts";

export const COMMENTS = 60;
export const BIDS = 25;
export const IMAGES = 150;

const AT = "2026-05-05T20:00:00Z";
const list = <T>(length: number, make: (n: number) => T): T[] =>
  Array.from({ length }, (_, n) => make(n));

/** What a page of a sold auction says, `n` being its number: 18 facts, bids, comments, image URLs. */
export function reading(vehicle: { id: string; url: string; token: string }, n: number) {
  const values = {
    year: 1960 + n % 60,
    make: "Porsche",
    model: "911 Carrera",
    trim: "S",
    vin: `WP0ZZZ${String(n).padStart(11, "0")}`,
    mileage: 61_000,
    color: "Guards Red",
    interior_color: "Black",
    engine: "3.2-Liter Flat-Six",
    transmission: "Five-Speed Manual",
    sale_price: 61_500,
    high_bid: 61_500,
    currency: "USD",
    sale_status: "sold",
    sale_date: "2026-05-05",
    seller_name: "somebody",
    location: "Portland, Oregon 97201",
    description: "This car was driven on Sundays only. ".repeat(40),
  };
  return {
    vehicle_id: vehicle.id,
    request: { queue: "micro_scrape_state", lease_token: vehicle.token },
    source_url: vehicle.url,
    outcome: "ok",
    page_at: new Date().toISOString(),
    method: "labelled",
    scraper_version: "v1.0.0",
    extraction_hash: String(n),
    facts: Object.fromEntries(
      Object.entries(values).map(([field, value]) => [
        field,
        {
          value,
          confidence: 0.95,
          way: "labelled" as const,
          evidence: `.essentials: ${String(value).slice(0, 40)}`,
        },
      ]),
    ),
    images: list(
      IMAGES,
      (i) => `https://images.example/uploads/2026/05/${n}-${i}.jpg?fit=2048%2C1365`,
    ),
    auction: {
      outcome: "sold",
      sale_price: 61_500,
      high_bid: 61_500,
      currency: "USD",
      bid_count: BIDS,
      comment_count: COMMENTS,
      view_count: 12_345,
      watcher_count: 600,
      reserve_met: true,
      no_reserve: false,
      lot_number: String(n),
      starts_at: null,
      ends_at: AT,
      seller: "somebody",
      buyer: "somebody else",
    },
    bids: list(BIDS, (i) => ({
      source_id: `${n}-${i}`,
      amount: 1_000 * (i + 1),
      currency: "USD",
      bidder: `bidder${i}`,
      placed_at: AT,
    })),
    comments: list(COMMENTS, (i) => ({
      source_id: `${n}-c${i}`,
      author: `author${i}`,
      body: "What a lovely car it is. ".repeat(1 + i % 20),
      posted_at: AT,
      is_seller: i % 7 === 0,
    })),
    steps: ["extract_data"],
  } satisfies ApplyItem;
}
