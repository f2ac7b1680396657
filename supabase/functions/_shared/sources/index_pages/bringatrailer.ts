import type { Page } from "../../domain/page.ts";
import { dateIn, isoFromSeconds } from "../../reading/dates.ts";
import { decodeEntities } from "../../reading/entities.ts";
import {
  arrayItems,
  isObject,
  type Json,
  parseJson,
  scriptVariable,
  textOf,
} from "../../reading/json_region.ts";
import { moneyIn } from "../../reading/money.ts";
import { oneLine, shorten } from "../../reading/text.ts";
import { parseTitle } from "../../reading/title.ts";
import { addCards } from "./bringatrailer_cards.ts";
import { batSite, batTitle, slugOf } from "./bringatrailer_site.ts";
import { IndexList, type Listed, type Price } from "./list.ts";
import { whyNoVehicle } from "./no_vehicle.ts";
import { type IndexReading, noEntries } from "./reading.ts";

const LISTS = [
  { name: "auctionsCurrentInitialData", ended: false, form: "live auctions" },
  { name: "auctionsCompletedInitialData", ended: true, form: "completed auctions" },
] as const;

/**
 * Reads an index of Bring a Trailer: `auctionsCurrentInitialData` and `auctionsCompletedInitialData`,
 * or the answer of its filter (`{"items":[…]}`). That is the list with which the site answers; the
 * carousels of popular auctions around it are not part of it, nor what a browser loaded afterwards.
 * Where a page has neither, the cards that it shows are read.
 */
export function readBatIndex(page: Page): IndexReading {
  const html = page.body;
  if (/"contentGroup"\s*:\s*"listing-detail-page|\bsingle-bat-listing\b/.test(html)) {
    return noEntries("not_an_index", "the page of one auction");
  }
  const list = new IndexList(batSite, page.url);
  const parts = partsOf();
  const addItems = (items: Json[], ended: boolean | null) => {
    const years = items.filter((item) => isObject(item) && yearOf(item) !== null).length;
    for (const item of items) addItem(list, item, ended, parts, years > items.length / 2);
  };
  const forms: string[] = [];
  let broken = false;
  for (const { name, ended, form } of LISTS) {
    const items = itemsOf(html, name);
    if (items === null) continue;
    broken ||= !items.whole;
    forms.push(items.whole ? form : `${form}, which break off or are damaged`);
    addItems(items.items, ended);
  }
  if (/^\s{0,1000}\{/.test(html)) {
    const json = parseJson(html);
    if (isObject(json) && Array.isArray(json.items)) {
      forms.push("an answer of the filter");
      addItems(json.items, null);
    }
  }
  if (forms.length === 0 && addCards(list, html)) forms.push("the cards shown");
  const found = list.entries.length + list.skipped.length;
  if (broken && found === 0) {
    return noEntries("unreadable", `damaged: nothing of the ${forms.join(" and ")} can be read`);
  }
  if (forms.length > 0) return list.reading(forms.join(" and "));
  const path = /^https?:\/\/[^/]+(\/[^?#]*)/i.exec(page.url)?.[1] ?? "/";
  return /"contentGroup"\s*:\s*"listing-search-page"/.test(html) || /^\/auctions\b/.test(path)
    ? noEntries("unreadable", "an index page without its list of auctions")
    : noEntries("not_an_index", "no list of auctions in the page");

  /** The categories that hold no vehicles, by the page's own list of categories. */
  function partsOf(): ReadonlySet<string> {
    const toolbar = scriptVariable(html, "BAT_MODEL_LISTINGS_TOOLBAR");
    const listed = isObject(toolbar) && Array.isArray(toolbar.categories) ? toolbar.categories : [];
    return new Set([
      ...NO_VEHICLES,
      ...listed.flatMap((one) =>
        isObject(one) && /^(?:parts|wheels|go-karts)$/i.test(textOf(one.title) ?? "")
          ? [textOf(one.id) ?? ""]
          : []
      ),
    ]);
  }
}

/** Parts, wheels and go-karts, as the site numbered them in 2026. */
const NO_VEHICLES = ["379", "380", "428"];

/** The items assigned to a script variable; `null` when the page only speaks of it or not at all. */
function itemsOf(html: string, name: string): { items: Json[]; whole: boolean } | null {
  for (let at = html.indexOf(name); at >= 0; at = html.indexOf(name, at + name.length)) {
    const start = at + name.length;
    if (!/^["'\]]?\s{0,50}=\s{0,50}\{/.test(html.slice(start, start + 110))) continue;
    const key = /"items"\s{0,50}:\s{0,50}\[/g;
    key.lastIndex = start;
    const open = key.exec(html);
    const end = html.indexOf("</script", start);
    if (open === null || (end >= 0 && open.index > end)) return { items: [], whole: false };
    return arrayItems(html, key.lastIndex - 1);
  }
  return null;
}

function addItem(
  list: IndexList,
  item: Json,
  ended: boolean | null,
  parts: ReadonlySet<string>,
  listHasYears: boolean,
): void {
  if (!isObject(item)) return;
  const { title, noReserve } = batTitle(textOf(item.title) ?? "");
  const text = textOf(item.excerpt);
  const chassis = chassisIn(textOf(item.searchable), title);
  const categories = new Set((JSON.stringify(item.categories ?? "").match(/\d+/g)) ?? []);
  const lot = {
    text: text === null ? null : decodeEntities(text),
    year: yearOf(item),
    chassis,
    filedAsThing: [...categories].some((id) => parts.has(id)),
    listHasYears,
  };
  const result = resultOf(item, ended);
  const listed: Listed = {
    href: textOf(item.url),
    title,
    ...result,
    picture: textOf(item.thumbnail_url),
    year: parseTitle(title).year ?? lot.year,
    raw: {
      id: textOf(item.id),
      no_reserve: typeof item.noreserve === "boolean" ? item.noreserve : noReserve || null,
      country: textOf(item.country_code),
      sold_text: result.said,
      current_bid: typeof item.current_bid === "number" ? item.current_bid : null,
      premium: item.premium === true ? true : null,
      relisted: item.repeat === true ? true : null,
      chassis,
    },
  };
  list.add(listed, (name, url) => whyNoVehicle({ title: name, slug: slugOf(url), ...lot }));
}

function yearOf(item: { [key: string]: Json }): number | null {
  const year = Number(textOf(item.year) ?? NaN);
  return Number.isInteger(year) ? year : null;
}

/** Outcome, sum and end of an item; `ended` is what the list that it stands in is of. */
function resultOf(
  item: { [key: string]: Json },
  ended: boolean | null,
): { price: Price | null; endsAt: string | null; ended: boolean | null; said: string | null } {
  const said = oneLine(textOf(item.sold_text) ?? "");
  const over = said !== "" ? true : typeof item.active === "boolean" ? !item.active : ended;
  const code = textOf(item.currency)?.toUpperCase() ?? null;
  const named = moneyIn(said) ?? moneyIn(textOf(item.current_bid_formatted) ?? "");
  const bid = typeof item.current_bid === "number" ? item.current_bid : null;
  const amount = (said === "" ? null : named?.amount) ?? bid ?? named?.amount ?? null;
  // "Withdrawn on 4/20/2026" names no sum, and of what ended without a word the result is not known.
  const none = over === true && !/^(?:sold for|bid to|reserve not met)\b/i.test(said);
  const day = dateIn(said);
  return {
    price: amount === null || none ? null : {
      amount,
      kind: /^sold for\b/i.test(said) ? "sale" : "bid",
      currency: named?.currency ?? code,
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
