import { type AddressPattern, learnPatterns } from "../../extraction/index/address_pattern.ts";
import type { Link } from "../../extraction/index/links.ts";
import { vinsIn } from "../../extraction/page_address.ts";
import { parseTitle } from "../../vehicle/title.ts";

const OF_LISTINGS =
  /\b(?:inventory|vehicles?|cars?|used|pre-?owned|stock|listings?|auctions?|lots?|for-?sale|classifieds?|showroom|gebrauchtwagen|fahrzeuge?|automobile|voitures?|occasions?|usate|coches|bilar|samochody|autos?|vehicule|detail|vdp)\b/i;
const OF_OTHERS =
  /\b(?:blog|news|tags?|category|categories|author|cart|account|login|register|terms|privacy|about|contact|wp-content|reviews?|service|parts|financ\w*|careers?|jobs?|faq|help|events?|staff|team|locations?|search|page|pages|products?-tag|guides?|articles?|press)\b/i;

function wordsOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname).replace(/[-_/.+]+/g, " ");
  } catch {
    return "";
  }
}

/** How much an address reads like that of one vehicle: a year and a maker in it, a VIN. */
function likenessOf(url: string): number {
  const words = wordsOf(url);
  const { year, makeKnown } = parseTitle(words);
  return (vinsIn(words).size > 0 ? 3 : 0) + (year !== null ? 1 : 0) + (makeKnown ? 2 : 0);
}

/** Above this score the pages of a pattern are hardly anything but listings. */
export const SURE = 2;

/** A pattern, and how likely its pages are listings. */
export interface LikelyPattern extends AddressPattern {
  score: number;
}

/** The patterns of addresses that may be listings', likeliest first; what reads like articles comes last. */
export function likelyPatterns(urls: readonly string[]): LikelyPattern[] {
  return learnPatterns(urls)
    .map((one) => {
      const examples = one.examples.slice(0, 8);
      const likeness = examples.reduce((sum, url) => sum + likenessOf(url), 0) /
        Math.max(1, examples.length);
      const fixed = one.pattern.replace(/\{\w+\}/g, " ").replace(/[-_/.?=]+/g, " ");
      const score = likeness + (OF_LISTINGS.test(fixed) ? 1.5 : 0) -
        (OF_OTHERS.test(fixed) ? 3 : 0) +
        (/\{(?:number|coded)\}/.test(one.pattern) ? 0.5 : 0) +
        Math.log10(Math.max(1, one.count)) / 2;
      return { ...one, score };
    })
    .filter(({ pattern, score }) => /\{\w+\}/.test(pattern) && score > 0)
    .sort((one, other) => other.score - one.score || (one.pattern < other.pattern ? -1 : 1));
}

/** Links that look as if they led to a list of vehicles, likeliest first; at most five. */
export function likelyLists(links: readonly Link[]): string[] {
  return links
    .map(({ url, text }) => {
      const path = wordsOf(url).trim();
      const depth = path === "" ? 0 : new URL(url).pathname.split("/").filter(Boolean).length;
      const score = (OF_LISTINGS.test(path) ? 2 : 0) + (OF_LISTINGS.test(text) ? 1 : 0) -
        (OF_OTHERS.test(path) ? 3 : 0) - likenessOf(url) - depth / 4;
      return { url, score };
    })
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, 5)
    .map(({ url }) => url);
}

/** Of several sitemaps, those named after what is for sale first. */
export function likelySitemaps(urls: readonly string[]): string[] {
  const score = (url: string) => {
    const words = wordsOf(url);
    return (OF_LISTINGS.test(words) ? 2 : /\b(?:products?|items?|posts?)\b/i.test(words) ? 1 : 0) -
      (OF_OTHERS.test(words) || /\b(?:images?|videos?)\b/i.test(words) ? 2 : 0);
  };
  return urls.map((url, at) => ({ url, at, score: score(url) }))
    .sort((one, other) => other.score - one.score || one.at - other.at)
    .map(({ url }) => url);
}
