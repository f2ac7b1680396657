import { attribute } from "../../html/regions.ts";
import { oneLine } from "../../html/text.ts";
import { readMileage } from "../../vehicle/mileage.ts";
import { moneyIn } from "../../vehicle/money.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { safeUrl } from "./address.ts";
import type { IndexList } from "./list.ts";

const LINK = /<a\b[^<>]{0,2000}\bhref\s*=\s*["']?[^"'<>\s]{1,1000}[^<>]{0,2000}>/gi;
const SCAN = 3_000_000;
const MOST_LINKS = 5_000;
/** What of a card is read: a price stands in its first part. */
const LONGEST_CARD = 12_000;
/** A sum that is not what the vehicle costs: a rate, a drop, an estimate, another one's. */
const OTHER_SUM =
  /(?:[$€£]\s?[\d,.]+\s*(?:\/\s?mo|per month|a month|(?:price )?drop|off\b|below|under|less|above|down\b|deposit)|(?:msrp|was|est\.?|estimated|save|drop(?:ped)?|from|down payment)\W{0,3}[$€£]\s?[\d,.]+)[^\s]*/gi;

/**
 * Reads a list as a server draws it: one card a listing, around or behind a link to its address. A
 * card counts when its link, its heading or its picture names a vehicle by year and maker. Gives how many were added.
 */
export function addCards(list: IndexList, html: string, currency: string | null): number {
  const links = linksOf(list, html.slice(0, SCAN));
  let added = 0;
  for (let at = 0; at < links.length; at++) {
    const { url, start } = links[at] ?? { url: "", start: 0 };
    if (links[at - 1]?.url === url) continue;
    const next = links.slice(at + 1).find((one) => one.url !== url)?.start ?? html.length;
    const card = html.slice(start, Math.min(next, start + LONGEST_CARD));
    const title = titleOf(card);
    if (title === null) continue;
    const text = oneLine(card);
    const labelled = /\baria-label\s*=\s*["']price:?\s*([^"'<>]{1,40})["']/i.exec(card)?.[1];
    const price = moneyIn((labelled ?? text).replace(OTHER_SUM, " "));
    const mileage = readMileage(/[\d,.]{1,9}k?\s*(?:miles?|mi\.?|km)\b/i.exec(text)?.[0] ?? "");
    const before = list.entries.length;
    list.add({
      href: url,
      title,
      price: price === null
        ? null
        : { ...price, kind: "asking", currency: price.currency ?? currency },
      picture: pictureOf(card),
      raw: { mileage: mileage === null ? null : String(mileage.miles) },
    }, () => null);
    added += list.entries.length - before;
  }
  return added;
}

/** Links to listings, in the page's order. */
function linksOf(list: IndexList, html: string): { url: string; start: number }[] {
  const found: { url: string; start: number }[] = [];
  let count = 0;
  for (const match of html.matchAll(LINK)) {
    if (++count > MOST_LINKS * 4) break;
    const address = safeUrl(attribute(match[0], "href"), list.base);
    const url = address === null ? null : list.site.listingUrl(address);
    if (url !== null) found.push({ url, start: match.index });
    if (found.length >= MOST_LINKS) break;
  }
  return found;
}

/** The first text of a card that names a vehicle by year and maker. */
function titleOf(card: string): string | null {
  const texts = [
    attribute(card, "aria-label"),
    attribute(card, "title"),
    ...[...card.matchAll(/<(h[1-6]|a|span|div|p)\b[^<>]{0,1000}>([^<>]{4,200})</gi)].slice(0, 40)
      .map((match) => oneLine(match[2] ?? "")),
    ...[...card.matchAll(/<img\b[^<>]{0,2000}>/gi)].slice(0, 3).map(([tag]) =>
      attribute(tag, "alt")
    ),
  ];
  for (const text of texts) {
    const title = parseTitle(text ?? "");
    if (text && title.year !== null && title.makeKnown && title.model !== null) {
      return text.replace(/^(?:used|new|certified(?: pre-owned)?)\s+/i, "");
    }
  }
  return null;
}

function pictureOf(card: string): string | null {
  const tag = /<img\b[^<>]{0,2000}>/i.exec(card)?.[0];
  return tag === undefined ? null : attribute(tag, "src") ?? attribute(tag, "data-src");
}
