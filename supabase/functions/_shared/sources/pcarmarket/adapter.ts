import type { Auction, AuctionOutcome } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { imageUrls } from "../../extraction/images.ts";
import { whyNoListing } from "../../extraction/page_kind.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { isObject, type Json, type JsonObject, numberOf, textOf } from "../../html/json_region.ts";
import { objectsIn, scriptJson } from "../../html/script_json.ts";
import type { SourceAdapter } from "../adapter.ts";
import { factsOf, statusOf } from "./facts.ts";

/**
 * PCARMARKET: auctions of Porsches and other sports cars, one page an auction under `/auction/`.
 *
 * Not seen: no page is at hand. Known from public code of 2026: the page carries one JSON object
 * with `vehicle` (null for memorabilia), `vin`, `mileage_body`, `tmu`, `high_bid`, `sold`,
 * `status`, `location`, `seller_username`, `gallery_images`. Inferred: that it stands in
 * `__NEXT_DATA__`, and that the price of a sold car is `auction_final_bid`, else its high bid.
 */
export const pcarmarket: SourceAdapter = {
  slug: "pcarmarket",
  name: "PCARMARKET",
  kind: "auction",
  hosts: ["pcarmarket.com"],
  scraper: "pcarmarket_scraper",
  version: "v1.1.0",
  extract,
};

function extract(page: Page): PageReading {
  const found = objectsIn(
    scriptJson(page.body, "__NEXT_DATA__"),
    (one) => "vehicle" in one && "high_bid" in one && "lot_number" in one,
  );
  const own = found.find(({ value }) => page.url.includes(`/${textOf(value.slug) ?? "?"}`));
  const data = own?.value ?? (found.length === 1 ? found[0]?.value : undefined);
  if (data === undefined) {
    return noListing(whyNoListing(page, { listingPath: /^\/auction\// }));
  }
  const { vehicle } = data;
  if (!isObject(vehicle)) {
    return noListing({ kind: "no_vehicle", reason: `no vehicle: "${textOf(data.title)}"` });
  }
  const auction = auctionOf(data);
  const facts = factsOf(data, vehicle, auction);
  const short = missingFields(facts, ["year", "make", "model", "sale_status"]);
  if (short !== null) {
    return noListing({ kind: "short", reason: `an auction that states ${short}` });
  }
  const unsold = auction.outcome !== "sold";
  const retraction = { confidence: CONFIDENCE.record.alone, evidence: statusOf(data) };
  return listing("an auction (page data)", facts, {
    retractions: unsold ? { sale_price: retraction, sale_date: retraction } : {},
    images: imageUrls(photosOf(data.gallery_images), page.url),
    auction,
  });
}

const OUTCOMES: Readonly<Record<string, AuctionOutcome>> = {
  live: "live",
  sold: "sold",
  unsold: "bid_to",
  "reserve not met": "bid_to",
  "no sale": "bid_to",
  withdrawn: "withdrawn",
  canceled: "withdrawn",
  cancelled: "withdrawn",
};

function auctionOf(data: JsonObject): Auction {
  const status = (textOf(data.status) ?? "").toLowerCase().replace(/[\s_-]+/g, " ");
  const bid = numberOf(data.high_bid);
  const outcome = data.sold === true ? "sold" : OUTCOMES[status] ?? "unknown";
  const end = Date.parse(textOf(data.end_date) ?? "");
  return {
    outcome: outcome === "bid_to" && !bid ? "no_sale" : outcome,
    sale_price: outcome === "sold" ? numberOf(data.auction_final_bid) ?? bid : null,
    high_bid: bid,
    currency: bid === null ? null : "USD",
    bid_count: numberOf(data.bid_count),
    comment_count: null,
    view_count: numberOf(data.view_count),
    watcher_count: numberOf(data.watch_count),
    reserve_met: data.reserve_status === "met"
      ? true
      : data.reserve_status === "not_met"
      ? false
      : null,
    no_reserve: null,
    lot_number: textOf(data.lot_number),
    starts_at: null,
    ends_at: Number.isNaN(end) ? null : new Date(end).toISOString(),
    seller: textOf(data.seller_username),
    buyer: null,
  };
}

function photosOf(photos: Json | undefined): (string | null)[] {
  return !Array.isArray(photos)
    ? []
    : photos.map((photo) =>
      isObject(photo)
        ? textOf(photo.original_url) ?? textOf(photo.full_url) ?? textOf(photo.url)
        : null
    );
}
