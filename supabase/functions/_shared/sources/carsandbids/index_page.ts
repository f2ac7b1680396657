import type { Page } from "../../domain/page.ts";
import { nextPage } from "../../extraction/index/address.ts";
import { IndexList, type IndexSite, type Price } from "../../extraction/index/list.ts";
import { type IndexReading, noEntries, noIndex } from "../../extraction/index/reading.ts";
import { isObject } from "../../html/json_region.ts";
import { attribute, closedElementWith, elementAt } from "../../html/regions.ts";
import { shorten } from "../../domain/text.ts";
import { oneLine } from "../../html/text.ts";
import { dateIn } from "../../vehicle/dates.ts";
import { moneyIn } from "../../vehicle/money.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { addAuction } from "./index_json.ts";
import { isAuctionList, pageJson, SHELL } from "./json.ts";
import { HOST, listingUrl } from "./listing_url.ts";
import { whyNoVehicleListed } from "./non_vehicle.ts";

/** Cars & Bids as its lists and its feed are taken. */
export const site: IndexSite = {
  slug: "carsandbids",
  listingUrl,
  imageHosts: [HOST],
  readTitle: parseTitle,
};

/** A card of a list; `auction-card` where a page has no `auction-item`. */
const card = (name: string) =>
  new RegExp(
    `<(?:li|div|article)\\b[^<>]{0,500}\\bclass\\s*=\\s*["'](?:[^"'<>]{0,200}\\s)?${name}(?=["'\\s])[^<>]{0,500}>`,
    "gi",
  );
const CARDS = [card("auction-item"), card("auction-card")];
const LONGEST_CARD = 20_000;

/**
 * Reads the lists of Cars & Bids: pages as a browser filled them (`li.auction-item`), and the JSON
 * that they are filled from. A plain fetch gets a shell without a list: that is unreadable, and said.
 */
export function readIndex(page: Page): IndexReading {
  const html = page.body;
  if (/\bclass\s*=\s*["']quick-facts\b/.test(html)) {
    return noEntries("not_an_index", "the page of one auction");
  }
  const list = new IndexList(site, page.url);
  const json = pageJson(page);
  if (isAuctionList(json) && isObject(json) && Array.isArray(json.auctions)) {
    for (const auction of json.auctions) addAuction(list, auction);
    return list.reading("a list of auctions in JSON");
  }
  const starts = CARDS.map((mark) => [...html.matchAll(mark)].slice(0, 2_000))
    .find((found) => found.length > 0) ?? [];
  const lists = placesOf(html, "auctions-list");
  for (const [at, { index }] of starts.entries()) {
    const next = starts[at + 1]?.index ?? html.length;
    const card = html.slice(index, Math.min(next, index + LONGEST_CARD));
    const before = lists.lastUpTo(index);
    addCard(
      list,
      card,
      before >= 0 && /^auctions-list[^"'<>]{0,100}\bpast-/.test(html.slice(before, before + 120)),
    );
  }
  if (list.entries.length + list.skipped.length > 0) {
    return list.reading("cards of auctions", nextPage(html, page.url));
  }
  if (starts.length > 0) return noEntries("unreadable", `${starts.length} cards without a link`);
  return noIndex(page, { shell: SHELL });
}

/**
 * Where a word stands in a page. Asked for rising places only, so that the page is walked once: a
 * look back from each card would walk a large page thousands of times.
 */
function placesOf(html: string, word: string): { lastUpTo(place: number): number } {
  let last = -1;
  let next = html.indexOf(word);
  return {
    lastUpTo(place) {
      while (next >= 0 && next <= place) {
        last = next;
        next = html.indexOf(word, next + 1);
      }
      return last;
    },
  };
}

function addCard(list: IndexList, card: string, past: boolean): void {
  const markup = elementAt(card, 0, LONGEST_CARD);
  const titled = closedElementWith(markup, "auction-title");
  const link = closedElementWith(markup, 'class="hero') || titled;
  const href = hrefIn(titled) ?? hrefIn(link) ?? hrefIn(markup);
  // A card that invites to sell stands among those of auctions.
  if (href === null) return;
  const title = oneLine(closedElementWith(titled, "<a")) || attribute(link, "title") ||
    oneLine(closedElementWith(markup, "<a")) || attributeOfImage(markup, "alt");
  const said = oneLine(markup);
  const result = resultOf(said, oneLine(closedElementWith(markup, "bid-value")), past);
  const ended = /\bended:?\s+(.{6,20})/i.exec(said)?.[1] ?? "";
  const day = dateIn(ended);
  const subtitle = oneLine(closedElementWith(markup, "auction-subtitle"));
  list.add({
    href,
    title,
    ...result,
    endsAt: day === null ? null : `${day}T12:00:00.000Z`,
    ended: result.ended ?? (day === null ? null : true),
    picture: attributeOfImage(markup, "src"),
    raw: {
      id: /\/auctions\/([^/?#]+)/.exec(href)?.[1],
      subtitle: shorten(subtitle, 200),
      no_reserve: /\bno reserve\b/i.test(said) ? true : null,
      location: oneLine(closedElementWith(markup, "auction-loc")) || null,
      time_left: oneLine(closedElementWith(markup, "time-left")).replace(/^time left\s*/i, "") ||
        null,
    },
  }, whyNoVehicleListed);
}

function hrefIn(markup: string): string | null {
  const links = [...markup.matchAll(/\bhref\s*=\s*["']([^"'<>]{1,2000})["']/gi)];
  return links.map((match) => (match[1] ?? "").replaceAll("&amp;", "&"))
    .find((href) => href.includes("/auctions/")) ?? null;
}

function attributeOfImage(markup: string, name: string): string | null {
  const image = /<img\b[^<>]{0,3000}>/i.exec(markup)?.[0];
  return image === undefined ? null : attribute(image, name);
}

/**
 * "Sold for $22,000", "Sold After for $21,000", "Bid to $20,000", "Auction Canceled", else it runs. What sold
 * after the auction is sold: a bid named beside it is no price.
 */
function resultOf(
  said: string,
  value: string,
  past: boolean,
): { price: Price | null; ended: boolean | null } {
  const text = said.replace(/\$\s+/g, "$");
  if (/\b(?:auction|listing) (?:cancell?ed|withdrawn)\b/i.test(text)) {
    return { price: null, ended: true };
  }
  const result = /\b(sold(?: after)?(?: for)?|bid to)\s*:?\s*(\$[\d,.]+)/i.exec(text);
  const sum = moneyIn((result?.[2] ?? value).replace(/\$\s+/g, "$"));
  const after = /\bsold after\b/i.test(text);
  const sold = result === null ? after : /^sold/i.test(result[1] ?? "");
  return {
    price: sum === null
      ? null
      : { amount: sum.amount, kind: sold ? "sale" : "bid", currency: sum.currency ?? "USD" },
    ended: result !== null || after || past
      ? true
      : value !== "" || /\btime left\b/i.test(text)
      ? false
      : null,
  };
}
