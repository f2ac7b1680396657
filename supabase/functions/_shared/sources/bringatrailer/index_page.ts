import { pathOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { IndexList, type IndexSite } from "../../extraction/index/list.ts";
import { type IndexReading, noEntries } from "../../extraction/index/reading.ts";
import {
  arrayItems,
  isObject,
  type Json,
  parseJson,
  scriptVariable,
  textOf,
} from "../../html/json_region.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { addCards } from "./index_cards.ts";
import { addItem, type Filed, yearOf } from "./index_item.ts";
import { HOST, listingUrl } from "./listing_url.ts";

/** Bring a Trailer as its lists and its feed are taken. */
export const site: IndexSite = {
  slug: "bringatrailer",
  listingUrl,
  imageHosts: [HOST],
  readTitle: parseTitle,
};

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
export function readIndex(page: Page): IndexReading {
  const html = page.body;
  if (/"contentGroup"\s*:\s*"listing-detail-page|\bsingle-bat-listing\b/.test(html)) {
    return noEntries("not_an_index", "the page of one auction");
  }
  const list = new IndexList(site, page.url);
  const filed = noVehicles(html);
  const addItems = (items: Json[], ended: boolean | null) => {
    const years = items.filter((item) => isObject(item) && yearOf(item) !== null).length;
    for (const item of items) addItem(list, item, ended, filed, years > items.length / 2);
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
  return /"contentGroup"\s*:\s*"listing-search-page"/.test(html) ||
      /^\/auctions\b/.test(pathOf(page.url))
    ? noEntries("unreadable", "an index page without its list of auctions")
    : noEntries("not_an_index", "no list of auctions in the page");
}

/** The categories that hold no vehicles: as numbered in 2026, and by the page's own list. */
function noVehicles(html: string): Filed {
  const toolbar = scriptVariable(html, "BAT_MODEL_LISTINGS_TOOLBAR");
  const listed = isObject(toolbar) && Array.isArray(toolbar.categories) ? toolbar.categories : [];
  const filed = new Map<string, "parts" | "karts">([
    ["379", "parts"],
    ["380", "parts"],
    ["428", "karts"],
  ]);
  for (const one of listed) {
    const title = isObject(one) ? textOf(one.title) ?? "" : "";
    const id = isObject(one) ? textOf(one.id) ?? "" : "";
    if (/^(?:parts|wheels)$/i.test(title)) filed.set(id, "parts");
    else if (/^go-karts$/i.test(title)) filed.set(id, "karts");
    else filed.delete(id);
  }
  return filed;
}

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
