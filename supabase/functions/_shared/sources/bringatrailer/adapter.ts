import type { Extraction, Retraction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import type { SourceAdapter } from "../../extraction/adapter.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { imageUrls } from "../../extraction/images.ts";
import { refuse } from "../../extraction/no_listing.ts";
import { noListing } from "../../extraction/page_kind.ts";
import { missingFields, type RequiredFields } from "../../extraction/required_fields.ts";
import { activityOf, auctionOf } from "./auction.ts";
import { readEssentials } from "./essentials.ts";
import { factsOf } from "./facts.ts";
import { batSite } from "./index_site.ts";
import { whyNoVehicle } from "./non_vehicle.ts";
import { cutBatPage } from "./page.ts";
import { confirmed, resultOf } from "./result.ts";

const SLUG = "bringatrailer";
const scraper = { name: "bat_scraper", version: "v1.1.0" };

/** Bring a Trailer: auctions of enthusiasts' vehicles. */
export const bringatrailer: SourceAdapter = {
  slug: SLUG,
  name: "Bring a Trailer",
  kind: "auction",
  hosts: ["bringatrailer.com"],
  scraper: scraper.name,
  version: scraper.version,
  extract,
  listingUrl,
};

const OTHER_PAGES = {
  index: /\bauctions(?:Completed|Current)InitialData\b/,
  removed: /\berror404\b/,
};

/** What every auction states: which vehicle, and how it ended or that it runs. */
const REQUIRED: RequiredFields = [["make", "vin"], "sale_status"];

function extract(page: Page): Extraction {
  const html = page.body;
  if (!isListing(html)) return refuse(noListing(page, OTHER_PAGES), SLUG, scraper);
  const cut = cutBatPage(html);
  if (cut.cutShort) {
    const reason = "a listing page that stops before its end: its entries are not whole";
    return refuse({ kind: "broken", reason }, SLUG, scraper);
  }
  if (cut.title === "") {
    return refuse({ kind: "short", reason: "a listing page without its title" }, SLUG, scraper);
  }
  const essentials = readEssentials(cut.essentials);
  const noVehicle = whyNoVehicle(cut, essentials);
  if (noVehicle !== null) return refuse({ kind: "no_vehicle", reason: noVehicle }, SLUG, scraper);

  const activity = activityOf(cut);
  const result = resultOf(cut);
  const auction = auctionOf(cut, activity, result, essentials.seller, essentials.lot);
  const proven = result !== null && confirmed(result, cut);
  const { facts, absent } = factsOf(cut, essentials, auction, result, proven);
  const missing = missingFields(facts, REQUIRED);
  if (missing !== null) {
    const reason = `a listing page with ${missing}: "${cut.title}"`;
    return refuse({ kind: "short", reason }, SLUG, scraper);
  }
  return {
    outcome: "listing",
    reason: `auction page (${cut.contentGroup ?? "marked as a listing"})`,
    source: SLUG,
    scraper,
    facts,
    retractions: retractionsOf(auction, result?.evidence, proven),
    absent,
    images: imageUrls(cut.images, page.url),
    auction,
    bids: activity.bids,
    comments: activity.comments,
  };
}

/** A listing whose address has changed answers under the old one, too: `<link rel="canonical">` has the new. */
function listingUrl({ body }: Page): string | null {
  const href = /<link rel="canonical" href="([^"]{1,500})"/.exec(body.slice(0, 200_000))?.[1];
  return href !== undefined && URL.canParse(href) ? batSite.own(new URL(href)) : null;
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
  evidence: string | undefined,
  proven: boolean,
): Extraction["retractions"] {
  if (outcome === "sold" || outcome === "unknown") return {};
  const row = CONFIDENCE.record;
  const retraction: Retraction = {
    confidence: proven ? row.checked : row.alone,
    evidence: evidence ?? `the auction is ${outcome}`,
  };
  return {
    sale_price: retraction,
    sale_date: retraction,
    ...(high_bid === null && bid_count === 0 ? { high_bid: retraction } : {}),
  };
}
