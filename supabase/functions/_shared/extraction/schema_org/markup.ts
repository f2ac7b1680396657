import type { Facts } from "../../domain/fact.ts";
import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import {
  jsonLdBlocks,
  type JsonLdNode,
  nodeList,
  nodeText,
  placedNodes,
} from "../../html/json_ld.ts";
import { isObject, textOf } from "../../html/json_region.ts";
import { microdataNodes } from "../../html/microdata.ts";
import { readMetaTags } from "../../html/open_graph.ts";
import { withoutRelated } from "../../html/related.ts";
import { visibleText } from "../../html/visible_text.ts";
import { countsKilometers } from "../../vehicle/countries.ts";
import { vinsInProse } from "../../vehicle/vin.ts";
import { FactBook } from "../fact_book.ts";
import { imageUrls } from "../images.ts";
import { addLabelled } from "../labelled_vehicle.ts";
import { hasLabel } from "../vehicle_labels.ts";
import { whyNoneOffered } from "../none_offered.ts";
import { sellsByBids } from "../page_about.ts";
import { pageAddresses, resolved, sameAddress } from "../page_address.ts";
import type { NoListing } from "../page_kind.ts";
import { listing, type PageReading } from "../page_reading.ts";
import { plausible } from "../plausible.ts";
import { missingFields } from "../required_fields.ts";
import { namedVehicle } from "./node_name.ts";
import { ownVehicle, type PageIdentity } from "./own_vehicle.ts";
import { headingsOf, yearsIn } from "./page_names.ts";
import { addVehicle } from "./vehicle_facts.ts";
import { isVehicle } from "./vehicle_node.ts";
import { addSale, readOffer } from "./vehicle_offer.ts";
import { withVehicleProperties } from "./vehicle_properties.ts";

/** What a page's linked data and microdata say of vehicles. */
type MarkupReading =
  | { kind: "vehicle"; facts: Facts; images: string[]; where: string }
  /** It offers no vehicle of its own, though it may name others. */
  | { kind: "not_own"; why: NoListing; types: string[] }
  /** No vehicle: the types of what is marked up, and how many blocks are damaged. */
  | { kind: "none"; types: string[]; damaged: number };

/** Half a vehicle is not written. */
const WHOLE = ["year", "make", "model"] as const;
/** What a page's labels fill in where its markup leaves it out. */
const LABELLED = [...WHOLE, "mileage"] as const;

/** Reads the vehicle that a page offers from its JSON-LD and microdata, whatever its site. */
export function readMarkup(page: Page): MarkupReading {
  const html = page.body;
  const { blocks, damaged } = jsonLdBlocks(html);
  const nodes = placedNodes([...blocks, ...microdataNodes(html)]).map(withVehicleProperties);
  const types = nodes.flatMap((node) => node.types);
  const notOwn = (why: NoListing): MarkupReading => ({ kind: "not_own", why, types });
  if (!nodes.some(isVehicle)) return { kind: "none", types, damaged };
  const identity = identityOf(page);
  const { headings } = identity;
  const own = ownVehicle(nodes, identity);
  if (own.kind === "none") return { kind: "none", types, damaged };
  if (own.kind === "several") {
    return notOwn({ kind: "index", reason: `an index of ${own.count} vehicle(s)` });
  }
  const vehicle = own.kind === "one" ? own : null;
  const why = whyNoneOffered(page, { headings, nodes, vehicle });
  if (why !== null) return notOwn(why);
  if (own.kind === "another") return notOwn({ kind: "unknown", reason: own.why });
  const { node, offer: around } = own.vehicle;
  const where = blocks.length === 0 ? "microdata" : "linked data";
  const offer = readOffer(node, around);
  const facts = new FactBook();
  const metric = countsKilometers(offer.currency, hostOf(page.url));
  addVehicle(facts, node, where, metric);
  addSale(facts, offer, where, sellsByBids(html, hostOf(page.url)));
  addHeading(facts, headings);
  if (!facts.has("year")) addHeadingsYear(facts, headings);
  if (!facts.has("make")) addHeading(facts, [nodeText(node.name) ?? ""]);
  if (hasLabel(html, LABELLED.filter((field) => !facts.has(field)))) {
    addLabelled(facts, html, { only: "missing", metric });
  }
  addTextVin(facts, html, own.others.map((one) => nodeText(one.node.vehicleIdentificationNumber)));
  const all = plausible(facts.all(), page);
  const short = missingFields(all, WHOLE);
  if (short !== null) return notOwn({ kind: "short", reason: `a vehicle's ${where}, ${short}` });
  return { kind: "vehicle", facts: all, images: imagesOf(node, identity.card, page.url), where };
}

/** What a page says of itself: its addresses, its headings, and the title of its card if that says it is its own. */
export function identityOf(page: Page): PageIdentity {
  const addresses = pageAddresses(page.url, page.body);
  const card = ownCard(page, addresses);
  const headings = headingsOf(page.body);
  // A card without an address may be of whatever stands on the page.
  const title = card.has("og:url") || headings.length === 0 ? card.get("og:title") : undefined;
  return {
    url: page.url,
    addresses,
    headings: title === undefined ? headings : [...new Set([...headings, title])],
    card,
  };
}

/** A page's tags for sharing; none when they are another page's, or of several and none says whose. */
function ownCard(page: Page, addresses: readonly string[]): ReadonlyMap<string, string> {
  const { tags, several } = readMetaTags(page.body);
  const stated = resolved(tags.get("og:url"), page.url);
  const isOwn = stated === null ? !several : addresses.some((one) => sameAddress(one, stated));
  return isOwn ? tags : new Map();
}

/**
 * The listing that a page's markup alone makes, for pages of a site on which its adapter's marks are
 * missing (older ones, other kinds). `null` when it makes none.
 */
export function markedUp(page: Page): PageReading | null {
  const read = readMarkup(page);
  if (read.kind !== "vehicle") return null;
  return listing(`a page with a vehicle's ${read.where}`, read.facts, { images: read.images });
}

const TEXT_READ = 100_000;

/**
 * The one VIN that a page shows behind its label, where its markup names none: in its visible text,
 * outside the boxes that show other vehicles. `others`: VINs that its markup gives to those.
 */
export function addTextVin(
  facts: FactBook,
  html: string,
  others: readonly (string | null)[] = [],
): void {
  if (facts.has("vin")) return;
  const vinsOf = (markup: string) =>
    vinsInProse(visibleText(markup, TEXT_READ), facts.value("year"));
  // To cut the boxes out costs more than to look whether there is any.
  if (vinsOf(html).length === 0) return;
  const vins = vinsOf(withoutRelated(html));
  const [vin] = vins;
  if (vins.length !== 1 || vin === undefined || !vin.labelled || vin.repaired) return;
  if (vin.checkDigit !== "right" || vin.fitsYear === false || others.includes(vin.vin)) return;
  facts.add(
    "vin",
    vin.vin,
    "prose",
    `VIN ${vin.vin}, the only one that the page shows (check digit right)`,
    {
      checked: true,
    },
  );
}

/**
 * The page's own heading says year and make again; what it adds is no surer than prose. One of them
 * counts: they were written by one hand.
 */
function addHeading(facts: FactBook, headings: readonly string[]): void {
  for (const heading of headings) {
    const title = namedVehicle(heading.replace(SITE_NAME, ""));
    if (!title.makeKnown || title.year === null) continue;
    // A heading of another maker is no name of this vehicle.
    if ((facts.value("make") ?? title.make) !== title.make) continue;
    const evidence = `heading "${heading.slice(0, 120)}"`;
    facts.add("year", title.year, "prose", evidence);
    facts.add("make", title.make, "prose", evidence);
    if (!facts.has("model")) facts.add("model", title.model, "title", evidence, { doubt: 0.85 });
    return;
  }
}

/** The one year of a heading that holds the maker's name: that of one of which no list knows, too. */
function addHeadingsYear(facts: FactBook, headings: readonly string[]): void {
  const make = facts.value("make");
  if (make === null) return;
  for (const heading of headings) {
    const years = yearsIn(heading);
    if (years.length !== 1 || !heading.toLowerCase().includes(make.toLowerCase())) continue;
    facts.add("year", years[0], "prose", `heading "${heading.slice(0, 120)}"`);
    return;
  }
}

/** Behind the name a title has the offer, the place, the site's name. */
const SITE_NAME = /\s(?:for sale\b|[|•·–—-]\s|in\s[A-Z]).*$/;

function imagesOf(node: JsonLdNode, tags: ReadonlyMap<string, string>, base: string): string[] {
  const listed = [...nodeList(node.image), ...nodeList(node.photo)].map((image) =>
    isObject(image)
      ? textOf(image.contentUrl) ?? textOf(image.url) ?? textOf(image["@id"])
      : textOf(image)
  );
  const images = imageUrls(listed, base);
  return images.length > 0 ? images : imageUrls([tags.get("og:image")], base);
}
