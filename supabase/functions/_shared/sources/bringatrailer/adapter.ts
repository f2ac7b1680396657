import type { Extraction, Retraction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { imageUrls } from "../../extraction/images.ts";
import { whyNoListing } from "../../extraction/page_kind.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import { missingFields, type RequiredFields } from "../../extraction/required_fields.ts";
import type { SourceAdapter } from "../adapter.ts";
import { activityOf, auctionOf } from "./auction.ts";
import { readEssentials } from "./essentials.ts";
import { factsOf } from "./facts.ts";
import { feedFormat, feeds } from "./feeds.ts";
import { readIndex } from "./index_page.ts";
import { HOST, listingUrlOf } from "./listing_url.ts";
import { whyNoVehicle } from "./non_vehicle.ts";
import { cutBatPage } from "./page.ts";
import { confirmed, resultOf } from "./result.ts";

/** Bring a Trailer: auctions of enthusiasts' vehicles. */
export const bringatrailer: SourceAdapter = {
  slug: "bringatrailer",
  name: "Bring a Trailer",
  kind: "auction",
  hosts: [HOST],
  scraper: "bat_scraper",
  version: "v1.2.0",
  extract,
  listingUrlOf,
  readIndex,
  feedFormat,
  feeds,
};

const OTHER_PAGES = {
  index: /\bauctions(?:Completed|Current)InitialData\b/,
  removed: /\berror404\b/,
};

/** What every auction states: which vehicle, and how it ended or that it runs. */
const REQUIRED: RequiredFields = [["make", "vin"], "sale_status"];

function extract(page: Page): PageReading {
  const html = page.body;
  if (!isListing(html)) return noListing(whyNoListing(page, OTHER_PAGES));
  const cut = cutBatPage(html);
  if (cut.cutShort) {
    const reason = "a listing page that stops before its end: its entries are not whole";
    return noListing({ kind: "broken", reason });
  }
  if (cut.title === "") {
    return noListing({ kind: "short", reason: "a listing page without its title" });
  }
  const essentials = readEssentials(cut.essentials);
  const noVehicle = whyNoVehicle(cut, essentials);
  if (noVehicle !== null) return noListing({ kind: "no_vehicle", reason: noVehicle });

  const activity = activityOf(cut);
  const result = resultOf(cut);
  const { seller, lot } = essentials;
  const { auction, places } = auctionOf(cut, activity, result, seller, lot);
  const proven = result !== null && confirmed(result, cut);
  const sale = { auction, places, result, confirmed: proven };
  const { facts, absent } = factsOf(cut, essentials, sale);
  const missing = missingFields(facts, REQUIRED);
  if (missing !== null) {
    const reason = `a listing page with ${missing}: "${cut.title}"`;
    return noListing({ kind: "short", reason });
  }
  return listing(`auction page (${cut.contentGroup ?? "marked as a listing"})`, facts, {
    retractions: result?.disputed === true ? {} : retractionsOf(auction, places.outcome, proven),
    absent,
    images: imageUrls(cut.images, page.url),
    auction,
    bids: activity.bids,
    comments: activity.comments,
  });
}

function isListing(html: string): boolean {
  return html.includes('"contentGroup":"listing-detail-page') ||
    html.includes("single-bat-listing") ||
    html.includes("listing-post-title");
}

/**
 * An auction that ended unsold, or has not ended, has no sale price and no day of sale; one on which
 * nobody bid has no highest bid. What is held of them must go.
 */
function retractionsOf(
  { outcome, high_bid, bid_count }: NonNullable<Extraction["auction"]>,
  evidence: string,
  proven: boolean,
): Extraction["retractions"] {
  if (outcome === "sold" || outcome === "unknown") return {};
  const row = CONFIDENCE.record;
  const retraction: Retraction = {
    confidence: proven ? row.checked : row.alone,
    evidence,
  };
  return {
    sale_price: retraction,
    sale_date: retraction,
    ...(high_bid === null && bid_count === 0 ? { high_bid: retraction } : {}),
  };
}
