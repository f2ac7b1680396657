import type { Page } from "../../domain/page.ts";
import { imageUrls } from "../../extraction/images.ts";
import { whyNoListing } from "../../extraction/page_kind.ts";
import { listing, noListing, type PageReading } from "../../extraction/page_reading.ts";
import { plausibleStatus } from "../../extraction/plausible_status.ts";
import { missingFields } from "../../extraction/required_fields.ts";
import { markedUp } from "../../extraction/schema_org/markup.ts";
import type { SourceAdapter } from "../adapter.ts";
import { factsOf } from "./facts.ts";
import { readIndex } from "./index_page.ts";
import { cutCarsComPage } from "./page.ts";

/**
 * Cars.com: classifieds of dealers and private sellers, one page a vehicle under `/vehicledetail/`.
 *
 * Seen (a page of May 2026): `script#initial-activity-data` with vin, price, mileage, year, make,
 * model, trim, colours, drivetrain and dealer, all strings; `#vehicle-title`, `.list-price`,
 * `li[data-qa=basics-entry]`, `#dealers-info`, `#sellers-notes`, `#gallery img`. Its linked data
 * names no vehicle. Prices of other cars stand in `.price` further down and are not read.
 * Known from public code, not seen: the layout of 2021–2025 (`h1.listing-title`, `.primary-price`,
 * `dl.fancy-description-list`, `gallery-slides`); the marks of its indexes. Inferred: a private seller's page, and that a
 * missing price is an empty string or null.
 */
export const carscom: SourceAdapter = {
  slug: "carscom",
  name: "Cars.com",
  kind: "classified",
  hosts: ["cars.com"],
  scraper: "carscom_scraper",
  version: "v1.1.0",
  extract,
  readIndex,
};

const INDEX =
  /class="[^"<>]{0,200}\b(?:vehicle-cards?|search-results)\b|"page_key":"search|shopping\/search-results|\bSrpListing\w{0,20}Card\b|\bSearchController\b/;
/** Every listing states these. */
const REQUIRED = ["year", "make", "model", ["vin", "asking_price"]] as const;

function extract(page: Page): PageReading {
  const html = page.body;
  if (!isDetail(html)) {
    return markedUp(page) ?? noListing(whyNoListing(page, { index: INDEX }));
  }
  const cut = cutCarsComPage(html);
  if (cut.activity === null && html.includes('id="vehicle-title"')) {
    const reason = "a vehicle's page cut off before its data";
    return noListing({ kind: "broken", reason });
  }
  const { facts, absent } = factsOf(cut);
  const short = missingFields(facts, REQUIRED);
  if (short !== null) {
    return noListing({ kind: "short", reason: `a vehicle's page that states ${short}` });
  }
  // Its pages name no status: one that shows none is offered.
  return listing("a vehicle's page", plausibleStatus(facts, html, false), {
    absent,
    images: imageUrls(cut.images, page.url),
  });
}

function isDetail(html: string): boolean {
  return html.includes('data-view-name="vehicle-detail"') || html.includes('id="vehicle-title"') ||
    html.includes('"page_key":"vehicle-details"') ||
    (html.includes("fancy-description-list") && html.includes("listing-title"));
}
