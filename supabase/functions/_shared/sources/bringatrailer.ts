import type { Extraction, Retraction } from "../domain/extraction.ts";
import type { Page } from "../domain/page.ts";
import { CONFIDENCE } from "../reading/confidence.ts";
import { imageUrls } from "../reading/images.ts";
import type { SourceAdapter } from "./adapter.ts";
import { activityOf, auctionOf } from "./bringatrailer/auction.ts";
import { readEssentials } from "./bringatrailer/essentials.ts";
import { factsOf } from "./bringatrailer/facts.ts";
import { cutBatPage } from "./bringatrailer/page.ts";
import { confirmed, resultOf } from "./bringatrailer/result.ts";
import { whyNoVehicle } from "./bringatrailer/vehicle.ts";
import { nothing } from "./nothing.ts";

const SLUG = "bringatrailer";
const scraper = { name: "bat_scraper", version: "v1.0.0" };

/** Bring a Trailer: auctions of enthusiasts' vehicles. */
export const bringatrailer: SourceAdapter = {
  slug: SLUG,
  name: "Bring a Trailer",
  kind: "auction",
  hosts: ["bringatrailer.com"],
  scraper: scraper.name,
  version: scraper.version,
  extract,
};

function extract(page: Page): Extraction {
  const html = page.body;
  if (!isListing(html)) return nothing(...whyNoListing(html), SLUG, scraper);
  const cut = cutBatPage(html);
  if (cut.cutShort) {
    const reason = "a listing page that stops before its end: its entries are not whole";
    return nothing("unreadable", reason, SLUG, scraper);
  }
  if (cut.title === "") {
    return nothing("unreadable", "a listing page without its title", SLUG, scraper);
  }
  const essentials = readEssentials(cut.essentials);
  const noVehicle = whyNoVehicle(cut, essentials);
  if (noVehicle !== null) return nothing("not_a_listing", noVehicle, SLUG, scraper);

  const activity = activityOf(cut);
  const result = resultOf(cut);
  const auction = auctionOf(cut, activity, result, essentials.seller, essentials.lot);
  const proven = result !== null && confirmed(result, cut);
  const { facts, absent } = factsOf(cut, essentials, auction, result, proven);
  if (facts.make === undefined && facts.vin === undefined) {
    return nothing(
      "unreadable",
      `a listing page that names no vehicle: "${cut.title}"`,
      SLUG,
      scraper,
    );
  }
  return {
    outcome: "listing",
    reason: `auction page (${cut.contentGroup ?? "marked as a listing"})`,
    source: SLUG,
    scraper,
    facts,
    retractions: retractionsOf(auction.outcome, result?.evidence, proven),
    absent,
    images: imageUrls(cut.images, page.url),
    auction,
    bids: activity.bids,
    comments: activity.comments,
  };
}

function isListing(html: string): boolean {
  return html.includes('"contentGroup":"listing-detail-page') ||
    html.includes("single-bat-listing") ||
    html.includes("listing-post-title");
}

function whyNoListing(html: string): ["not_a_listing" | "unreadable", string] {
  if (/^\s*(?:<\?xml|<rss|<feed)/i.test(html.slice(0, 500))) {
    return ["not_a_listing", "a feed, not a page"];
  }
  if (
    html.includes("auctionsCompletedInitialData") || html.includes("auctionsCurrentInitialData")
  ) {
    return ["not_a_listing", "an index of auctions"];
  }
  if (
    html.includes("error404") || /<title[^>]{0,100}>\s*page not found/i.test(html.slice(0, 20_000))
  ) {
    return ["not_a_listing", "removed: the page says it was not found"];
  }
  if (!/<(?:html|body|div)\b/i.test(html.slice(0, 100_000))) {
    return ["unreadable", "not an HTML page"];
  }
  return ["unreadable", "no listing in the page"];
}

/** An auction that ended unsold, or has not ended, has no sale price: one held must go. */
function retractionsOf(
  outcome: NonNullable<Extraction["auction"]>["outcome"],
  evidence: string | undefined,
  proven: boolean,
): Extraction["retractions"] {
  if (outcome === "sold" || outcome === "unknown") return {};
  const row = CONFIDENCE.record;
  const retraction: Retraction = {
    confidence: proven ? row.checked : row.alone,
    evidence: evidence ?? `the auction is ${outcome}`,
  };
  return { sale_price: retraction };
}
