import type { AuctionOutcome, Bid } from "../../domain/extraction.ts";
import { closedElementWith } from "../../html/regions.ts";
import { oneLine } from "../../html/text.ts";
import { moneyIn } from "../../vehicle/money.ts";
import { NO_RESULT, type Result } from "./auction.ts";

/** The places of a rendered page that say how its auction stands. */
export interface ShownResult {
  /** `ul.bid-stats`: "Time Left … Bid $23,000", or "Sold for $22,000". */
  bar: string;
  /** `li.current-bid` further down, with class "ended" once it has. */
  box: string;
  bids: readonly Bid[];
  /** What the site itself wrote among the comments: "Sold to x for $16,100". */
  notices: readonly string[];
}

interface Said {
  outcome: AuctionOutcome;
  price: number | null;
  bid: number | null;
  after: boolean;
  evidence: string;
}

/** How the auction stands by all places of the page; where two contradict each other, unknown. */
export function resultShown(shown: ShownResult): Result {
  const said = [barSays(shown.bar), boxSays(shown.box), ...shown.notices.map(noticeSays)]
    .filter((one) => one !== null);
  // A bar that still counts down is older than a word that it ended.
  const ended = said.filter(({ outcome }) => outcome !== "live");
  // What sold afterwards had not met its reserve before: that is no contradiction.
  const later = ended.filter((one) => one.after);
  const counted = later.length > 0
    ? ended.filter(({ outcome }) => outcome !== "bid_to")
    : ended.length > 0
    ? ended
    : said;
  const first = counted[0];
  if (first === undefined) return NO_RESULT;
  const evidence = counted.map((one) => one.evidence).join("; ");
  const highest = shown.bids.reduce((most, { amount }) => Math.max(most, amount), 0);
  const after = counted.some((one) => one.after);
  // What it sold for later is said only where "after" is; the rest repeats the highest bid.
  const priced = counted.filter((one) => one.price !== null && (one.after || !after));
  const prices = new Set(priced.map(({ price }) => price));
  if (counted.some(({ outcome }) => outcome !== first.outcome) || prices.size > 1) {
    return { ...NO_RESULT, evidence };
  }
  const [price = null] = prices;
  const sums = counted.flatMap(({ bid }) => bid === null ? [] : [bid]);
  // Of a sale after the auction, the words on its end still tell the bid that it ended at.
  const named = [...counted, ...ended].find((one) => one.bid !== null);
  const bid = named?.bid ?? (highest > 0 ? highest : null);
  const listed = `list of bids: $${highest.toLocaleString("en-US")}`;
  return {
    outcome: first.outcome,
    price: first.outcome === "sold" ? price : null,
    bid: first.outcome === "sold" && !after ? price ?? bid : bid,
    after,
    evidence,
    bidEvidence: first.outcome === "sold" && !after && price !== null
      ? null
      : named?.evidence ?? (highest > 0 ? listed : null),
    confirmed: counted.length > 1 && new Set(sums).size <= 1,
  };
}

function sumIn(text: string): number | null {
  return moneyIn(text.replace(/\$\s+/g, "$"))?.amount ?? null;
}

function barSays(bar: string): Said | null {
  const ended = oneLine(closedElementWith(bar, 'class="ended'));
  if (ended !== "") return endSays(ended, `bid bar "${ended}"`);
  const text = oneLine(bar);
  const bid = sumIn(oneLine(closedElementWith(bar, "bid-value")));
  const evidence = `bid bar "${text.slice(0, 80)}"`;
  if (!/\btime left\b|\bcurrent bid\b/i.test(text)) return endSays(text, evidence);
  return { outcome: "live", price: null, bid, after: false, evidence };
}

function boxSays(box: string): Said | null {
  const text = oneLine(box);
  if (text === "") return null;
  const open = box.slice(0, box.indexOf(">") + 1);
  const evidence = `bids' box "${text.slice(0, 80)}"`;
  const bid = sumIn(oneLine(closedElementWith(box, "bid-value")));
  if (/\bcancell?ed\b/.test(open)) return { ...endedUnsold("withdrawn", bid), evidence };
  if (/\bended\b/.test(open)) {
    const end = endSays(text, evidence);
    if (end === null) return null;
    return { ...end, price: end.outcome === "sold" ? bid : null, bid: end.after ? null : bid };
  }
  return /\bcurrent bid\b/i.test(text)
    ? { outcome: "live", price: null, bid, after: false, evidence }
    : null;
}

function noticeSays(text: string): Said | null {
  return /^(?:.{0,60}\s)?(?:sold (?:after )?(?:to|for)|bid to|reserve not met|auction cancel)/i
      .test(
        text,
      )
    ? endSays(text, `the site's notice "${text.slice(0, 80)}"`)
    : null;
}

/** "Sold for $22,000", "Sold After for $21,000", "Bid to $20,000", "Auction Canceled". */
function endSays(text: string, evidence: string): Said | null {
  const sum = sumIn(text);
  if (/\bcancell?ed\b|\bwithdrawn\b/i.test(text)) {
    return { ...endedUnsold("withdrawn", null), evidence };
  }
  if (/\bbid to\b|\breserve not met\b|\bnot sold\b/i.test(text)) {
    return { ...endedUnsold("bid_to", sum), evidence };
  }
  if (!/\bsold\b/i.test(text)) return null;
  const after = /\bsold after\b/i.test(text);
  return { outcome: "sold", price: sum, bid: after ? null : sum, after, evidence };
}

function endedUnsold(
  outcome: "bid_to" | "withdrawn",
  bid: number | null,
): Omit<Said, "evidence"> {
  return { outcome, price: null, bid, after: false };
}
