import type { Extraction } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import type { SourceAdapter } from "../../extraction/adapter.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { imageUrls } from "../../extraction/images.ts";
import { refuse } from "../../extraction/no_listing.ts";
import { noListing } from "../../extraction/page_kind.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { markedUp } from "../../extraction/schema_org/markup.ts";
import { offerVin } from "../../extraction/stated.ts";
import { offerListing, photosOf } from "./facts.ts";
import { kslData } from "./listing.ts";

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
const SLUG = "ksl";
const scraper = { name: "ksl_scraper", version: "v1.0.0" };

export const ksl: SourceAdapter = {
  slug: SLUG,
  name: "KSL Cars",
  kind: "classified",
  hosts: ["cars.ksl.com", "ksl.com"],
  scraper: scraper.name,
  version: scraper.version,
  extract,
};

const REQUIRED = ["year", "make", "model"] as const;

function extract(page: Page): Extraction {
  const html = page.body;
  const { listing, where, count, kind } = kslData(html, page.url);
  if (listing === null) return withoutData(page, count, kind);
  const book = new FactBook();
  offerListing(book, listing, where);
  const linked = carfaxVin(html);
  offerVin(book, linked, book.value("year"), { way: "labelled", where: "link to CARFAX, VIN" });
  const facts = book.facts();
  const short = missingFields(facts, REQUIRED);
  if (short !== null) {
    return refuse(
      { kind: "short", reason: `a listing's data that states ${short}` },
      SLUG,
      scraper,
    );
  }
  return {
    outcome: "listing",
    reason: `a listing (${where})`,
    source: SLUG,
    scraper,
    facts,
    retractions: {},
    absent: facts.vin === undefined && "vin" in listing ? ["vin"] : [],
    images: imageUrls(photosOf(listing), page.url),
    auction: null,
    bids: [],
    comments: [],
  };
}

/** The VIN of the page's one link to a report; several differing ones are of several cars. */
function carfaxVin(html: string): string | null {
  const links = html.matchAll(/carfax\.com\/[^"'\s<>]{0,300}[?&](?:amp;)?vin=([A-Z\d]{5,17})\b/gi);
  const vins = new Set([...links].slice(0, 50).map((link) => link[1]?.toUpperCase() ?? ""));
  const [vin = null] = vins;
  return vins.size === 1 ? vin : null;
}

function withoutData(page: Page, count: number, kind: string): Extraction {
  const path = /^https?:\/\/[^/]+(\/[^?#]*)/.exec(page.url)?.[1] ?? "/";
  const ofOne = /\/listing\/\d/.test(path);
  if ((count > 1 && !ofOne) || kind.startsWith("/search") || /\/search(?:\/|$)/.test(path)) {
    return refuse({ kind: "index", reason: `an index of ${count} listing(s)` }, SLUG, scraper);
  }
  const marked = markedUp(page, SLUG, scraper);
  if (marked !== null) return marked;
  const other = noListing(page);
  return refuse({ ...other, reason: `no listing's data; ${other.reason}` }, SLUG, scraper);
}
