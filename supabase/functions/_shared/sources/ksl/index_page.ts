import { hostOf, pathOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { nextPage } from "../../extraction/index/address.ts";
import { addCards } from "../../extraction/index/cards.ts";
import { IndexList, type IndexSite } from "../../extraction/index/list.ts";
import { type IndexReading, noEntries, noIndex } from "../../extraction/index/reading.ts";
import { offerStateOf } from "../../extraction/sale_words.ts";
import { decodeEntities } from "../../html/entities.ts";
import { isObject, type Json, parseJson, textOf } from "../../html/json_region.ts";
import { objectsIn, scriptJson, streamedRows } from "../../html/script_json.ts";
import { priceOf } from "../../vehicle/money.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { photosOf } from "./facts.ts";
import type { KslListing } from "./listing.ts";
import { HOST, listingUrl } from "./listing_url.ts";

/** KSL Cars as its searches are taken. */
const site: IndexSite = {
  slug: "ksl",
  listingUrl,
  imageHosts: [HOST, "ksldigital.com"],
  readTitle: parseTitle,
};

const ROW =
  /<div\b(?=[^<>]{0,200}\bclass\s*=\s*["']listing[\s"'])[^<>]{0,1000}?\bdata-listing\s*=\s*(?:"([^"]{2,50000})"|'([^']{2,50000})')/g;
const MOST = 500;

/**
 * Reads a search of KSL Cars: `div.listing[data-listing]` of older pages (dealers' adverts around
 * the list stand in other elements), the listings in the page's data, or the cards that a server drew.
 */
export function readIndex(page: Page): IndexReading {
  const html = page.body;
  if (/\/listing\/\d{4,}/.test(page.url.split(/[?#]/, 1)[0] ?? "")) {
    return noEntries("not_an_index", "the address of one listing");
  }
  const list = new IndexList(site, page.url);
  const rows = rowsOf(html);
  const data = scriptJson(html, "__NEXT_DATA__");
  const streamed = html.includes("__next_f") ? streamedRows(html) : [];
  const found = rows.length > 0
    ? rows
    : [...objectsIn(data, isListing), ...objectsIn(streamed, isListing)].slice(0, MOST)
      .map(({ value }) => value);
  for (const listing of found) addListing(list, listing);
  if (list.entries.length > 0) {
    return list.reading(
      rows.length > 0 ? "rows of a search" : "data of a search",
      nextPage(html, page.url),
    );
  }
  if (addCards(list, html, "USD") > 0) {
    return list.reading("cards of a search", nextPage(html, page.url));
  }
  if (isObject(data) && /search|browse/i.test(`${textOf(data.page) ?? ""} ${pathOf(page.url)}`)) {
    return noEntries("unreadable", "a search page whose data holds no listings: needs a browser");
  }
  return noIndex(page);
}

function rowsOf(html: string): KslListing[] {
  const found: KslListing[] = [];
  for (const [, double, single] of html.matchAll(ROW)) {
    const json = parseJson(decodeEntities(double ?? single ?? ""));
    if (isObject(json)) found.push(json);
    if (found.length >= MOST) break;
  }
  return found;
}

function isListing(value: KslListing): boolean {
  return textOf(value.makeYear) !== null && textOf(value.make) !== null && idOf(value) !== null;
}

function idOf(listing: KslListing): string | null {
  const id = textOf(listing.id) ?? textOf(listing.adId);
  return id !== null && /^\d{4,12}$/.test(id) ? id : null;
}

function addListing(list: IndexList, listing: KslListing): void {
  const id = idOf(listing);
  if (id === null) return;
  const text = (key: string) => textOf(listing[key] as Json | undefined);
  const year = Number(text("makeYear") ?? NaN);
  const parts = [text("makeYear"), text("make"), text("model"), text("trim")];
  const price = priceOf(text("price") ?? "");
  const place = isObject(listing.location) ? listing.location : listing;
  const newer = hostOf(list.base) === `cars.${HOST}`;
  list.add({
    href: newer ? `/listing/${id}` : `/auto/listing/${id}`,
    title: parts.filter((part) => part !== null).join(" "),
    price: price === null ? null : { ...price, kind: "asking", currency: price.currency ?? "USD" },
    ended: [text("status"), text("newUsed")].some((said) =>
      said !== null && offerStateOf(`Status: ${said}`) !== null
    ),
    picture: photosOf(listing)[0] ?? null,
    year: Number.isInteger(year) ? year : null,
    make: text("make"),
    model: text("model"),
    vin: text("vin"),
    raw: {
      id,
      mileage: text("mileage"),
      vin: text("vin"),
      seller_type: text("sellerType"),
      location: [textOf(place.city), textOf(place.state)].filter((part) => part !== null)
        .join(", "),
    },
  }, () => null);
}
