import type { IndexList, Listed, Price } from "../../extraction/index/list.ts";
import { whyNoVehicle } from "../../extraction/index/non_vehicle_lot.ts";
import { isObject, type Json, type JsonObject, textOf } from "../../html/json_region.ts";
import { shorten } from "../../domain/text.ts";
import { oneLine } from "../../html/text.ts";
import { dateIn, isoFromSeconds } from "../../vehicle/dates.ts";
import { moneyIn, priceOf } from "../../vehicle/money.ts";
import { lotTitle } from "./index_lot.ts";
import { slugOf } from "./listing_url.ts";

/** Categories that hold no vehicles, by the site's number of them. */
export type Filed = ReadonlyMap<string, "parts" | "karts">;

/**
 * Adds an auction of the site's data. `ended` is what its list is of, `listHasYears` whether that
 * list files its auctions under model years.
 */
export function addItem(
  list: IndexList,
  item: Json,
  ended: boolean | null,
  filed: Filed,
  listHasYears: boolean,
): void {
  if (!isObject(item)) return;
  const { title, noReserve } = lotTitle(textOf(item.title) ?? "");
  const chassis = chassisIn(textOf(item.searchable), title);
  const categories = JSON.stringify(item.categories ?? "").match(/\d+/g) ?? [];
  const lot = {
    text: textOf(item.excerpt),
    year: yearOf(item),
    chassis,
    filed: categories.map((id) => filed.get(id)).find((kind) => kind !== undefined) ?? null,
    listHasYears,
  };
  const result = resultOf(item, ended);
  const listed: Listed = {
    href: textOf(item.url),
    title,
    ...result,
    picture: textOf(item.thumbnail_url),
    year: lot.year,
    raw: {
      id: textOf(item.id),
      no_reserve: typeof item.noreserve === "boolean" ? item.noreserve : noReserve || null,
      country: textOf(item.country_code),
      sold_text: result.said,
      current_bid: priceOf(item.current_bid)?.amount,
      premium: item.premium === true ? true : null,
      relisted: item.repeat === true ? true : null,
      chassis,
    },
  };
  list.add(listed, (name, url) => whyNoVehicle({ title: name, slug: slugOf(url), ...lot }));
}

/** The model year that an auction is filed under. */
export function yearOf(item: JsonObject): number | null {
  const year = Number(textOf(item.year) ?? NaN);
  return Number.isInteger(year) ? year : null;
}

/** Outcome, sum and end of an item; `ended` is what the list that it stands in is of. */
function resultOf(
  item: JsonObject,
  ended: boolean | null,
): { price: Price | null; endsAt: string | null; ended: boolean | null; said: string | null } {
  const said = oneLine(textOf(item.sold_text) ?? textOf(item.titlesub) ?? "");
  const over = said !== "" ? true : typeof item.active === "boolean" ? !item.active : ended;
  const code = textOf(item.currency)?.toUpperCase() ?? null;
  const named = moneyIn(said) ?? moneyIn(textOf(item.current_bid_formatted) ?? "");
  const bid = priceOf(item.current_bid)?.amount ?? null;
  const amount = (said === "" ? null : named?.amount) ?? bid ?? named?.amount ?? null;
  // "Withdrawn on 4/20/2026" names no sum, and of what ended without a word the result is not known.
  const none = over === true && !/^(?:sold for|bid to|reserve not met)\b/i.test(said);
  const day = dateIn(said);
  return {
    price: amount === null || none ? null : {
      amount,
      kind: /^sold for\b/i.test(said) ? "sale" : "bid",
      // Sums of the site without a code are of before it sold elsewhere: US dollars.
      currency: named?.currency ?? code ?? "USD",
    },
    endsAt: isoFromSeconds(item.timestamp_end) ?? isoFromSeconds(item.sold_text_timestamp) ??
      (day === null ? null : `${day}T12:00:00.000Z`),
    ended: over,
    said: said === "" ? null : shorten(said, 100),
  };
}

/** The chassis number among the words by which live auctions are searched. */
function chassisIn(searchable: string | null, title: string): string | null {
  if (searchable === null) return null;
  const text = oneLine(searchable.slice(0, 2_000));
  const vin = /\b(?=[A-Z\d]*\d)[A-HJ-NPR-Z\d]{17}\b/i.exec(text)?.[0];
  if (vin !== undefined) return vin.toUpperCase();
  const labelled = /\bchassis:?\s+([A-Z\d][A-Z\d/.-]{2,20})(?=\s|,|$)/i.exec(text)?.[1];
  if (labelled !== undefined && /\d/.test(labelled)) return labelled;
  return /^(?=\S*\d)[A-Z\d][A-Z\d/.*-]{2,20}$/i.test(text) && !title.includes(text) ? text : null;
}
