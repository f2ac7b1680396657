import { decodeEntities } from "../../html/entities.ts";
import { isObject, type Json, type JsonObject, parseJson, textOf } from "../../html/json_region.ts";
import { objectsIn, type PlacedObject, scriptJson, streamedRows } from "../../html/script_json.ts";

export type KslListing = JsonObject;

/** What a page's data says of listings, and where it stood. */
interface KslData {
  /** The listing that the page is about; `null` when none stands out. */
  listing: KslListing | null;
  where: string;
  /** Different listings named anywhere in the data. */
  count: number;
  /** The site's own word for the page ("/search/[[...params]]"), if it says one. */
  kind: string;
}

/**
 * Finds the listing in the three forms in which the site delivers it: `__NEXT_DATA__`, the rows
 * that Next.js streams, and `data-listing='{json}'` of older pages. The page's own is the one whose
 * number is in the address, or the one that stands under `listing` and in no list.
 */
export function kslData(html: string, url: string): KslData {
  const id = /\/listing\/(\d{4,12})\b/.exec(url)?.[1] ?? null;
  const next = scriptJson(html, "__NEXT_DATA__");
  const kind = isObject(next) ? textOf(next.page) ?? "" : "";
  const sources: [string, Json | undefined][] = [["page data (__NEXT_DATA__)", next]];
  if (html.includes("__next_f")) sources.push(["streamed page data", streamedRows(html)]);
  if (html.includes("data-listing=")) sources.push(["data-listing", listingAttributes(html)]);
  let count = 0;
  for (const [where, json] of sources) {
    const found = objectsIn(json, isListing);
    if (found.length === 0) continue;
    count = Math.max(count, new Set(found.map(({ value }) => idOf(value))).size);
    const listing = ownListing(found, id);
    if (listing !== null) return { listing, where, count, kind };
  }
  return { listing: null, where: "", count, kind };
}

/** A car by the site's field names: `makeYear` and `make`, or `makeYear` and a number. */
function isListing(value: KslListing): boolean {
  return (typeof value.makeYear === "number" || typeof value.makeYear === "string") &&
    textOf(value.makeYear) !== null && (textOf(value.make) !== null || idOf(value) !== null);
}

function idOf(value: KslListing): string | null {
  return textOf(value.id) ?? textOf(value.adId);
}

function ownListing(found: readonly PlacedObject[], id: string | null): KslListing | null {
  if (id !== null) {
    const named = found.filter(({ value }) => idOf(value) === id).map(({ value }) => value);
    // A page may hold its listing twice, once shortened for a list: the fuller one is read.
    if (named.length > 0) {
      return named.reduce((one, other) =>
        Object.keys(other).length > Object.keys(one).length ? other : one
      );
    }
  }
  const single = found.filter(({ path }) => /(?:^|\.)listing$/.test(path));
  const own = single.length === 1 ? single[0]?.value ?? null : null;
  return own !== null && (id === null || idOf(own) === null) ? own : null;
}

const MOST_ATTRIBUTES = 200;

function listingAttributes(html: string): Json[] {
  const listings: Json[] = [];
  let tries = 0;
  const attribute = /\sdata-listing=(?:"([^"]{2,50000})"|'([^']{2,50000})')/g;
  for (const [, double, single] of html.matchAll(attribute)) {
    const json = parseJson(decodeEntities(double ?? single ?? ""));
    if (isObject(json)) listings.push(json);
    if (++tries >= MOST_ATTRIBUTES) break;
  }
  return listings;
}
