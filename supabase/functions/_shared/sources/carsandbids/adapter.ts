import type { Auction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import { imageUrls } from "../../extraction/images.ts";
import { nonVehicleIn } from "../../extraction/non_vehicle.ts";
import { whyNoListing } from "../../extraction/page_kind.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { markedUp } from "../../extraction/schema_org/markup.ts";
import type { SourceAdapter } from "../adapter.ts";
import type { CabAuction } from "./auction.ts";
import { factsOf, retractionSurety } from "./facts.ts";
import { feedFormat, feeds } from "./feeds.ts";
import { readIndex } from "./index_page.ts";
import { auctionIn, isAuctionList, pageJson, readJson, SHELL } from "./json.ts";
import { HOST } from "./listing_url.ts";
import { whyNoVehicle } from "./non_vehicle.ts";
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
export const carsandbids: SourceAdapter = {
  slug: "carsandbids",
  name: "Cars & Bids",
  kind: "auction",
  hosts: [HOST],
  scraper: "carsandbids_scraper",
  version: "v1.1.0",
  extract,
  readIndex,
  feedFormat,
  feeds,
};

const OTHER_PAGES = {
  index: /class="[^"<>]{0,200}\bauction-(?:item|card)\b/,
  shell: SHELL,
  listingPath: /^\/auctions\//,
};
/** What no thing has that is sold beside cars. */
const DRIVES = ["vin", "mileage", "engine", "transmission"] as const;
/** Every auction states these, and how it stands. */
const REQUIRED = ["year", "make", "model"] as const;

function extract(page: Page): PageReading {
  const json = pageJson(page);
  const auction = auctionIn(json);
  if (auction !== null) {
    const none = whyNoVehicle(auction);
    if (none !== null) return noListing({ kind: "no_vehicle", reason: none });
    return readingOf(page, readJson(auction, page.fetchedAt));
  }
  if (isAuctionList(json)) {
    return noListing({ kind: "index", reason: "a list of auctions" });
  }
  if (isRenderedAuction(page.body)) {
    const rendered = readRendered(page.body);
    if (rendered !== null) return readingOf(page, rendered);
    const reason = "an auction's page without its quick facts";
    return noListing({ kind: "short", reason });
  }
  return markedUp(page) ?? noListing(whyNoListing(page, OTHER_PAGES));
}

function readingOf(page: Page, read: CabAuction): PageReading {
  const { facts, absent } = factsOf(read);
  const short = missingFields(facts, REQUIRED) ??
    (read.result.evidence === "" ? "not how it stands" : null);
  if (short !== null) {
    return noListing({ kind: "short", reason: `an auction that states ${short}` });
  }
  const nonVehicle = nonVehicleIn(read.title);
  if (nonVehicle !== null && !DRIVES.some((field) => facts[field] !== undefined)) {
    const reason = `an auction of a thing: "${read.title}"`;
    return noListing({ kind: "no_vehicle", reason });
  }
  const { outcome, evidence } = read.result;
  const retraction = { confidence: retractionSurety(read), evidence: evidence.slice(0, 600) };
  return listing(`an auction (${read.form})`, facts, {
    retractions: outcome === "sold" || outcome === "unknown"
      ? {}
      : { sale_price: retraction, sale_date: retraction },
    absent,
    images: imageUrls(read.images, page.url),
    auction: recordOf(read),
    bids: read.bids,
    comments: read.comments,
  });
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
