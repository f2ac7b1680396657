import { hostOf } from "../../domain/host.ts";
import type { Page } from "../../domain/page.ts";
import { nextPage } from "../../extraction/index/address.ts";
import { IndexList, type IndexSite } from "../../extraction/index/list.ts";
import { type IndexReading, noEntries, noIndex } from "../../extraction/index/reading.ts";
import { nodeText } from "../../html/json_ld.ts";
import { isObject, type Json, type JsonObject, textOf } from "../../html/json_region.ts";
import { attribute, closedElementWith, elementAt } from "../../html/regions.ts";
import { scriptJson } from "../../html/script_json.ts";
import { oneLine } from "../../html/text.ts";
import { visibleText } from "../../html/visible_text.ts";
import { askedPrice, searchedCategory, whyNoVehicleListed } from "./index_post.ts";
import { HOST, listingUrl } from "./listing_url.ts";
import { addressOf, offerOf } from "./product.ts";
import { readSellerTitle } from "./seller_title.ts";

/** Craigslist as its search pages and its feed are taken. */
export const site: IndexSite = {
  slug: "craigslist",
  listingUrl,
  imageHosts: [HOST],
  readTitle: readSellerTitle,
};

/**
 * One row of a search: `li.result-row` until 2022, since then `li.cl-static-search-result` in the
 * page as sent and `.cl-search-result` in the page as a browser fills it.
 */
const ROW =
  /<(?:li|div)\b[^<>]{0,1000}\bclass\s*=\s*["'](?:[^"'<>]{0,200}\s)?(?:result-row|cl-static-search-result|cl-search-result)(?=["'\s])[^<>]{0,1000}>/gi;
const LONGEST_ROW = 20_000;
const POST = /\bid\s*=\s*["'](?:titletextonly|postingbody)["']/;
const SEARCH =
  /\bcl-static-search-results\b|\bid="(?:ld_searchpage_results|searchform|search-results)"|\bclass="[^"<>]{0,200}\b(?:search-legend|cl-search-results)\b/;
const NONE = /\b(?:nothing found|no results|zero local results|0 results)\b/i;

/** Reads a search page of Craigslist, old and new. */
export function readIndex(page: Page): IndexReading {
  const html = page.body;
  if (POST.test(html)) return noEntries("not_an_index", "the page of one post");
  const starts = [...html.matchAll(ROW)].slice(0, 5_000);
  const host = hostOf(page.url);
  const searched = searchedCategory(page.url);
  const list = new IndexList(site, page.url);
  const data = new SearchData(scriptJson(html, "ld_searchpage_results"));
  for (const [at, { index }] of starts.entries()) {
    const end = Math.min(starts[at + 1]?.index ?? html.length, index + LONGEST_ROW);
    const row = rowOf(html.slice(index, end));
    if (row === null) continue;
    const more = data.of(row.title);
    const sum = row.price ?? more?.price ?? "";
    list.add({
      ...row,
      price: askedPrice(sum, host, more?.currency ?? null),
      picture: row.picture ?? more?.picture,
      raw: { ...row.raw, location: row.raw.location ?? more?.location },
    }, (title, url) => whyNoVehicleListed(title, url, "", searched));
  }
  if (list.entries.length + list.skipped.length > 0) {
    return list.reading("posts of a search", nextPage(html, page.url));
  }
  if (starts.length > 0) return noEntries("unreadable", `${starts.length} rows without a link`);
  if (SEARCH.test(html)) {
    return NONE.test(visibleText(html, 20_000)) || /\bcl-static-search-results\b/.test(html)
      ? list.reading("a search that found nothing")
      : noEntries("unreadable", "a search page without its rows: needs a browser");
  }
  return noIndex(page);
}

interface Row {
  href: string;
  title: string;
  price: string | null;
  picture: string | null;
  raw: { id: string | null; location: string | null; posted_at: string | null };
}

function rowOf(markup: string): Row | null {
  const row = elementAt(markup, 0, LONGEST_ROW);
  const text = (mark: string) => oneLine(closedElementWith(row, mark)) || null;
  const links = [...row.matchAll(/<a\b[^<>]{0,2000}\bhref\s*=\s*["']([^"'<>]{1,2000})["']/gi)]
    .map((match) => (match[1] ?? "").replaceAll("&amp;", "&"));
  const href = links.find((one) => /\/d\/|\/\d{6,}\.html/.test(one)) ?? links[0];
  if (href === undefined) return null;
  const title = text("result-title") ?? text("titlestring") ?? text('class="label"') ??
    text('class="title"') ?? attribute(row, "title") ?? text("posting-title") ??
    oneLine(closedElementWith(row, "<a "));
  const ids = attributeWithin(row, "data-ids")?.split(",")[0]?.replace(/^\d+:/, "") ?? "";
  const shown = /<img\b[^<>]{0,1000}\bsrc\s*=\s*["']([^"'<>]{1,1000})["']/i.exec(row)?.[1] ?? null;
  return {
    href,
    title,
    price: text("result-price") ?? text("priceinfo") ?? text('class="price"'),
    picture: /^[\w-]{5,60}$/.test(ids) ? `https://images.craigslist.org/${ids}_300x300.jpg` : shown,
    raw: {
      id: attribute(row, "data-pid") ?? /(\d{6,12})\.html/.exec(href)?.[1] ??
        /\/view\/d\/[^/]+\/([\w-]+)/.exec(href)?.[1] ?? null,
      location: (text("result-hood") ?? text('class="location"'))?.replace(/^\(|\)$/g, "").trim() ??
        null,
      posted_at: /\bdatetime\s*=\s*["']([^"'<>]{10,40})["']/i.exec(row)?.[1] ?? null,
    },
  };
}

function attributeWithin(row: string, name: string): string | null {
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"'<>]{1,5000})["']`, "i").exec(row)?.[1] ?? null;
}

interface More {
  price: string | null;
  currency: string | null;
  picture: string | null;
  location: string | null;
}

/**
 * The search's data for machines (`script#ld_searchpage_results`): the same posts without their
 * addresses, not always all, in the rows' order. A row is found by its title, from where the last
 * one stood on.
 */
class SearchData {
  readonly #items: { name: string; more: More }[];
  #next = 0;

  constructor(json: Json | undefined) {
    const list = isObject(json) && Array.isArray(json.itemListElement) ? json.itemListElement : [];
    this.#items = list.slice(0, 5_000).flatMap((one) => {
      const item = isObject(one) ? one.item : null;
      return isObject(item) ? [{ name: key(nodeText(item.name) ?? ""), more: moreOf(item) }] : [];
    });
  }

  of(title: string): More | null {
    const name = key(title);
    const at = this.#items.findIndex((item, index) => index >= this.#next && item.name === name);
    if (at < 0) return null;
    this.#next = at + 1;
    return this.#items[at]?.more ?? null;
  }
}

function key(title: string): string {
  return oneLine(title).toLowerCase();
}

function moreOf(item: JsonObject): More {
  const address = addressOf(item);
  const price = textOf(offerOf(item).price);
  const currency = textOf(offerOf(item).priceCurrency);
  const image = Array.isArray(item.image) ? item.image[0] : item.image;
  return {
    price: price === null || !(Number(price) > 0) ? null : `$${price}`,
    currency: currency !== null && /^[A-Z]{3}$/.test(currency) ? currency : null,
    picture: textOf(image),
    location: [textOf(address.addressLocality), textOf(address.addressRegion)]
      .filter((part) => part !== null).join(", ") || null,
  };
}
