import type { Facts } from "../../domain/fact.ts";
import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { decodeEntities } from "../../html/entities.ts";
import { jsonLdBlocks, type JsonLdNode, nodeList, placedNodes } from "../../html/json_ld.ts";
import { isObject, textOf } from "../../html/json_region.ts";
import { microdataNodes } from "../../html/microdata.ts";
import { canonicalUrl, metaTags } from "../../html/open_graph.ts";
import { pageTitle, visibleText } from "../../html/visible_text.ts";
import { countsKilometers } from "../../vehicle/countries.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { vinsInProse } from "../../vehicle/vin.ts";
import { FactBook } from "../fact_book.ts";
import { imageUrls } from "../images.ts";
import { sellsByBids } from "../page_about.ts";
import { listing, type PageReading } from "../page_reading.ts";
import { plausible } from "../plausible.ts";
import { addVehicle } from "./vehicle_facts.ts";
import { ownVehicle } from "./vehicle_node.ts";
import { addSale, readOffer } from "./vehicle_offer.ts";
import { withVehicleProperties } from "./vehicle_properties.ts";

/** What a page's linked data and microdata say of vehicles. */
type MarkupReading =
  | { kind: "vehicle"; facts: Facts; images: string[]; where: string }
  | { kind: "several"; count: number }
  /** No vehicle: the types of what is marked up, and how many blocks are damaged. */
  | { kind: "none"; types: string[]; damaged: number };

/** Reads the vehicle that a page is about from its JSON-LD and microdata, whatever its site. */
export function readMarkup(page: Page): MarkupReading {
  const html = page.body;
  const tags = metaTags(html);
  const { blocks, damaged } = jsonLdBlocks(html);
  const nodes = placedNodes([...blocks, ...microdataNodes(html)]).map(withVehicleProperties);
  const addresses = [page.url, canonicalUrl(html, tags) ?? ""].filter((address) => address !== "");
  const heading = tags.get("og:title") ?? decodeEntities(pageTitle(html));
  const main = ownVehicle(nodes, addresses, heading);
  if (main.kind === "several") return main;
  if (main.kind === "none") {
    return { kind: "none", types: nodes.flatMap((node) => node.types), damaged };
  }
  const { node, offer: around } = main.vehicle;
  const where = blocks.length === 0 ? "microdata" : "linked data";
  const offer = readOffer(node, around);
  const facts = new FactBook();
  const metric = countsKilometers(offer.currency, hostOf(page.url));
  addVehicle(facts, node, where, metric);
  addSale(facts, offer, where, sellsByBids(html, hostOf(page.url)));
  addHeading(facts, heading);
  addTextVin(facts, html);
  return {
    kind: "vehicle",
    facts: plausible(facts.all(), page),
    images: imagesOf(node, tags, page.url),
    where,
  };
}

/**
 * The listing that a page's markup alone makes, for pages of a site on which its adapter's marks are
 * missing (older ones, other kinds). `null` when it makes none.
 */
export function markedUp(page: Page): PageReading | null {
  const read = readMarkup(page);
  if (read.kind !== "vehicle" || (read.facts.make ?? read.facts.vin) === undefined) return null;
  return listing(`a page with a vehicle's ${read.where}`, read.facts, { images: read.images });
}

const TEXT_READ = 100_000;

/** The one VIN that a page shows behind its label, where its markup names none. */
export function addTextVin(facts: FactBook, html: string): void {
  if (facts.has("vin")) return;
  const vins = vinsInProse(visibleText(html, TEXT_READ), facts.value("year"));
  const [vin] = vins;
  if (vins.length !== 1 || vin === undefined || !vin.labelled || vin.repaired) return;
  if (vin.checkDigit !== "right") return;
  facts.add("vin", vin.vin, "prose", "the only VIN that the page shows (check digit right)", {
    checked: vin.fitsYear !== false,
  });
}

/** The page's own title says year and make again; what it adds is no surer than prose. */
function addHeading(facts: FactBook, heading: string): void {
  const title = parseTitle(heading);
  if (!title.makeKnown || title.year === null) return;
  const evidence = `page title "${heading.slice(0, 120)}"`;
  facts.add("year", title.year, "prose", evidence);
  facts.add("make", title.make, "prose", evidence);
}

function imagesOf(node: JsonLdNode, tags: ReadonlyMap<string, string>, base: string): string[] {
  const listed = [...nodeList(node.image), ...nodeList(node.photo)].map((image) =>
    isObject(image)
      ? textOf(image.contentUrl) ?? textOf(image.url) ?? textOf(image["@id"])
      : textOf(image)
  );
  const images = imageUrls(listed, base);
  return images.length > 0 ? images : imageUrls([tags.get("og:image")], base);
}
