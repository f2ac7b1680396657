import type { Auction, Extraction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import type { SourceAdapter } from "../../extraction/adapter.ts";
import { imageUrls } from "../../extraction/images.ts";
import { refuse } from "../../extraction/no_listing.ts";
import { nonVehicleIn } from "../../extraction/non_vehicle.ts";
import { noListing } from "../../extraction/page_kind.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { markedUp } from "../../extraction/schema_org/markup.ts";
import { type Json, parseJson, scriptVariable } from "../../html/json_region.ts";
import type { CabAuction } from "./auction.ts";
import { factsOf, retractionSurety } from "./facts.ts";
import { auctionIn, isAuctionList, readJson, whyNoCar } from "./json.ts";
import { isRenderedAuction, readRendered } from "./rendered.ts";

/**
 * Cars & Bids: auctions of enthusiasts' cars, one page an auction under `/auctions/`.
 *
 * A plain fetch gets a shell of 13 KB that a browser must fill, or a Cloudflare wall. Two forms are
 * read: the page as a browser rendered it, and the JSON that it is rendered from
 * (`/v2/autos/auctions/<id>`: `listing`, `stats`, `seller`, `status`), as a body of its own or in
 * the page's `__PRELOADED_DATA__`.
 * Seen: a live auction, rendered, of 2023 (without head and scripts), and the shell of 2026. Seen in
 * public code: the JSON of a sold auction of 2026, the statuses sold, sold_after, reserve_not_met
 * and canceled, and the words of ended pages ("Sold for", "Sold After for", "Bid to", "Auction
 * Canceled"). Inferred: the markup around those words, JSON in the preloaded data, and that a
 * status that is not known means live while the auction's end lies ahead of the fetch.
 * Sums are US dollars. Bids and comments carry relative times ("15h") only: none is kept.
 */
const SLUG = "carsandbids";
const scraper = { name: "carsandbids_scraper", version: "v1.0.0" };

export const carsandbids: SourceAdapter = {
  slug: SLUG,
  name: "Cars & Bids",
  kind: "auction",
  hosts: ["carsandbids.com"],
  scraper: scraper.name,
  version: scraper.version,
  extract,
};

const OTHER_PAGES = {
  index: /class="[^"<>]{0,200}\bauction-(?:item|card)\b/,
  shell: /__PRELOADED_DATA__|<div[^<>]{0,100}\bid="root"/,
  listingPath: /^\/auctions\//,
};
/** Every auction states these, and how it stands. */
const REQUIRED = ["year", "make", "model"] as const;

function extract(page: Page): Extraction {
  const json = jsonOf(page);
  const auction = auctionIn(json);
  if (auction !== null) {
    const noCar = whyNoCar(auction);
    if (noCar !== null) return refuse({ kind: "no_vehicle", reason: noCar }, SLUG, scraper);
    return listing(page, readJson(auction, page.fetchedAt));
  }
  if (isAuctionList(json)) {
    return refuse({ kind: "index", reason: "a list of auctions" }, SLUG, scraper);
  }
  if (isRenderedAuction(page.body)) {
    const rendered = readRendered(page.body);
    if (rendered !== null) return listing(page, rendered);
    const reason = "an auction's page without its quick facts";
    return refuse({ kind: "short", reason }, SLUG, scraper);
  }
  return markedUp(page, SLUG, scraper) ?? refuse(noListing(page, OTHER_PAGES), SLUG, scraper);
}

/** The page's JSON: its whole body, or the data that it was delivered with. */
function jsonOf({ body, contentType }: Page): Json | undefined {
  if (/\bjson\b/.test(contentType) || /^\s{0,1000}[{[]/.test(body)) return parseJson(body.trim());
  const at = body.indexOf("__PRELOADED_DATA__ =");
  if (at < 0) return undefined;
  return scriptVariable(`var ${body.slice(at, at + 4_000_000)}`, "__PRELOADED_DATA__");
}

function listing(page: Page, read: CabAuction): Extraction {
  const { facts, absent } = factsOf(read);
  const short = missingFields(facts, REQUIRED) ??
    (read.result.evidence === "" ? "not how it stands" : null);
  if (short !== null) {
    return refuse({ kind: "short", reason: `an auction that states ${short}` }, SLUG, scraper);
  }
  const thing = nonVehicleIn(read.title);
  if (thing !== null && facts.vin === undefined && facts.mileage === undefined) {
    const reason = `an auction of a thing: "${read.title}"`;
    return refuse({ kind: "no_vehicle", reason }, SLUG, scraper);
  }
  const { outcome, evidence } = read.result;
  const retraction = { confidence: retractionSurety(read), evidence: evidence.slice(0, 600) };
  return {
    outcome: "listing",
    reason: `an auction (${read.form})`,
    source: SLUG,
    scraper,
    facts,
    retractions: outcome === "sold" || outcome === "unknown"
      ? {}
      : { sale_price: retraction, sale_date: retraction },
    absent,
    images: imageUrls(read.images, page.url),
    auction: recordOf(read),
    bids: read.bids,
    comments: read.comments,
  };
}

function recordOf(read: CabAuction): Auction {
  const { outcome, price, bid, after } = read.result;
  return {
    outcome,
    sale_price: outcome === "sold" ? price : null,
    high_bid: bid,
    currency: price === null && bid === null ? null : "USD",
    bid_count: read.bidCount,
    comment_count: read.commentCount,
    view_count: read.viewCount,
    watcher_count: read.watcherCount,
    reserve_met: outcome === "sold" ? !after : outcome === "bid_to" ? false : null,
    no_reserve: read.noReserve,
    lot_number: null,
    starts_at: null,
    ends_at: read.endsAt,
    seller: read.seller,
    buyer: outcome === "sold" ? read.buyer : null,
  };
}
