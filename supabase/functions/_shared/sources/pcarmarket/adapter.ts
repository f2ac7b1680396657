import type { Auction, AuctionOutcome, Extraction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import type { SourceAdapter } from "../../extraction/adapter.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { imageUrls } from "../../extraction/images.ts";
import { nothing, refuse } from "../../extraction/no_listing.ts";
import { noListing } from "../../extraction/page_kind.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { offerMake, offerMileage, offerVin } from "../../extraction/stated.ts";
import { isObject, type Json, textOf } from "../../html/json_region.ts";
import { objectsIn, scriptJson } from "../../html/script_json.ts";
import { paragraphs } from "../../html/text.ts";

/**
 * PCARMARKET: auctions of Porsches and other sports cars, one page an auction under `/auction/`.
 *
 * Not seen: no page is at hand. Known from public code of 2026: the page carries one JSON object
 * with `vehicle` (null for memorabilia), `vin`, `mileage_body`, `tmu`, `high_bid`, `sold`,
 * `status`, `location`, `seller_username`, `gallery_images`. Inferred: that it stands in
 * `__NEXT_DATA__`, and that the price of a sold car is `auction_final_bid`, else its high bid.
 */
const SLUG = "pcarmarket";
const scraper = { name: "pcarmarket_scraper", version: "v1.0.0" };

export const pcarmarket: SourceAdapter = {
  slug: SLUG,
  name: "PCARMARKET",
  kind: "auction",
  hosts: ["pcarmarket.com"],
  scraper: scraper.name,
  version: scraper.version,
  extract,
};

type Fields = { [key: string]: Json };
const WHERE = "page data";
const structured = (name: string) => ({ way: "structured", where: `${WHERE} ${name}` }) as const;

function extract(page: Page): Extraction {
  const found = objectsIn(
    scriptJson(page.body, "__NEXT_DATA__"),
    (one) => "vehicle" in one && "high_bid" in one && "lot_number" in one,
  );
  const own = found.find(({ value }) => page.url.includes(`/${textOf(value.slug) ?? "?"}`));
  const data = own?.value ?? (found.length === 1 ? found[0]?.value : undefined);
  if (data === undefined) {
    return refuse(noListing(page, { listingPath: /^\/auction\// }), SLUG, scraper);
  }
  const { vehicle } = data;
  if (!isObject(vehicle)) {
    return nothing("not_a_listing", `no vehicle: "${textOf(data.title)}"`, SLUG, scraper);
  }
  const book = new FactBook();
  const year = numberOf(vehicle.year);
  book.offer("year", year, "structured", `${WHERE} vehicle.year ${year}`);
  offerMake(book, textOf(vehicle.make), structured("vehicle.make"));
  book.offer("model", textOf(vehicle.model), "structured", `${WHERE} vehicle.model`);
  offerVin(book, textOf(data.vin), year, structured("vin"));
  const unit = data.odometer_type === "km" ? "Kilometers" : "Miles";
  const miles = numberOf(data.mileage_body);
  if (miles !== null) {
    const words = `${miles} ${unit}${data.tmu === true ? " (TMU)" : ""}`;
    offerMileage(book, words, structured("mileage_body"));
  }
  book.offer("seller_name", textOf(data.seller_username), "structured", `${WHERE} seller_username`);
  const place = [textOf(data.location), textOf(data.zip_code)].filter((part) => part).join(" ");
  book.offer("location", place, "structured", `${WHERE} location`);
  const description = paragraphs(textOf(data.description) ?? "");
  if (description.length >= 40) {
    book.offer("description", description, "structured", `${WHERE} description`);
  }
  const auction = auctionOf(data);
  const said = `${WHERE} status "${textOf(data.status)}"`;
  if (auction.outcome !== "unknown") book.offer("sale_status", auction.outcome, "record", said);
  book.offer("sale_price", auction.sale_price, "record", `${said}, auction_final_bid`);
  book.offer("high_bid", auction.high_bid, "record", `${said}, high_bid`);
  book.offer("currency", auction.currency, "record", said);
  if (auction.outcome === "sold") {
    book.offer("sale_date", auction.ends_at?.slice(0, 10), "record", `${said}, end_date`);
  }
  const facts = book.facts();
  const short = missingFields(facts, ["year", "make", "model", "sale_status"]);
  if (short !== null) {
    return refuse({ kind: "short", reason: `an auction that states ${short}` }, SLUG, scraper);
  }
  const unsold = auction.outcome !== "sold";
  const retraction = { confidence: 0.97, evidence: said };
  return {
    outcome: "listing",
    reason: "an auction (page data)",
    source: SLUG,
    scraper,
    facts,
    retractions: unsold ? { sale_price: retraction, sale_date: retraction } : {},
    absent: [],
    images: imageUrls(photosOf(data.gallery_images), page.url),
    auction,
    bids: [],
    comments: [],
  };
}

const OUTCOMES: Readonly<Record<string, AuctionOutcome>> = {
  live: "live",
  sold: "sold",
  unsold: "bid_to",
};

function auctionOf(data: Fields): Auction {
  const status = (textOf(data.status) ?? "").toLowerCase();
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

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
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
