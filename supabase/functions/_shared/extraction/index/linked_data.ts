import { hostOf, isHostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { jsonLdBlocks, nodeText, placedNodes } from "../../html/json_ld.ts";
import { pageTitle } from "../../html/visible_text.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { readVin } from "../../vehicle/vin.ts";
import { isVehicle, mainVehicle } from "../schema_org/vehicle_node.ts";
import { readOffer } from "../schema_org/vehicle_offer.ts";
import { nextPage, safeUrl } from "./address.ts";
import { IndexList, type IndexSite } from "./list.ts";
import { type IndexReading, noEntries } from "./reading.ts";

const TRACKING = /^(?:utm_\w+|fbclid|gclid|msclkid|ref|referrer|clicktype)$/i;

/** Any site: its listings stand on its own host, at another address than the page's. */
function siteOf(pageUrl: string): IndexSite {
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
  const nodes = placedNodes(blocks);
  const main = mainVehicle(nodes, [page.url], pageTitle(page.body));
  if (main.kind === "none") return noEntries("not_an_index", "no list of vehicles in the page");
  if (main.kind === "one") return noEntries("not_an_index", "the page of one vehicle");
  const list = new IndexList(siteOf(page.url), page.url);
  for (const placed of nodes.filter(isVehicle)) {
    const { node } = placed;
    const offer = readOffer(node, placed.offer);
    const title = (nodeText(node.name) ?? "").replace(
      /^(?:used|new|certified(?: pre-owned)?)\s+/i,
      "",
    );
    const vin = readVin(nodeText(node.vehicleIdentificationNumber) ?? "", null)?.vin ?? null;
    const offered = Array.isArray(node.offers) ? node.offers[0] : node.offers;
    const href = nodeText(node.url) ??
      (typeof offered === "object" && offered !== null && !Array.isArray(offered)
        ? nodeText(offered.url)
        : null);
    if (href === null) continue;
    const year = Number(nodeText(node.vehicleModelDate) ?? nodeText(node.productionDate) ?? NaN);
    list.add({
      href,
      title,
      price: offer.price === null ? null : {
        ...offer.price,
        kind: offer.status === "sold" ? "sale" : "asking",
        currency: offer.currency,
      },
      ended: offer.status === null ? null : offer.status === "sold",
      picture: nodeText(node.image),
      year: Number.isInteger(year) ? year : null,
      make: nodeText(node.brand) ?? nodeText(node.manufacturer),
      model: nodeText(node.model),
      vin,
      raw: { id: nodeText(node.sku), vin, location: offer.location },
    }, () => null);
  }
  if (list.entries.length < 2) {
    return noEntries("not_an_index", "no list of vehicles with addresses of their own");
  }
  const form = `vehicles marked up${damaged > 0 ? `, ${damaged} blocks damaged` : ""}`;
  return list.reading(form, nextPage(page.body, page.url));
}
