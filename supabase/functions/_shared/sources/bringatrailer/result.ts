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
  /** Where that bid is named; `null` where the outcome's own words name it. */
  bidEvidence: string | null;
  currency: string | null;
  /** Where the currency is named; `null` where the outcome's own words name it. */
  currencyEvidence: string | null;
  /** The day it was sold or ended, `YYYY-MM-DD`. */
  date: string | null;
  buyer: string | null;
  /** Sold though the reserve was not met: the seller accepted afterwards. */
  accepted: boolean;
  evidence: string;
  /** Another place of the page says that it ended in another way. */
  disputed: boolean;
}

const NOTHING = {
  price: null,
  bid: null,
  bidEvidence: null,
  currency: null,
  currencyEvidence: null,
  date: null,
  buyer: null,
  accepted: false,
  disputed: false,
} as const;

/**
 * The outcome: the auction's own closing entry, else the table, else the line under the title. What one of
 * them calls withdrawn is withdrawn: the others keep what they showed before.
 */
export function resultOf(page: BatPage): Result | null {
  const fromTable = resultInTable(page);
  const fromLine = resultInLine(page.priceLine);
  const fromEntries = resultInEntries(page.entries.list);
  const places = [fromEntries, fromTable, fromLine, resultInHead(page.head)]
    .filter((place) => place !== null);
  const withdrawn = places.find(({ outcome }) => outcome === "withdrawn");
  if (withdrawn !== undefined) return asWithdrawn(withdrawn, places);
  const [first] = places;
  if (first === undefined) return null;
  const named = first.currency === null ? places.find(({ currency }) => currency !== null) : null;
  const linked = places.find(({ buyer, price }) => buyer !== null && price === first.price);
  return {
    ...first,
    buyer: first.buyer ?? linked?.buyer ?? null,
    currency: first.currency ?? named?.currency ?? null,
    currencyEvidence: first.currencyEvidence ?? named?.evidence ?? null,
  };
}

/** A withdrawn auction with the bid that a row still shows; disputed where an entry says that it sold. */
function asWithdrawn(withdrawn: Result, places: readonly Result[]): Result {
  const shown = places.find(({ outcome, bid }) => bid !== null && outcome !== "sold");
  const sold = places.find(({ outcome }) => outcome === "sold");
  return {
    ...withdrawn,
    bid: shown?.bid ?? null,
    bidEvidence: shown?.bidEvidence ?? shown?.evidence ?? null,
    currency: shown?.currency ?? null,
    currencyEvidence: shown?.currencyEvidence ?? shown?.evidence ?? null,
    disputed: sold !== undefined,
    evidence: sold === undefined
      ? withdrawn.evidence
      : `${withdrawn.evidence}; but ${sold.evidence}`,
  };
}

/** Whether the table or the line under the title names the same outcome and amount. */
export function confirmed(result: Result, page: BatPage): boolean {
  const same = (other: Result) =>
    result.outcome === "withdrawn" ||
    (other.price ?? other.bid) === (result.price ?? result.bid);
  return [resultInTable(page), resultInLine(page.priceLine)].some((other) =>
    other !== null && other.evidence !== result.evidence && other.outcome === result.outcome &&
    same(other)
  );
}

/** Entries of the site about the auction itself; what people wrote, and bids, are none. */
const RECORDS = /^bat-(?!bid(?:-cancell?ed)?$)/;

function resultInEntries(entries: readonly JsonObject[]): Result | null {
  let unsold: Result | null = null;
  let sold: Result | null = null;
  for (const entry of entries) {
    const type = textOf(entry.type) ?? "";
    if (!RECORDS.test(type)) continue;
    const markup = oneLine(textOf(entry.markup) ?? "");
    const text = tidy(decodeEntities(textOf(entry.content) ?? "")) || markup;
    const closing = type === "bat-bid-reserve" || type === "bat-rnm-accepted";
    if (!closing && !isWithdrawal(text)) continue;
    // The line for people carries the currency ("USD $42,000"), the plain one may not.
    const named = moneyIn(markup) ?? moneyIn(text);
    const evidence = `auction record ${type}: "${text.slice(0, 150)}"`;
    const found = readClosing(text, named, evidence);
    if (found === null) continue;
    if (found.currency !== null && moneyIn(text)?.currency !== found.currency) {
      found.currencyEvidence = `auction record ${type}: "${markup.slice(0, 150)}"`;
    }
    if (found.outcome === "sold") {
      // The site's staff wrote some of the records: an author who never bid is no buyer.
      const buyer = found.buyer ?? bidderNamed(textOf(entry.authorName), entries);
      sold = { ...found, buyer, accepted: type === "bat-rnm-accepted" };
    } else unsold = found;
  }
  if (unsold?.outcome === "withdrawn") return sold === null ? unsold : asWithdrawn(unsold, [sold]);
  // Sold afterwards for another sum: the highest bid is the one that did not meet the reserve.
  return sold?.accepted === true
    ? { ...sold, bid: unsold?.bid ?? null, bidEvidence: unsold?.evidence ?? null }
    : sold ?? unsold;
}

function bidderNamed(name: string | null, entries: readonly JsonObject[]): string | null {
  const bid = entries.some((entry) =>
    entry.type === "bat-bid" && textOf(entry.authorName) === name
  );
  return name !== null && bid && !/^anonymous$/i.test(name) ? name : null;
}

const SOLD = /^(?:(?:this|the) )?(?:(?:listing|auction|lot|vehicle|car) )?(?:has |was )?sold\b/i;
const WITHDRAWAL =
  /^(?:(?:this|the) )?(?:(?:listing|auction|lot|vehicle|car) )?(?:(?:has (?:since )?been|was|is) )?withdrawn\b|^(?:the )?seller (?:has )?withdr(?:ew|awn)\b|\(withdrawn\)$/i;

/** "Withdrawn on 3/4/25", "Listing withdrawn", "This listing has been withdrawn by the seller". */
function isWithdrawal(text: string): boolean {
  return WITHDRAWAL.test(text);
}

function readClosing(
  text: string,
  named: { amount: number; currency: string | null } | null,
  evidence: string,
): Result | null {
  const common = { ...NOTHING, currency: named?.currency ?? null, date: dateIn(text), evidence };
  const amount = named?.amount ?? null;
  if (SOLD.test(text) && amount !== null) {
    const buyer = /\bto\s+(\S.{0,60}?)(?=\s+(?:for|on|at)\s|[\s.!]*$)/i.exec(text)?.[1] ?? null;
    return { ...common, outcome: "sold", price: amount, bid: amount, buyer };
  }
  if (/^(?:reserve not met|bid to|high bid)\b/i.test(text)) {
    return { ...common, outcome: amount === null ? "no_sale" : "bid_to", bid: amount };
  }
  return isWithdrawal(text)
    ? { ...NOTHING, date: common.date, evidence, outcome: "withdrawn" }
    : null;
}

function resultInTable(page: BatPage): Result | null {
  let found: Result | null = null;
  for (const { label, value, markup } of page.stats) {
    const named = moneyIn(value);
    const base = {
      ...NOTHING,
      currency: named?.currency ?? null,
      bid: named?.amount ?? null,
      evidence: `result table: "${label} ${value.slice(0, 80)}"`,
    };
    if (isWithdrawal(label) || isWithdrawal(value)) {
      const row: Result = { ...base, outcome: "withdrawn" };
      return found === null ? row : asWithdrawn(row, [found]);
    }
    if (found !== null) continue;
    if (/^(?:winning bid|sold (?:for|to))$/i.test(label) && named !== null) {
      found = { ...base, outcome: "sold", price: named.amount, buyer: bidderIn(markup) };
    } else if (/^high bid$/i.test(label)) {
      found = { ...base, outcome: named === null ? "no_sale" : "bid_to" };
    } else if (/^(?:current|opening) bid$/i.test(label)) found = { ...base, outcome: "live" };
  }
  return found;
}

function bidderIn(markup: string): string | null {
  return tidy(decodeEntities(/\/member\/[^>]*>([^<]{1,80})</.exec(markup)?.[1] ?? "")) || null;
}

/** The head's title tells a withdrawal, too: "… for sale on BaT Auctions - withdrawn on June 1, 2020 (Lot #1)". */
function resultInHead(head: string): Result | null {
  const said = /\s[-–] (withdrawn\b.{0,60})/i.exec(head)?.[1];
  return said === undefined
    ? null
    : { ...NOTHING, outcome: "withdrawn", date: dateIn(said), evidence: `page title "…${said}"` };
}

function resultInLine(line: string): Result | null {
  const named = moneyIn(line.slice(0, 60));
  const evidence = `price line: "${line.slice(0, 80)}"`;
  return /^(?:current bid|bid now|opening bid)\b/i.test(line)
    ? {
      ...NOTHING,
      outcome: "live",
      bid: named?.amount ?? null,
      currency: named?.currency ?? null,
      evidence,
    }
    : readClosing(line, named, evidence);
}
