import { checkDigitFits } from "../vehicle/vin.ts";
import type { PageReading } from "./page_reading.ts";

/** Control characters that no page holds on purpose: all but tab, line ends and form feeds. */
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/g;
/** A stray one comes out of a text pasted from elsewhere; several different ones do not. */
export const MOST_CONTROLS = 1;
const START = /<!doctype|<html|<head/i;
/** More than this before a document's start is more than a remark of the server. */
const LONGEST_BEFORE = 1_000;
const TAGS = /<\/?[a-z][^<>]{0,500}>/gi;
/** A document's end may be followed by a little; by this part of the page it is not. */
const LONGEST_BEHIND = 0.2;

/** Characters at either end of a page that are searched for control characters: damage is all over. */
const SAMPLE = 40_000;

interface Damage {
  /** Why the page did not arrive as it was sent; `null` when nothing shows it. */
  why: string | null;
  /** It has a trace of damage that an innocent page may have too. */
  suspect: boolean;
}

/** Looks whether bits of a page were turned over, or its parts stand in another order. */
export function damageOf(page: string): Damage {
  // The bytes of a picture leave these traces, too: a page without a trace holds none.
  const hasTrace = controlsAtEnds(page).size > 0 || page.includes("\ufffd");
  const html = hasTrace ? withoutPictures(page) : page;
  const controls = hasTrace ? controlsAtEnds(html) : new Set();
  const suspect = controls.size > 0 || (hasTrace && html.includes("\ufffd"));
  const why = controls.size > MOST_CONTROLS
    ? "damaged: it holds control characters"
    : whyDisordered(html);
  return { why, suspect };
}

function controlsAtEnds(html: string): Set<string> {
  const ends = [html.slice(0, SAMPLE), html.slice(Math.max(SAMPLE, html.length - SAMPLE))];
  return new Set(ends.flatMap(controlsIn));
}

/** How the bytes of a PNG, a GIF or a JPEG begin, decoded as text. */
// deno-lint-ignore no-control-regex -- the byte that ends a PNG signature
const PICTURE = /PNG\s{1,3}\u001a\s|GIF8[79]a|\ufffd{3}.?.?.?JFIF/;
/** A tracking pixel is small; longer than this is no picture that a server wrote into a page. */
const LONGEST_PICTURE = 20_000;

/** A page without the bytes of pictures that a server wrote into an element of it: no damage of the page. */
function withoutPictures(html: string): string {
  const at = html.search(PICTURE);
  if (at < 0) return html;
  const open = html.lastIndexOf(">", at);
  const close = html.slice(at, at + LONGEST_PICTURE).search(/<\/[a-z]/i);
  if (open < 0 || at - open > 20 || close < 0) return html;
  return html.slice(0, open + 1) + html.slice(at + close);
}

/** The control characters in a text that no page or feed holds on purpose. */
export function controlsIn(html: string): string[] {
  return html.match(CONTROL) ?? [];
}

function whyDisordered(html: string): string | null {
  const start = html.search(START);
  if (start > LONGEST_BEFORE && tagsIn(html.slice(0, start)) >= 5) {
    return `damaged: its start stands at character ${start}`;
  }
  const end = html.lastIndexOf("</html");
  if (
    end >= 0 && html.length - end > LONGEST_BEHIND * html.length && tagsIn(html.slice(end)) >= 10
  ) {
    return `damaged: its end stands at character ${end} of ${html.length}`;
  }
  const headEnd = html.indexOf("</head");
  if (headEnd < 0) return null;
  // A script may hold any of these in a text; the first end of a head still stands in the head.
  for (const mark of ["<body", "</body"]) {
    if (html.indexOf(mark, headEnd) >= 0 || html.lastIndexOf(mark, headEnd) < 0) continue;
    return `damaged: "${mark}" stands before the end of the head`;
  }
  return start > headEnd ? "damaged: its head ends before it starts" : null;
}

function tagsIn(html: string): number {
  return html.slice(0, 20_000).match(TAGS)?.length ?? 0;
}

const PRICES = ["sale_price", "high_bid", "asking_price"] as const;

/**
 * Takes the VIN and the prices out of what was read from a page with a trace of damage, unless the
 * page states them twice, or the VIN's check digit fits: a turned digit looks like any other.
 */
export function withoutDoubtful(reading: PageReading, html: string): PageReading {
  if (reading.outcome !== "listing") return reading;
  const facts = { ...reading.facts };
  const vin = facts.vin?.value;
  if (vin !== undefined && !checkDigitFits(vin) && !statedTwice(literal(vin), html)) {
    delete facts.vin;
  }
  for (const field of PRICES) {
    const price = facts[field]?.value;
    if (price !== undefined && !statedTwice(figure(price), html)) delete facts[field];
  }
  const { auction } = reading;
  return {
    ...reading,
    facts,
    auction: auction === null ? null : {
      ...auction,
      sale_price: facts.sale_price === undefined ? null : auction.sale_price,
      high_bid: facts.high_bid === undefined ? null : auction.high_bid,
    },
  };
}

/** A sum as pages write it: "12500", "12,500", "12.500". */
function figure(amount: number): string {
  const digits = String(Math.trunc(amount));
  return digits.replace(/\B(?=(?:\d{3})+$)/g, "[,.]?");
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function statedTwice(pattern: string, html: string): boolean {
  const found = html.matchAll(new RegExp(`(?<![\\d])${pattern}(?!\\d)`, "gi"));
  return !found.next().done && !found.next().done;
}
