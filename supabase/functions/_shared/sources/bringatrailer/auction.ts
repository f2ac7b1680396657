import type { Auction, AuctionOutcome, Bid, Comment } from "../../domain/extraction.ts";
import { dateIn, isoFromSeconds } from "../../reading/dates.ts";
import { decodeEntities } from "../../reading/entities.ts";
import { type Json, textOf } from "../../reading/json_region.ts";
import { moneyIn } from "../../reading/money.ts";
import { oneLine, tidy } from "../../reading/text.ts";
import type { BatPage } from "./page.ts";

type Entry = { [key: string]: Json };

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

export interface Activity {
  bids: Bid[];
  comments: Comment[];
}

const SELLER_MARK = /\s*\(the seller\)\s*$/i;

/** Bids and comments by the site's own numbers; bids that the site cancelled are none. */
export function activityOf(page: BatPage): Activity {
  const bids = new Map<string, Bid>();
  const comments = new Map<string, Comment>();
  for (const entry of page.entries.list) {
    const source_id = textOf(entry.id);
    if (source_id === null) continue;
    const at = isoFromSeconds(entry.timestamp);
    const name = decodeEntities(textOf(entry.authorName) ?? "");
    const author = tidy(name.replace(SELLER_MARK, "")) || null;
    if (entry.type === "bat-bid") {
      const said = moneyIn(textOf(entry.markup) ?? textOf(entry.content) ?? "");
      const amount = typeof entry.bidAmount === "number" && entry.bidAmount > 0
        ? entry.bidAmount
        : said?.amount;
      if (amount === undefined || amount <= 0) continue;
      bids.set(source_id, {
        source_id,
        amount,
        currency: said?.currency ?? null,
        bidder: author,
        placed_at: at,
      });
    } else if (entry.type === "comment") {
      const isSeller = SELLER_MARK.test(name) ||
        (page.sellerId !== null && textOf(entry.authorId) === page.sellerId);
      comments.set(source_id, {
        source_id,
        author,
        body: bodyOf(entry),
        posted_at: at,
        is_seller: isSeller,
      });
    }
  }
  return { bids: [...bids.values()], comments: [...comments.values()] };
}

function bodyOf(entry: Entry): string {
  const content = textOf(entry.content);
  return content !== null ? decodeEntities(content) : oneLine(textOf(entry.markup) ?? "");
}

/** The outcome: the auction's own closing entry, else the table, else the line under the title. */
export function resultOf(page: BatPage): Result | null {
  const fromTable = resultInTable(page);
  const fromLine = resultInLine(page.priceLine, "price line");
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
  return [resultInTable(page), resultInLine(page.priceLine, "")].some((other) =>
    other !== null && other.evidence !== result.evidence && other.outcome === result.outcome &&
    (other.price ?? other.bid) === (result.price ?? result.bid)
  );
}

function resultInEntries(entries: readonly Entry[]): Result | null {
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

function resultInLine(line: string, place: string): Result | null {
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
      evidence: `${place}: "${line.slice(0, 80)}"`,
    };
  }
  return readClosing(line, moneyIn(line.slice(0, 60)), `${place}: "${line.slice(0, 80)}"`);
}

/** When the auction ends or ended, by the page's own clock readings; ISO 8601. */
export function endOf(page: BatPage): string | null {
  for (const { label, markup } of page.stats) {
    if (!/ended|ends|time left/i.test(label)) continue;
    const at = isoFromSeconds(/data-(?:timestamp|ends|until)="(\d{9,11})"/.exec(markup)?.[1]);
    if (at !== null) return at;
  }
  const line = isoFromSeconds(/data-(?:timestamp|until)="(\d{9,11})"/.exec(page.priceRegion)?.[1]);
  if (line !== null) return line;
  const closing = page.entries.list.findLast((entry) => entry.type === "bat-bid-reserve");
  const lastBid = page.entries.list.findLast((entry) => entry.type === "bat-bid");
  return isoFromSeconds(lastBid?.end_timestamp) ?? isoFromSeconds(closing?.timestamp);
}

/** The first whole number in a text ("64 Comments", "6,993 views"); `null` when there is none. */
export function countIn(text: string): number | null {
  const digits = /\d{1,3}(?:,\d{3})+|\d{1,9}/.exec(oneLine(text))?.[0];
  return digits === undefined ? null : Number(digits.replaceAll(",", ""));
}

/** The record of the auction, put together from its entries, its table and its result. */
export function auctionOf(
  page: BatPage,
  activity: Activity,
  result: Result | null,
  seller: string | null,
  lot: string | null,
): Auction {
  const shownBids = countIn(page.stats.find(({ label }) => /^bids$/i.test(label))?.value ?? "");
  const shownComments = countIn(page.shownComments);
  const { list, whole } = page.entries;
  const complete = whole && (list.length > 0 || shownComments === 0);
  const live = result?.outcome === "live" ||
    (result === null && page.contentGroup?.endsWith("-live") === true);
  const nobodyBid = page.contentGroup?.endsWith("-closed") === true && shownBids === 0;
  const outcome = result?.outcome ?? (live ? "live" : nobodyBid ? "no_sale" : "unknown");
  const highest = activity.bids.reduce((most, { amount }) => Math.max(most, amount), 0);
  return {
    outcome,
    sale_price: outcome === "sold" ? result?.price ?? null : null,
    high_bid: result?.bid ?? (highest > 0 ? highest : result?.price ?? null),
    // A bare "$" is the US dollar there; other currencies carry their code.
    currency: result?.currency ?? activity.bids.find((bid) => bid.currency !== null)?.currency ??
      ((result?.bid ?? result?.price ?? highest) > 0 ? "USD" : null),
    bid_count: complete
      ? activity.bids.length
      : shownBids ?? (list.length > 0 ? activity.bids.length : null),
    comment_count: complete
      ? activity.comments.length
      : shownComments ?? (list.length > 0 ? activity.comments.length : null),
    view_count: countIn(page.views.split(">")[1] ?? ""),
    watcher_count: countIn(page.watchers.split(">")[1] ?? ""),
    reserve_met: outcome === "sold"
      ? !(result?.accepted ?? false)
      : outcome === "bid_to"
      ? false
      : null,
    no_reserve: page.title === "" ? null : page.noReserve,
    lot_number: lot,
    starts_at: null,
    ends_at: endOf(page),
    seller,
    buyer: outcome === "sold" ? result?.buyer ?? null : null,
  };
}
