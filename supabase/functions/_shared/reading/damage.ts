import type { Extraction } from "../domain/extraction.ts";
import { checkDigitFits } from "./vin.ts";

/** Control characters that no page holds on purpose: all but tab, line ends and form feeds. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/g;
/** A stray one comes out of a text pasted from elsewhere; several different ones do not. */
const MOST_CONTROLS = 1;
/** What could not be decoded, inside a tag. */
const UNDECODED_IN_TAG = /<[a-z\/!][^<>]{0,2000}\ufffd/i;

const START = /<!doctype|<html|<head/i;
/** More than this before a document's start is more than a remark of the server. */
const LONGEST_BEFORE = 2_000;
const TAGS = /<\/?[a-z][^<>]{0,500}>/gi;
/** A document's end may be followed by a little; by this part of the page it is not. */
const LONGEST_BEHIND = 0.3;

/**
 * Why a page did not arrive as it was sent: bits were turned over, or its parts stand in another
 * order; `null` when nothing shows it.
 */
export function whyDamaged(html: string): string | null {
  const controls = new Set<string>();
  for (const [character] of html.matchAll(CONTROL)) {
    controls.add(character);
    if (controls.size > MOST_CONTROLS) return "damaged: it holds control characters";
  }
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
  return null;
}

function tagsIn(html: string): number {
  return html.slice(0, 20_000).match(TAGS)?.length ?? 0;
}

/** Whether a page has a trace of damage that an innocent page may have too. */
function isSuspect(html: string): boolean {
  CONTROL.lastIndex = 0;
  return CONTROL.test(html) || (html.includes("\ufffd") && UNDECODED_IN_TAG.test(html));
}

const PRICES = ["sale_price", "high_bid", "asking_price"] as const;

/**
 * Takes the VIN and the prices out of what was read from a page with a trace of damage, unless the
 * page states them twice, or the VIN's check digit fits: a turned digit looks like any other.
 */
export function withoutDoubtful(extraction: Extraction, html: string): Extraction {
  if (extraction.outcome !== "listing" || !isSuspect(html)) return extraction;
  const facts = { ...extraction.facts };
  const vin = facts.vin?.value;
  if (vin !== undefined && !checkDigitFits(vin) && !statedTwice(literal(vin), html)) {
    delete facts.vin;
  }
  for (const field of PRICES) {
    const price = facts[field]?.value;
    if (price !== undefined && !statedTwice(figure(price), html)) delete facts[field];
  }
  const { auction } = extraction;
  return {
    ...extraction,
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
