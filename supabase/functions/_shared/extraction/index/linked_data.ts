import { hostOf, isHostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import {
  jsonLdBlocks,
  type JsonLdNode,
  nodeList,
  nodeText,
  type PlacedNode,
  placedNodes,
} from "../../html/json_ld.ts";
import { isObject } from "../../html/json_region.ts";
import { microdataNodes } from "../../html/microdata.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { readVin } from "../../vehicle/vin.ts";
import { countShown, whyModel, whyNotOneVehicle } from "../not_one_vehicle.ts";
import { identityOf } from "../schema_org/markup.ts";
import { ownVehicle } from "../schema_org/own_vehicle.ts";
import { headingsOf } from "../schema_org/page_names.ts";
import { isVehicle } from "../schema_org/vehicle_node.ts";
import { readOffer } from "../schema_org/vehicle_offer.ts";
import { nextPage, safeUrl } from "./address.ts";
import { IndexList, type IndexSite } from "./list.ts";
import { type IndexReading, noEntries } from "./reading.ts";

const TRACKING = /^(?:utm_\w+|fbclid|gclid|msclkid|ref|referrer|clicktype)$/i;

/** Any site: its listings stand on its own host, at another address than the page's. */
export function anySite(pageUrl: string): IndexSite {
  const host = hostOf(pageUrl) || "general";
  const page = safeUrl(pageUrl, pageUrl);
  return {
    slug: host,
    listingUrl(url) {
      if (!isHostOf(hostOf(url), [host]) || url.pathname === "/") return null;
      const kept = [...url.searchParams].filter(([name]) => !TRACKING.test(name));
      url.search = new URLSearchParams(kept).toString();
      return url.href === page?.href ? null : url.href;
    },
    imageHosts: [host.split(".").slice(-2).join(".")],
    readTitle: parseTitle,
  };
}

/**
 * Reads a list of vehicles that any site marks up for machines (JSON-LD `Car`, `Vehicle`, a product
 * with a VIN), several to a page and each with its own address: Autotrader's search is one.
 */
export function readLinkedIndex(page: Page): IndexReading {
  const { blocks, damaged } = jsonLdBlocks(page.body);
  const nodes = placedNodes([...blocks, ...microdataNodes(page.body)]);
  const none = () => noEntries("not_an_index", "no list of vehicles in the page");
  if (!nodes.some(isVehicle)) return readNames(page, nodes) ?? none();
  const own = ownVehicle(nodes, identityOf(page));
  if (own.kind === "none") return none();
  if (own.kind === "one" && !isOfSeveral(own.vehicle, page)) {
    return noEntries("not_an_index", "the page of one vehicle");
  }
  const list = new IndexList(anySite(page.url), page.url);
  for (const placed of nodes.filter(isVehicle)) addNode(list, placed);
  // One entry is a list's only where the page says that it is one: else it is related to something.
  const alone = list.entries.length === 1 && own.kind === "another" && !saysList(page, nodes);
  if (list.entries.length === 0 || alone) {
    return noEntries("not_an_index", "no list of vehicles with addresses of their own");
  }
  const form = `vehicles marked up${damaged > 0 ? `, ${damaged} blocks damaged` : ""}`;
  return list.reading(form, nextPage(page.body, page.url));
}

/** What may be an entry of a list that types nothing as a vehicle. */
const ENTRIES = new Set(["listitem", "product", "offer", "itempage", "webpage"]);

/**
 * A list whose entries are named and addressed, and not marked up as vehicles: those whose name has a year
 * and a maker. `null` where the page does not say that it is one, or has fewer than two.
 */
function readNames(page: Page, nodes: readonly PlacedNode[]): IndexReading | null {
  const list = new IndexList(anySite(page.url), page.url);
  for (const placed of nodes.filter(({ types }) => types.some((type) => ENTRIES.has(type)))) {
    const title = parseTitle(nodeText(placed.node.name) ?? "");
    if (title.year === null || !title.makeKnown) continue;
    addNode(list, placed.types.includes("offer") ? { ...placed, offer: placed.node } : placed);
  }
  return list.entries.length < 2 || !saysList(page, nodes)
    ? null
    : list.reading("vehicles named in a list", nextPage(page.body, page.url));
}

/** Whether what the markup calls one vehicle is a model, of which several are on offer. */
function isOfSeveral(vehicle: PlacedNode, page: Page): boolean {
  return whyModel(vehicle, page.url, Number(page.fetchedAt.slice(0, 4))) !== null;
}

/** Whether a page calls itself a list, or says how many it has. */
function saysList(page: Page, nodes: readonly PlacedNode[]): boolean {
  const why = whyNotOneVehicle({ url: page.url, headings: headingsOf(page.body), nodes });
  return why === null ? countShown(page.body) !== null : why.kind === "index";
}

/** A node as an entry; one with several offers, each with its address, as several. */
function addNode(list: IndexList, { node, offer: around, address }: PlacedNode): void {
  const offers = nodeList(node.offers).filter(isObject)
    .flatMap((offer) => [offer, ...nodeList(offer.offers).filter(isObject)]).slice(0, 2_000);
  const addresses = new Set(offers.map(({ url }) => nodeText(url)).filter((url) => url !== null));
  if (addresses.size > 1) {
    for (const offer of offers.slice(0, 1_000)) {
      const item = isObject(offer.itemOffered) ? offer.itemOffered : {};
      const name = nodeText(offer.name) ?? nodeText(item.name);
      if (name === null && nodeText(offer.url) === null) continue;
      addOne(
        list,
        { ...node, vehicleIdentificationNumber: null, image: null, ...item, name, offers: offer },
        null,
        null,
      );
    }
    return;
  }
  addOne(list, node, around, address);
}

function addOne(
  list: IndexList,
  node: JsonLdNode,
  around: JsonLdNode | null,
  address: string | null,
): void {
  const offer = readOffer(node, around);
  const { price: sum } = offer;
  const sure = offer.priceDoubt === 1;
  const title = (nodeText(node.name) ?? "").replace(
    /^(?:used|new|certified(?: pre-owned)?)\s+/i,
    "",
  );
  const vin = readVin(nodeText(node.vehicleIdentificationNumber) ?? "", null)?.vin ?? null;
  const offered = nodeList(node.offers).find(isObject);
  const page = nodeList(node.mainEntityOfPage)[0];
  const href = [
    nodeText(node.url),
    nodeText(offered?.url),
    nodeText(around?.url),
    address,
    isObject(page) ? nodeText(page["@id"]) : nodeText(page),
    /^https?:/i.test(nodeText(node["@id"]) ?? "") ? nodeText(node["@id"]) : null,
  ].find((one) => one !== null);
  if (href === undefined || href === null) return;
  const year = Number(nodeText(node.vehicleModelDate) ?? nodeText(node.productionDate) ?? NaN);
  list.add({
    href,
    title,
    // What may be a list price or the least of a range is no entry's price.
    price: sum === null || !sure ? null : {
      ...sum,
      kind: offer.status === "sold" ? "sale" : "asking",
      currency: offer.currency,
    },
    ended: offer.status === null ? null : offer.status === "sold",
    picture: nodeText(node.image),
    year: Number.isInteger(year) ? year : null,
    make: nodeText(node.brand) ?? nodeText(node.manufacturer),
    model: nodeText(node.model),
    vin,
    raw: {
      id: nodeText(node.sku),
      vin,
      location: offer.location,
      unsure_price: sure ? null : sum?.amount ?? null,
    },
  }, () => null);
}
