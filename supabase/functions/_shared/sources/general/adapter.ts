import type { Extraction } from "../../domain/extraction.ts";
import { hostOf, hostSlug } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import type { SourceAdapter } from "../../extraction/adapter.ts";
import { FactBook } from "../../extraction/fact_book.ts";
import { imageUrls } from "../../extraction/images.ts";
import { refuse } from "../../extraction/no_listing.ts";
import { sellsByBids } from "../../extraction/page_about.ts";
import { type NoListing, noListing } from "../../extraction/page_kind.ts";
import { listingOf, offerTextVin, readMarkup } from "../../extraction/schema_org/markup.ts";
import { offerShared, sharedVehicle } from "../../extraction/schema_org/shared_vehicle.ts";
import { decodeEntities } from "../../html/entities.ts";
import { canonicalUrl, metaTags } from "../../html/open_graph.ts";
import { pageTitle } from "../../html/visible_text.ts";

const scraper = { name: "general_scraper", version: "v1.1.0" };

/**
 * Any site that marks up a vehicle: dealers' sites, Autotrader, Hemmings and the rest.
 *
 * Read: JSON-LD (each block by itself) and microdata of schema.org's Vehicle and Car, products with
 * a vehicle's properties (`additionalProperty`, a VIN as `sku`), and, where a page has neither, its
 * Open Graph tags if they plainly offer one vehicle: never surely. Seen: Autotrader's index (2023,
 * 27 cars, one block damaged, one car twice), a dealer group's page of places. Inferred: that
 * Autotrader's and Hemmings' own pages of a car carry such markup, as public code that reads them
 * says. Of several vehicles the page's own is told by its address, VIN or listing number.
 */
export const general: SourceAdapter = {
  slug: "general",
  name: "Any site with vehicle markup",
  kind: "general",
  hosts: [],
  scraper: scraper.name,
  version: scraper.version,
  extract,
};

function extract(page: Page): Extraction {
  const source = hostSlug(page.url);
  const read = readMarkup(page);
  switch (read.kind) {
    case "several": {
      const reason = `an index of ${read.count} vehicle(s)`;
      return refuse({ kind: "index", reason }, source, scraper);
    }
    case "none": {
      const other = noListing(page, { types: read.types });
      if (other.kind !== "unknown") return refuse(other, source, scraper);
      return shared(page, source) ?? refuse(unmarked(page, read.damaged), source, scraper);
    }
    case "vehicle": {
      const { facts, images, where } = read;
      if (facts.make === undefined && facts.vin === undefined) {
        const reason = `a vehicle's ${where} that names neither make nor VIN`;
        return refuse({ kind: "short", reason }, source, scraper);
      }
      return listingOf(facts, images, `a page with a vehicle's ${where}`, source, scraper);
    }
  }
}

/** What the tags for sharing offer, on a page that is no notice and has no other markup; `null` if nothing. */
function shared(page: Page, source: string): Extraction | null {
  const tags = metaTags(page.body);
  const title = decodeEntities(pageTitle(page.body));
  const vehicle = sharedVehicle(tags, title, canonicalUrl(page.body, tags) ?? page.url);
  if (vehicle === null) return null;
  const book = new FactBook();
  offerShared(book, vehicle, page.url, sellsByBids(page.body, hostOf(page.url)));
  offerTextVin(book, page.body);
  const reason = "a page whose tags for sharing offer a vehicle, and no other markup";
  return listingOf(
    book.facts(),
    imageUrls([tags.get("og:image")], page.url),
    reason,
    source,
    scraper,
  );
}

/** A page that is not understood, and what of it is missing. */
function unmarked(page: Page, damaged: number): NoListing {
  const title = decodeEntities(pageTitle(page.body));
  const what = damaged > 0
    ? `; ${damaged} damaged block(s) of JSON-LD`
    : title === ""
    ? " in the page"
    : ` in the page "${title.slice(0, 100)}"`;
  return { kind: "unknown", reason: `no vehicle markup${what}` };
}
