import type { Auction, AuctionComment, Bid } from "../../domain/extraction.ts";
import { decodeEntities } from "../../html/entities.ts";
import { type JsonObject, textOf } from "../../html/json_region.ts";
import { tidy } from "../../domain/text.ts";
import { countIn, oneLine } from "../../html/text.ts";
import { isoFromSeconds } from "../../vehicle/dates.ts";
import { moneyIn } from "../../vehicle/money.ts";
import type { BatPage } from "./page.ts";
import type { Result } from "./result.ts";

interface Activity {
  bids: Bid[];
  comments: AuctionComment[];
}

/** Where the page names the sums of an auction; `null` where it names none. */
export interface SumPlaces {
  high_bid: string | null;
  currency: string | null;
  /** How it stands. */
  outcome: string;
}

const SELLER_MARK = /\s*\(the seller\)\s*$/i;

/** Bids and comments by the site's own numbers; bids that the site cancelled are none. */
export function activityOf(page: BatPage): Activity {
  const bids = new Map<string, Bid>();
  const comments = new Map<string, AuctionComment>();
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

function bodyOf(entry: JsonObject): string {
  const content = textOf(entry.content);
  return content !== null ? decodeEntities(content) : oneLine(textOf(entry.markup) ?? "");
}

/** When the auction ends or ended, by the page's own clock readings; ISO 8601. */
function endOf(page: BatPage): string | null {
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

/** The record of the auction, put together from its entries, its table and its result; and where it stood. */
export function auctionOf(
  page: BatPage,
  activity: Activity,
  result: Result | null,
  seller: string | null,
  lot: string | null,
): { auction: Auction; places: SumPlaces } {
  const shownBids = countIn(page.stats.find(({ label }) => /^bids$/i.test(label))?.value ?? "");
  const shownComments = countIn(page.shownComments);
  const { list, whole } = page.entries;
  const complete = whole && (list.length > 0 || shownComments === 0);
  const live = result?.outcome === "live" ||
    (result === null && page.contentGroup?.endsWith("-live") === true);
  const nobodyBid = page.contentGroup?.endsWith("-closed") === true && shownBids === 0;
  const outcome = result?.outcome ?? (live ? "live" : nobodyBid ? "no_sale" : "unknown");
  const said = result?.evidence ??
    `${outcome}: the page is a "${page.contentGroup}"${nobodyBid ? " with no bids" : ""}`;
  const high = highBidOf(activity, result);
  const paid = result?.price ?? null;
  const named = result?.currency ?? high?.currency ?? null;
  const auction: Auction = {
    outcome,
    sale_price: outcome === "sold" ? paid : null,
    high_bid: high?.amount ?? null,
    // A bare "$" is the US dollar there; other currencies carry their code.
    currency: named ?? ((high?.amount ?? paid ?? 0) > 0 ? "USD" : null),
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
  const currency = result !== null && (result.currency !== null || paid !== null)
    ? result.currencyEvidence ?? said
    : high?.evidence ?? null;
  return { auction, places: { high_bid: high?.evidence ?? null, currency, outcome: said } };
}

/** The highest bid: the one named with the outcome, else the highest of the list, else what was paid. */
function highBidOf(
  { bids }: Activity,
  result: Result | null,
): { amount: number; currency: string | null; evidence: string } | null {
  if (result !== null && result.bid !== null) {
    const { bid, currency, bidEvidence, evidence } = result;
    return { amount: bid, currency, evidence: bidEvidence ?? evidence };
  }
  const [first, ...others] = bids;
  if (first !== undefined) {
    const most = others.reduce((one, bid) => bid.amount > one.amount ? bid : one, first);
    const { amount, currency, bidder } = most;
    const sum = `${currency === null ? "$" : `${currency} `}${amount.toLocaleString("en-US")}`;
    return { amount, currency, evidence: `list of bids: ${sum} by ${bidder ?? "a bidder"}` };
  }
  const paid = result?.price ?? null;
  return paid === null || result === null
    ? null
    : { amount: paid, currency: result.currency, evidence: result.evidence };
}
