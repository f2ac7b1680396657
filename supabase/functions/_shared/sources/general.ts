import type { Extraction } from "../domain/extraction.ts";
import type { Page } from "../domain/page.ts";
import { decodeEntities } from "../reading/entities.ts";
import { FactBook } from "../reading/fact_book.ts";
import { imageUrls } from "../reading/images.ts";
import { isObject, textOf } from "../reading/json_region.ts";
import { jsonLdBlocks, type Node, nodeList, placedNodes } from "../reading/json_ld.ts";
import { microdataNodes } from "../reading/microdata.ts";
import { canonicalUrl, metaTags } from "../reading/open_graph.ts";
import { sellsByBids } from "../reading/page_about.ts";
import { type NoListing, noListing } from "../reading/page_kind.ts";
import { offerShared, sharedVehicle } from "../reading/shared_vehicle.ts";
import { parseTitle } from "../reading/title.ts";
import { offerVehicle } from "../reading/vehicle_facts.ts";
import { mainVehicle } from "../reading/vehicle_node.ts";
import { withVehicleProperties } from "../reading/vehicle_properties.ts";
import { offerSale, readOffer } from "../reading/vehicle_offer.ts";
import { vinsInProse } from "../reading/vin.ts";
import { pageTitle, visibleText } from "../reading/visible_text.ts";
import type { SourceAdapter } from "./adapter.ts";
import { refuse } from "./nothing.ts";

const scraper = { name: "general_scraper", version: "v1.1.0" };

/** The slug of a host without an adapter of its own: its name without `www.` ("cars.com"). */
export function hostSlug(url: string): string {
  return hostOf(url).replace(/^www\./, "") || "general";
}

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

/** Currencies of the countries whose odometers count miles. */
const MILE_CURRENCIES = new Set(["USD", "GBP"]);

function extract(page: Page): Extraction {
  const html = page.body;
  const source = hostSlug(page.url);
  const tags = metaTags(html);
  const { blocks, damaged } = jsonLdBlocks(html);
  const micro = microdataNodes(html);
  const nodes = placedNodes([...blocks, ...micro]).map(withVehicleProperties);
  const addresses = [page.url, canonicalUrl(html, tags) ?? ""].filter((address) => address !== "");
  const heading = tags.get("og:title") ?? decodeEntities(pageTitle(html));
  const main = mainVehicle(nodes, addresses, heading);
  if (main.kind === "several") {
    return refuse(
      { kind: "index", reason: `an index of ${main.count} vehicle(s)` },
      source,
      scraper,
    );
  }
  if (main.kind === "none") {
    const types = nodes.flatMap((node) => node.types);
    const other = noListing(page, { types });
    const said = other.kind === "unknown" ? shared(page, tags, source) : null;
    return said ??
      refuse(other.kind === "unknown" ? unmarked(page, damaged) : other, source, scraper);
  }

  const { node, offer: around } = main.vehicle;
  const where = blocks.length === 0 ? "microdata" : "linked data";
  const offer = readOffer(node, around);
  const book = new FactBook();
  const metric = offer.currency !== null && !MILE_CURRENCIES.has(offer.currency);
  offerVehicle(book, node, where, metric);
  offerSale(book, offer, where, sellsByBids(html, hostOf(page.url)));
  offerHeading(book, heading);
  offerTextVin(book, html);
  const facts = book.facts();
  if (facts.make === undefined && facts.vin === undefined) {
    const reason = `a vehicle's ${where} that names neither make nor VIN`;
    return refuse({ kind: "short", reason }, source, scraper);
  }
  return {
    outcome: "listing",
    reason: `a page with a vehicle's ${where}`,
    source,
    scraper,
    facts,
    retractions: {},
    absent: [],
    images: imagesOf(node, tags, page.url),
    auction: null,
    bids: [],
    comments: [],
  };
}

/** What the tags for sharing offer, on a page that is no notice and has no other markup; `null` if nothing. */
function shared(
  page: Page,
  tags: ReadonlyMap<string, string>,
  source: string,
): Extraction | null {
  const title = decodeEntities(pageTitle(page.body));
  const vehicle = sharedVehicle(tags, title, canonicalUrl(page.body, tags) ?? page.url);
  if (vehicle === null) return null;
  const book = new FactBook();
  offerShared(book, vehicle, page.url, sellsByBids(page.body, hostOf(page.url)));
  offerTextVin(book, page.body);
  return {
    outcome: "listing",
    reason: "a page whose tags for sharing offer a vehicle, and no other markup",
    source,
    scraper,
    facts: book.facts(),
    retractions: {},
    absent: [],
    images: imageUrls([tags.get("og:image")], page.url),
    auction: null,
    bids: [],
    comments: [],
  };
}

const TEXT_READ = 100_000;

/** The one VIN that a page shows behind its label, where its markup names none. */
function offerTextVin(book: FactBook, html: string): void {
  if (book.has("vin")) return;
  const vins = vinsInProse(visibleText(html, TEXT_READ), book.value("year"));
  const [vin] = vins;
  if (vins.length !== 1 || vin === undefined || !vin.labelled || vin.repaired) return;
  if (vin.checkDigit !== "right") return;
  book.offer("vin", vin.vin, "prose", "the only VIN that the page shows (check digit right)", {
    checked: vin.fitsYear !== false,
  });
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

/** The page's own title says year and make again; what it adds is no surer than prose. */
function offerHeading(book: FactBook, heading: string): void {
  const title = parseTitle(heading);
  if (!title.makeKnown || title.year === null) return;
  const evidence = `page title "${heading.slice(0, 120)}"`;
  book.offer("year", title.year, "prose", evidence);
  book.offer("make", title.make, "prose", evidence);
}

function imagesOf(node: Node, tags: ReadonlyMap<string, string>, base: string): string[] {
  const listed = [...nodeList(node.image), ...nodeList(node.photo)].map((image) =>
    isObject(image)
      ? textOf(image.contentUrl) ?? textOf(image.url) ?? textOf(image["@id"])
      : textOf(image)
  );
  const images = imageUrls(listed, base);
  return images.length > 0 ? images : imageUrls([tags.get("og:image")], base);
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname.toLowerCase().replace(/\.$/, "");
  } catch {
    return "";
  }
}
