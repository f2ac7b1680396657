import { attribute, elementAt } from "../../html/regions.ts";
import { oneLine } from "../../html/text.ts";
import { readMileage } from "../../vehicle/mileage.ts";
import { type Money, moneyIn } from "../../vehicle/money.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { safeUrl } from "./address.ts";
import type { IndexList } from "./list.ts";

const LINK = /<a\b[^<>]{0,2000}\bhref\s*=\s*["']?[^"'<>\s]{1,1000}[^<>]{0,2000}>/gi;
const TAG = /<(\/?)([a-z][a-z\d-]{0,40})(?:[^<>]{0,3000}?(\/?))>/gi;
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|option)$/i;
const SCAN = 3_000_000;
const MOST_LINKS = 5_000;
/** What of a card is read: a price stands in its first part. */
const LONGEST_CARD = 12_000;
const SUM = /[$€£]\s?\d[\d,.]*/g;
const STRUCK = /<(s|del|strike)\b[^<>]{0,500}>[^<>]{0,100}<\/\1\s*>/gi;
/** A sum that is not what the vehicle costs: a rate, a drop, an estimate, another one's. */
const OTHER_SUM =
  /(?:[$€£]\s?[\d,.]+\s*(?:\/\s?mo|per month|a month|(?:price )?drop|off\b|below|under|less|above|down\b|deposit)|(?:msrp|was|est\.?|estimated|save|drop(?:ped)?|from|down payment)\W{0,3}[$€£]\s?[\d,.]+)[^\s]*/gi;

/**
 * Reads a list as a server draws it: one card a listing, in which links lead to its address. A card counts
 * when its link, its heading or its picture names a vehicle by year and maker. Gives how many were added.
 */
export function addCards(list: IndexList, html: string, currency: string | null): number {
  const page = html.slice(0, SCAN);
  let added = 0;
  for (const { url, card } of cardsOf(page, linksOf(list, page))) {
    const title = titleOf(card);
    if (title === null) continue;
    const text = oneLine(card);
    const price = priceOf(card);
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

/** The one sum of a card that is neither struck out nor called something else; `null` for none and several. */
function priceOf(card: string): Money | null {
  const labelled = /\baria-label\s*=\s*["']price:?\s*([^"'<>]{1,40})["']/i.exec(card)?.[1];
  if (labelled !== undefined) return moneyIn(labelled);
  const texts = oneLine(card.replace(STRUCK, " ")).replace(OTHER_SUM, " ");
  const sums = texts.match(SUM) ?? [];
  const amounts = new Set(sums.map((sum) => moneyIn(sum)?.amount ?? null));
  return amounts.size === 1 ? moneyIn(sums[0] ?? "") : null;
}

/** Links to one listing that stand one behind the other. */
interface LinkGroup {
  url: string;
  first: number;
  last: number;
}

/** Links to listings, in the page's order. */
function linksOf(list: IndexList, html: string): LinkGroup[] {
  const found: LinkGroup[] = [];
  let count = 0;
  for (const match of html.matchAll(LINK)) {
    if (++count > MOST_LINKS * 4 || found.length >= MOST_LINKS) break;
    const address = safeUrl(attribute(match[0], "href"), list.base);
    const url = address === null ? null : list.site.listingUrl(address);
    if (url === null) continue;
    const held = found.at(-1);
    if (held?.url === url) held.last = match.index;
    else found.push({ url, first: match.index, last: match.index });
  }
  return found;
}

/**
 * The markup of each listing's card: what stands in one element with its links. Where one ends and
 * the next begins is where the fewest elements are open between their links.
 */
function cardsOf(html: string, links: readonly LinkGroup[]): { url: string; card: string }[] {
  const [only] = links;
  if (links.length === 1 && only !== undefined) {
    return [{ url: only.url, card: onlyCard(html, only) }];
  }
  const gaps = links.slice(1).map((next, at) => gapIn(html, links[at]?.last ?? 0, next.first));
  const depth = gaps[0]?.depth ?? 0;
  return links.map(({ url, first, last }, at) => {
    const from = at === 0 ? openedBefore(html, first, depth) : gaps[at - 1]?.to ?? first;
    const to = gaps[at]?.from ?? closedBehind(html, last, depth);
    return { url, card: html.slice(from, Math.min(to, from + LONGEST_CARD)) };
  });
}

/** The least element that holds all links of the only listing, and its name. */
function onlyCard(html: string, { first, last }: LinkGroup): string {
  for (let depth = 1; depth <= 6; depth++) {
    const from = openedBefore(html, first, depth);
    const card = elementAt(html, from, LONGEST_CARD);
    if (from + card.length > last && titleOf(card) !== null) return card;
  }
  return html.slice(first, first + LONGEST_CARD);
}

/** Tags between two places, with how many more elements are open behind each than at the first. */
function* depths(html: string, from: number, to: number) {
  let depth = 0;
  const tag = new RegExp(TAG);
  tag.lastIndex = from;
  for (let match = tag.exec(html); match !== null && match.index < to; match = tag.exec(html)) {
    const closes = match[1] === "/";
    if (!closes && (VOID.test(match[2] ?? "") || match[3] === "/")) continue;
    depth += closes ? -1 : 1;
    yield { start: match.index, end: match.index + match[0].length, depth, closes };
  }
}

/** Where the one card ends and the other begins, and how deep in it its link stands. */
function gapIn(
  html: string,
  from: number,
  to: number,
): { from: number; to: number; depth: number } {
  let [least, open] = [Infinity, 0];
  const gap = { from: to, to, depth: 0 };
  for (const { end, depth, closes } of depths(html, from, to)) {
    open = depth;
    if (!closes || depth > least) continue;
    if (depth < least) gap.from = end;
    [least, gap.to] = [depth, end];
  }
  return { ...gap, depth: least === Infinity ? 0 : Math.max(0, open - least) };
}

/** Where the element begins that is opened this many elements before a link. */
function openedBefore(html: string, link: number, depth: number): number {
  const open: number[] = [];
  for (const { start, closes } of depths(html, Math.max(0, link - LONGEST_CARD), link)) {
    if (closes) open.pop();
    else open.push(start);
  }
  return depth === 0 ? link : open.at(-depth) ?? link;
}

/** Where it ends, behind the link. */
function closedBehind(html: string, link: number, depth: number): number {
  for (const tag of depths(html, link, Math.min(html.length, link + LONGEST_CARD))) {
    if (tag.closes && tag.depth <= -depth) return tag.end;
  }
  return html.length;
}

const NAMED = /<(h[1-6]|a|span|div|p)\b[^<>]{0,1000}>([^<>]{4,200})</gi;
const CONDITION = /^(?:used|new|certified(?: pre-owned)?|cpo)\s+/i;
/** A name that begins with its year, of a maker that no list knows. */
const YEAR_FIRST = /^(?:19|20)\d{2}\s+\p{L}.{2,100}$/u;

/** What a card calls its vehicle: its heading, its link or its picture before any other text. */
function titleOf(card: string): string | null {
  const tags = (pattern: RegExp) => [...card.matchAll(pattern)].slice(0, 5).map(([tag]) => tag);
  const texts = [...card.matchAll(NAMED)].slice(0, 40);
  const textsOf = (isHeading: boolean) =>
    texts.filter(([, name]) => /^h/i.test(name ?? "") === isHeading).map((match) =>
      oneLine(match[2] ?? "")
    );
  const links = tags(/<a\b[^<>]{0,2000}>/gi);
  const particular = [
    ...textsOf(true),
    ...links.flatMap((tag) => [attribute(tag, "aria-label"), attribute(tag, "title")]),
    ...tags(/<img\b[^<>]{0,2000}>/gi).map((tag) => attribute(tag, "alt")),
  ].map((text) => text?.replace(CONDITION, "").trim() ?? "");
  const others = textsOf(false).map((text) => text.replace(CONDITION, "").trim());
  return [...particular, ...others].find(namesVehicle) ??
    particular.find((text) => YEAR_FIRST.test(text)) ?? null;
}

function namesVehicle(text: string): boolean {
  const title = parseTitle(text);
  return title.year !== null && title.makeKnown && title.model !== null;
}

function pictureOf(card: string): string | null {
  const tag = /<img\b[^<>]{0,2000}>/i.exec(card)?.[0];
  return tag === undefined ? null : attribute(tag, "src") ?? attribute(tag, "data-src");
}
