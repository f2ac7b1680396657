import type { AuctionOutcome } from "../../domain/extraction.ts";
import { decodeEntities } from "../../html/entities.ts";
import { type JsonObject, textOf } from "../../html/json_region.ts";
import { tidy } from "../../domain/text.ts";
import { oneLine } from "../../html/text.ts";
import { dateIn } from "../../vehicle/dates.ts";
import { moneyIn } from "../../vehicle/money.ts";
import type { BatPage } from "./page.ts";

/** How an auction ended and where the page says so. */
export interface Result {
  outcome: AuctionOutcome;
  /** What was paid; only when sold. */
  price: number | null;
  /** The highest bid named with the outcome. */
  bid: number | null;
  currency: string | null;
  /** The day it was sold or ended, `YYYY-MM-DD`. */
  date: string | null;
  buyer: string | null;
  /** Sold though the reserve was not met: the seller accepted afterwards. */
  accepted: boolean;
  evidence: string;
}

/** The outcome: the auction's own closing entry, else the table, else the line under the title. */
export function resultOf(page: BatPage): Result | null {
  const fromTable = resultInTable(page);
  const fromLine = resultInLine(page.priceLine);
  const fromEntries = resultInEntries(page.entries.list);
  if (fromEntries !== null) {
    return {
      ...fromEntries,
      currency: fromEntries.currency ?? fromTable?.currency ?? fromLine?.currency ?? null,
    };
  }
  return fromTable ?? fromLine;
}

/** Whether the table or the line under the title names the same outcome and amount. */
export function confirmed(result: Result, page: BatPage): boolean {
  return [resultInTable(page), resultInLine(page.priceLine)].some((other) =>
    other !== null && other.evidence !== result.evidence && other.outcome === result.outcome &&
    (other.price ?? other.bid) === (result.price ?? result.bid)
  );
}

function resultInEntries(entries: readonly JsonObject[]): Result | null {
  let unsold: Result | null = null;
  let sold: Result | null = null;
  for (const entry of entries) {
    if (entry.type !== "bat-bid-reserve" && entry.type !== "bat-rnm-accepted") continue;
    const text = tidy(decodeEntities(textOf(entry.content) ?? "")) ||
      oneLine(textOf(entry.markup) ?? "");
    // The line for people carries the currency ("USD $42,000"), the plain one may not.
    const named = moneyIn(oneLine(textOf(entry.markup) ?? "")) ?? moneyIn(text);
    const found = readClosing(text, named, `auction record ${entry.type}: "${text.slice(0, 150)}"`);
    if (found?.outcome === "sold") {
      const author = textOf(entry.authorName);
      const buyer = author !== null && !/^anonymous$/i.test(author) ? author : found.buyer;
      sold = { ...found, buyer, accepted: entry.type === "bat-rnm-accepted" };
    } else unsold = found ?? unsold;
  }
  // Sold afterwards for another sum: the highest bid is the one that did not meet the reserve.
  return sold?.accepted === true ? { ...sold, bid: unsold?.bid ?? null } : sold ?? unsold;
}

function readClosing(
  text: string,
  named: { amount: number; currency: string | null } | null,
  evidence: string,
): Result | null {
  const common = {
    currency: named?.currency ?? null,
    date: dateIn(text),
    accepted: false,
    evidence,
  };
  const amount = named?.amount ?? null;
  if (/^sold\b/i.test(text) && amount !== null) {
    const buyer = /\bto\s+(\S+?)[\s.!]*$/i.exec(text)?.[1] ?? null;
    return { ...common, outcome: "sold", price: amount, bid: amount, buyer };
  }
  if (/^(?:reserve not met|bid to|high bid)\b/i.test(text)) {
    return {
      ...common,
      outcome: amount === null ? "no_sale" : "bid_to",
      price: null,
      bid: amount,
      buyer: null,
    };
  }
  if (/^(?:listing |auction )?withdrawn\b/i.test(text)) {
    return { ...common, outcome: "withdrawn", price: null, bid: null, buyer: null };
  }
  return null;
}

function resultInTable(page: BatPage): Result | null {
  for (const { label, value, markup } of page.stats) {
    const named = moneyIn(value);
    const base = {
      currency: named?.currency ?? null,
      date: null,
      buyer: null,
      accepted: false,
      price: null,
      bid: named?.amount ?? null,
      evidence: `result table: "${label} ${value.slice(0, 80)}"`,
    };
    if (/withdrawn/i.test(`${label} ${value}`)) return { ...base, outcome: "withdrawn" };
    if (/^(?:winning bid|sold (?:for|to))$/i.test(label) && named !== null) {
      return { ...base, outcome: "sold", price: named.amount, buyer: bidderIn(markup) };
    }
    if (/^high bid$/i.test(label)) {
      return { ...base, outcome: named === null ? "no_sale" : "bid_to" };
    }
    if (/^(?:current|opening) bid$/i.test(label)) return { ...base, outcome: "live" };
  }
  return null;
}

function bidderIn(markup: string): string | null {
  return tidy(decodeEntities(/\/member\/[^>]*>([^<]{1,80})</.exec(markup)?.[1] ?? "")) || null;
}

function resultInLine(line: string): Result | null {
  if (/^(?:current bid|bid now|opening bid)\b/i.test(line)) {
    const named = moneyIn(line.slice(0, 60));
    return {
      outcome: "live",
      price: null,
      bid: named?.amount ?? null,
      currency: named?.currency ?? null,
      date: null,
      buyer: null,
      accepted: false,
      evidence: `price line: "${line.slice(0, 80)}"`,
    };
  }
  return readClosing(line, moneyIn(line.slice(0, 60)), `price line: "${line.slice(0, 80)}"`);
}
