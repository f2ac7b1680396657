import { decodeEntities } from "../html/entities.ts";
import { attribute } from "../html/regions.ts";
import { afterTag, pageTitle } from "../html/visible_text.ts";
import { type OfferState, offerStateInTitle, offerStateOf } from "./sale_words.ts";

/** How much markup around the page's heading is the vehicle's own: badges stand there, other cars further down. */
const BEFORE = 1_500;
const BEHIND = 4_000;
const LONGEST = 120;
const MENUS = /^<\/?(?:nav|footer|aside|a|button|option|select|label)\b/i;
const ENTRANCE = /^<(?:nav|footer|aside|a|button|option|select|label)\b/i;

/**
 * What a page itself shows of its offer, beside its heading or in its title: "Sold", "Reserviert", "This listing
 * has expired". Not what its menus, its filters or its links to other cars say.
 */
export function shownOffer(html: string): { state: OfferState; words: string } | null {
  const title = decodeEntities(pageTitle(html)).split(/\s[|•]\s/, 1)[0] ?? "";
  const titled = offerStateInTitle(title);
  if (titled !== null) return { state: titled, words: title };
  const heading = html.slice(0, 2_000_000).search(/<h1\b/i);
  if (heading < 0) return null;
  const texts = [...ownTexts(html, heading)];
  for (const [at, words] of texts.entries()) {
    const state = offerStateOf(words);
    // "For sale" beside "Sold" are the tabs of a list, or a legend.
    const choice = [texts[at - 1], texts[at + 1]].some((next) => FOR_SALE.test(next ?? ""));
    if (state !== null && !choice) return { state, words };
  }
  const close = html.indexOf("</h1", heading);
  const h1 = close < 0 || close - heading > 2_000
    ? ""
    : decodeEntities(html.slice(heading, close).replace(/<[^<>]*>/g, " ")).replace(/\s+/g, " ")
      .trim();
  const state = offerStateInTitle(h1);
  return state === null ? null : { state, words: h1.slice(0, LONGEST) };
}

/** The short texts around the heading, outside of menus and links, up to the next heading of other things. */
function* ownTexts(html: string, heading: number): Generator<string> {
  const end = Math.min(html.length, heading + BEHIND);
  let at = html.indexOf("<", Math.max(0, heading - BEFORE));
  let depth = 0;
  while (at >= 0 && at < end) {
    const tag = html.slice(at, at + 10);
    if (MENUS.test(tag)) depth = Math.max(0, depth + (ENTRANCE.test(tag) ? 1 : -1));
    const next = afterTag(html, at, end);
    const stop = html.indexOf("<", next);
    if (stop < 0) return;
    const alternative = depth === 0 && /^<img\b/i.test(tag) ? imageText(html.slice(at, next)) : "";
    if (alternative !== "") yield alternative;
    if (depth === 0 && stop > next && stop - next <= LONGEST * 4) {
      const text = decodeEntities(html.slice(next, stop)).replace(/\s+/g, " ").trim();
      if (text !== "" && text.length <= LONGEST) yield text;
    }
    if (at > heading && beginsOthers(html, at, next)) return;
    at = stop;
  }
}

const FOR_SALE =
  /^\W*(?:all|for sale|available|in stock|zu verkaufen|verfügbar|à vendre|disponibles?|te koop|beschikbaar|in vendita|disponibil[ei]|en venta|na sprzedaż|dostępn[aey]|till salu)\W*$/iu;

/** A ribbon across the picture is often a picture itself, whose text says what it shows. */
function imageText(tag: string): string {
  return tag.length > 2_000 ? "" : decodeEntities(attribute(tag, "alt") ?? "").trim();
}

const OTHERS =
  /similar|related|also|more|other|recent|latest|featured|recommend|ähnlich|weitere|andere|similaires|autres|vergelijkbar|simil|altr[ei]|otros|podobn|inne|liknande|fler|\bsold\b/i;

/** Whether a heading begins a part about something else: one of the second rank, or one that names other cars. */
function beginsOthers(html: string, at: number, next: number): boolean {
  const rank = /^<h([1-6])\b/i.exec(html.slice(at, at + 4))?.[1];
  if (rank === undefined) return false;
  return rank <= "2" || OTHERS.test(html.slice(next, next + 100).split("</h", 1)[0] ?? "");
}
