import { pathOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { imageUrls } from "../../extraction/images.ts";
import { whyNoListing } from "../../extraction/page_kind.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { markedUp } from "../../extraction/schema_org/markup.ts";
import type { SourceAdapter } from "../adapter.ts";
import { factsOf, photosOf } from "./facts.ts";
import { readIndex } from "./index_page.ts";
import { kslData } from "./listing.ts";
import { HOST } from "./listing_url.ts";
import { offerOf } from "./offer.ts";

/**
 * KSL Cars (Salt Lake City): classifieds of owners and dealers, one page a car under `/listing/`.
 *
 * Behind PerimeterX: most plain fetches are answered with its "press & hold" page.
 * Seen: the index of 2017 (`data-listing='{json}'` on each card) and the wall. Seen in public code:
 * an empty index of 2025 with `__NEXT_DATA__` (`initialReduxState.vdp.listing` is the detail page's
 * place, there empty), search results streamed by Next.js in 2026, and the fields of a listing.
 * Inferred, no detail page is at hand: that its listing stands under a key `listing` or carries the
 * number of its address, and that the VIN of a car is also in the page's link to CARFAX. Cars from
 * before 1981 carry short numbers, kept as written. Where there is no such data, the markup that
 * any site may have is read.
 */
export const ksl: SourceAdapter = {
  slug: "ksl",
  name: "KSL Cars",
  kind: "classified",
  hosts: [`cars.${HOST}`, HOST],
  scraper: "ksl_scraper",
  version: "v3.3.0",
  extract,
  readIndex,
};

const REQUIRED = ["year", "make", "model"] as const;

function extract(page: Page): PageReading {
  const html = page.body;
  const { listing: data, where, count, kind } = kslData(html, page.url);
  if (data === null) return withoutData(page, count, kind);
  const offer = offerOf(data, where, html);
  const facts = factsOf(data, where, carfaxVin(html), offer);
  const short = missingFields(facts, REQUIRED);
  if (short !== null) {
    return noListing({ kind: "short", reason: `a listing's data that states ${short}` });
  }
  return listing(`a listing (${where})`, facts, {
    // What is on hold or no longer offered is not for sale, and how that ends is not said.
    retractions: facts.sale_status === undefined
      ? { sale_status: { confidence: CONFIDENCE.structured.alone, evidence: offer.evidence } }
      : {},
    absent: facts.vin === undefined && "vin" in data ? ["vin"] : [],
    images: imageUrls(photosOf(data), page.url),
  });
}

/** The VIN of the page's one link to a report; several differing ones are of several cars. */
function carfaxVin(html: string): string | null {
  const links = html.matchAll(/carfax\.com\/[^"'\s<>]{0,300}[?&](?:amp;)?vin=([A-Z\d]{5,17})\b/gi);
  const vins = new Set([...links].slice(0, 50).map((link) => link[1]?.toUpperCase() ?? ""));
  const [vin = null] = vins;
  return vins.size === 1 ? vin : null;
}

function withoutData(page: Page, count: number, kind: string): PageReading {
  const path = pathOf(page.url);
  const ofOne = /\/listing\/\d/.test(path);
  if ((count > 1 && !ofOne) || kind.startsWith("/search") || /\/search(?:\/|$)/.test(path)) {
    return noListing({ kind: "index", reason: `an index of ${count} listing(s)` });
  }
  const marked = markedUp(page);
  if (marked !== null) return marked;
  const other = whyNoListing(page);
  return noListing({ ...other, reason: `no listing's data; ${other.reason}` });
}
