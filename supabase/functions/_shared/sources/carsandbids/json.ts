import type { AuctionOutcome } from "../../domain/extraction.ts";
import type { Page } from "../../domain/page.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  numberOf,
  objectOf,
  parseJson,
  scriptVariable,
  textOf,
} from "../../html/json_region.ts";
import { objectsIn } from "../../html/script_json.ts";
import { type CabAuction, largestPhoto, type Result } from "./auction.ts";

/** A page's JSON: its whole body, or the data that it was delivered with. */
export function pageJson({ body, contentType }: Page): Json | undefined {
  if (/\bjson\b/.test(contentType) || /^\s{0,1000}[{[]/.test(body)) return parseJson(body.trim());
  const at = body.indexOf("__PRELOADED_DATA__ =");
  if (at < 0) return undefined;
  return scriptVariable(`var ${body.slice(at, at + 4_000_000)}`, "__PRELOADED_DATA__");
}

/** What only the frame of a page has, which a browser must fill. */
export const SHELL = /__PRELOADED_DATA__|<div[^<>]{0,100}\bid="root"/;

/** The auction inside a JSON value: an object with `listing` and `stats`; `null` when there is none. */
export function auctionIn(json: Json | undefined): JsonObject | null {
  const found = objectsIn(
    json,
    ({ listing, stats, status }) =>
      isObject(listing) && (isObject(stats) || typeof status === "string"),
  );
  return found.length === 1 ? found[0]?.value ?? null : null;
}

/** Whether the JSON is a list of auctions. */
export function isAuctionList(json: Json | undefined): boolean {
  return isObject(json) && Array.isArray(json.auctions);
}

/**
 * Reads the JSON of one auction. `fetchedAt` tells a running auction from an ended one where its
 * status is a word that is not known.
 */
export function readJson(auction: JsonObject, fetchedAt: string): CabAuction {
  const listing = objectOf(auction.listing);
  const stats = objectOf(auction.stats);
  const endsAt = timeOf(stats.auction_end ?? auction.auction_end);
  const result = resultOf(auction, stats, endsAt, fetchedAt);
  const ended = result.outcome !== "live" && result.outcome !== "unknown";
  return {
    form: "JSON",
    title: textOf(listing.title) ?? textOf(auction.title) ?? "",
    subtitle: textOf(listing.sub_title) ?? textOf(auction.sub_title) ?? "",
    year: numberOf(listing.year),
    make: textOf(listing.make),
    model: textOf(listing.model),
    mileage: textOf(listing.mileage_text) ?? numberOf(listing.mileage),
    vin: textOf(listing.vin),
    engine: textOf(listing.engine),
    drivetrain: named(DRIVES, listing.drive_train),
    transmission: transmissionOf(listing),
    bodyStyle: named(BODIES, listing.body_style),
    color: textOf(listing.exterior_color),
    interiorColor: textOf(listing.interior_color),
    location: textOf(listing.location),
    seller: userIn(auction.seller),
    buyer: userIn(stats.buyer),
    description: descriptionOf(listing.sections),
    result,
    bidCount: numberOf(stats.bids),
    commentCount: numberOf(stats.comments),
    viewCount: numberOf(auction.views),
    watcherCount: numberOf(stats.watchers),
    noReserve: typeof auction.no_reserve === "boolean" ? auction.no_reserve : null,
    endsAt,
    endDate: ended ? endsAt?.slice(0, 10) ?? null : null,
    images: photosOf(listing.photos),
    bids: [],
    comments: [],
  };
}

/** The site's word for how an auction stands, in one spelling: "Sold After" and "soldAfter" are "sold_after". */
export function statusOf({ status }: JsonObject): string {
  return (textOf(status) ?? "").replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase()
    .replace(/[\s-]+/g, "_");
}

const SOLD = new Set(["sold", "sold_after"]);
const LIVE = new Set(["live", "active", "open", "running", "in_progress", "ending"]);

function resultOf(
  auction: JsonObject,
  stats: JsonObject,
  endsAt: string | null,
  fetchedAt: string,
): Result {
  const status = statusOf(auction);
  const current = isObject(stats.current_bid) ? stats.current_bid.amount : stats.current_bid;
  const bid = numberOf(current);
  const sale = numberOf(stats.sale_amount ?? auction.sale_amount);
  const after = status === "sold_after";
  const outcome = outcomeOf(status, bid, endsAt, fetchedAt);
  const sold = outcome === "sold";
  return {
    outcome,
    // A winning bid is the price; what was agreed on afterwards is not.
    price: sold ? sale ?? (after ? null : bid) : null,
    bid,
    after,
    evidence: `JSON status "${status}", bid ${bid ?? "none"}${
      sold ? `, sold for ${sale ?? "a sum that it does not tell"}` : ""
    }`,
    bidEvidence: null,
    confirmed: sold && !after ? sale !== null && sale === bid : status !== "",
  };
}

function outcomeOf(
  status: string,
  bid: number | null,
  endsAt: string | null,
  fetchedAt: string,
): AuctionOutcome {
  if (SOLD.has(status)) return "sold";
  if (/cancell?ed|withdrawn/.test(status)) return "withdrawn";
  if (/not_met|not_sold|no_sale|unsold/.test(status)) return bid === null ? "no_sale" : "bid_to";
  if (LIVE.has(status)) return "live";
  return endsAt !== null && Date.parse(endsAt) > Date.parse(fetchedAt) ? "live" : "unknown";
}

/** Codes of the site's own filters; a code that was not seen is not guessed. */
const DRIVES: Readonly<Record<number, string>> = { 2: "Rear-wheel drive" };
const GEARS: Readonly<Record<number, string>> = { 1: "Automatic", 2: "Manual" };
const BODIES: Readonly<Record<number, string>> = {
  1: "Coupe",
  2: "Convertible",
  3: "Hatchback",
  4: "Sedan",
  5: "SUV/Crossover",
  6: "Truck",
};

function named(names: Readonly<Record<number, string>>, code: Json | undefined): string | null {
  return typeof code === "number" ? names[code] ?? null : textOf(code);
}

/** As the rendered page writes it: "Manual (7-Speed)". */
function transmissionOf(listing: JsonObject): string | null {
  const kind = named(GEARS, listing.transmission);
  const details = textOf(listing.transmission_details);
  return kind === null ? null : details === null ? kind : `${kind} (${details})`;
}

function userIn(value: Json | undefined): string | null {
  return isObject(value) ? textOf(value.username) : textOf(value);
}

function timeOf(value: Json | undefined): string | null {
  const time = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

/** The editor's words on the car, without the marks of the site's notation. */
function descriptionOf(sections: Json | undefined): string {
  if (!isObject(sections)) return "";
  return [sections.doug, sections.highlights].map((section) =>
    (textOf(section) ?? "").replace(/^- /gm, "").replace(/`|\*\*/g, "").replace(/\n+/g, "\n\n")
  ).filter((text) => text !== "").join("\n\n");
}

/** Pictures of the car before those of its papers, as the gallery has them. */
const GROUPS = ["exterior", "interior", "mechanical", "other", "docs"];

function photosOf(photos: Json | undefined): string[] {
  if (!isObject(photos)) return [];
  const host = textOf(photos.base_url) ?? "media.carsandbids.com";
  const named = Object.keys(photos).filter((key) => !GROUPS.includes(key));
  return [...GROUPS.slice(0, 3), ...named, ...GROUPS.slice(3)].flatMap((group) => {
    const list = photos[group];
    return !Array.isArray(list) ? [] : list.flatMap((photo) => {
      const link = isObject(photo) ? textOf(photo.link) ?? textOf(photo.path) : null;
      return link === null ? [] : [largestPhoto(`https://${host}/${link}`)];
    });
  });
}
