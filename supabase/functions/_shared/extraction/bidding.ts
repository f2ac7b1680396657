import { decodeEntities } from "../html/entities.ts";
import { afterTag, pageTitle } from "../html/visible_text.ts";
import { AUCTION_TITLE, auctionSign, BID_ACTION, BID_LABEL } from "./bid_words.ts";

/** As long as a label with its value gets; a longer text is a sentence. */
const LONGEST = 80;
const READ = 40_000;
const SCANNED = 2_000_000;
/** Texts behind the label of a bid in which its sum may stand. */
const NEAR = 2;
const SUM =
  /\p{Sc}\s?\d|\d\s?(?:\p{Sc}|kr\b|zł|(?:USD|EUR|GBP|CHF|SEK|NOK|DKK|PLN|CAD|AUD)\b)|\b(?:USD|EUR|GBP|CHF|SEK|NOK|DKK|PLN|CAD|AUD)\s?\$?\d/u;

/**
 * Whether a page shows that its vehicle is sold by bids: a bid's label with its sum, or two different
 * signs of an auction (its end, its reserve, a button to bid, its title). What stands in a sentence or
 * in the site's menu is none.
 */
export function showsBidding(html: string): boolean {
  const signs = new Set<string>();
  if (AUCTION_TITLE.test(decodeEntities(pageTitle(html)))) signs.add("title");
  const seen = new Set<string>();
  let awaited = 0;
  for (const { text, inButton } of shortTexts(html)) {
    if (awaited > 0 && SUM.test(text)) return true;
    awaited--;
    const key = `${inButton}${text}`;
    if (seen.has(key) && !signs.has("bid")) continue;
    seen.add(key);
    if (BID_LABEL.test(text)) {
      if (SUM.test(text)) return true;
      awaited = NEAR;
      signs.add("bid");
    } else if (inButton && BID_ACTION.test(text)) signs.add("button");
    else {
      const sign = auctionSign(text);
      if (sign !== null) signs.add(sign.replace("counted", "count"));
    }
    if (signs.size > 1) return true;
  }
  return false;
}

interface ShortText {
  text: string;
  inButton: boolean;
}

/** The short texts of a page's content in order, without its menus; one pass, of bounded length. */
function* shortTexts(html: string): Generator<ShortText> {
  const end = Math.min(html.length, SCANNED);
  const unclosed = new Set<string>();
  let [at, read, inButton] = [0, 0, false];
  while (at < end && read < READ) {
    const tag = html.indexOf("<", at);
    const stop = tag < 0 || tag > end ? end : tag;
    if (stop > at) {
      read += stop - at;
      const text = stop - at > LONGEST * 4 ? "" : tidied(html.slice(at, stop));
      if (text !== "" && text.length <= LONGEST) yield { text, inButton };
    }
    if (stop === end) return;
    const name = /^<(\/?[a-z]+)/i.exec(html.slice(stop, stop + 10))?.[1]?.toLowerCase() ?? "";
    if (name === "button" || name === "/button") inButton = name === "button";
    if (name === "input") yield* buttonText(html.slice(stop, stop + 500));
    at = menuEnd(html, name, stop, unclosed) ?? afterTag(html, stop, end);
  }
}

const tidied = (text: string) => decodeEntities(text).replace(/\s+/g, " ").trim();

function* buttonText(markup: string): Generator<ShortText> {
  const tag = markup.split(">", 1)[0] ?? "";
  const value = /\bvalue\s*=\s*["']([^"']{1,80})/i.exec(tag)?.[1];
  if (value !== undefined && /\btype\s*=\s*["']?(?:submit|button)/i.test(tag)) {
    yield { text: tidied(value), inButton: true };
  }
}

const MENUS = new Set(["nav", "footer", "header"]);
/** A header as long as this is no site's menu but holds the page. */
const LONGEST_HEADER = 30_000;

/** Behind the menu that starts at `at`; `null` where none does, or it does not end. */
function menuEnd(html: string, name: string, at: number, unclosed: Set<string>): number | null {
  if (!MENUS.has(name) || unclosed.has(name)) return null;
  const close = html.indexOf(`</${name}`, at);
  const own = name === "header" && close >= 0 &&
    (close - at > LONGEST_HEADER || /<h1\b/i.test(html.slice(at, close)));
  // Looked for once: many that do not end, or hold the page, must not cost a pass each.
  if (close < 0 || own) unclosed.add(name);
  return close < 0 || own ? null : close;
}
