import type { Auction, AuctionEnd, Bid, Remark } from "./listing.ts";
import type { Random } from "./random.ts";
import { MEMBERS, PRICE_REMARKS, REMARKS } from "./words.ts";

const DAY = 86_400;
const FIRST_LOT = 200_000;

const firstIdOf = (number: number): number => 20_000_000 + number * 500;

/** An id of the site's own for entry `n` (400 to 499) of an auction, beside its bids and comments. */
export const extraEntryId = (auction: Auction, n: number): number =>
  firstIdOf(auction.lot - FIRST_LOT) + n;

/** Ended auctions of every kind, and some still running. */
function drawEnd(random: Random): AuctionEnd {
  const draw = random.next();
  if (draw < 0.64) return "sold";
  if (draw < 0.86) return "bid_to";
  if (draw < 0.92) return "sold_after";
  if (draw < 0.98) return "live";
  return "no_sale";
}

function drawBids(
  random: Random,
  { firstId, count, high, from, to }: {
    firstId: number;
    count: number;
    high: number;
    from: number;
    to: number;
  },
): Bid[] {
  const bids: Bid[] = [];
  for (let i = 0; i < count; i++) {
    const share = (i + 1) / count;
    const amount = i === count - 1
      ? high
      : Math.max(100, Math.floor(high * share * 0.96 / 50) * 50);
    const at = Math.floor(from + (to - from) * share) - 90;
    bids.push({ id: firstId + i * 3, amount, bidder: random.pick(MEMBERS), at, canceled: false });
  }
  if (random.chance(0.15)) {
    // A bid that was struck out is higher than all that count.
    const at = Math.floor(from + (to - from) * 0.8);
    const amount = high + random.int(10, 40) * 500;
    const bidder = random.pick(MEMBERS);
    bids.push({ id: firstId + count * 3 + 1, amount, bidder, at, canceled: true });
  }
  return bids;
}

function drawRemarks(
  random: Random,
  { firstId, count, seller, from, to }: {
    firstId: number;
    count: number;
    seller: string;
    from: number;
    to: number;
  },
): Remark[] {
  return Array.from({ length: count }, (_, i) => {
    const bySeller = i > 0 && random.chance(0.2);
    const text = random.chance(0.06) ? random.pick(PRICE_REMARKS) : random.pick(REMARKS);
    return {
      id: firstId + i * 3 + 2,
      author: bySeller ? seller : random.pick(MEMBERS),
      text: bySeller ? `Thanks, I will look into it. ${text}` : text,
      at: Math.floor(from + ((to - from) * i) / count),
      bySeller,
    };
  });
}

interface AuctionWish {
  /** Unique over all listings: ids and the lot number are made of it. */
  number: number;
  /** About what the car fetches. */
  price: number;
  seller: string;
  /** Midnight UTC, in seconds. */
  today: number;
  /** As many bids and comments as a real auction has. */
  busy: boolean;
  /** How and when (seconds) it ends; drawn when left out. */
  end?: AuctionEnd;
  endsAt?: number;
}

/** The record of an auction that ended, or will, at about 19:00 UTC: the same day all over America. */
export function drawAuction(random: Random, wish: AuctionWish): Auction {
  const end = wish.end ?? drawEnd(random);
  const days = end === "live" ? random.int(2, 6) : -random.int(2, 700);
  const endsAt = wish.endsAt ?? wish.today + days * DAY + 19 * 3600 - random.int(0, 3600);
  const startsAt = endsAt - 7 * DAY;
  const span = { from: startsAt, to: end === "live" ? Math.min(endsAt, wish.today) : endsAt };
  const high = end === "no_sale"
    ? null
    : Math.round(wish.price * (0.7 + random.next() * 0.6) / 50) * 50;
  const firstId = firstIdOf(wish.number);
  const sold = end === "sold" || end === "sold_after";
  const bids = wish.busy ? random.int(14, 38) : random.int(6, 24);
  const remarks = wish.busy ? random.int(28, 78) : random.int(5, 18);
  return {
    end,
    highBid: high,
    salePrice: !sold || high === null ? null : end === "sold_after" ? high + 1500 : high,
    startsAt,
    endsAt,
    bids: high === null ? [] : drawBids(random, { firstId, count: bids, high, ...span }),
    remarks: drawRemarks(random, { firstId, count: remarks, seller: wish.seller, ...span }),
    views: random.int(900, 19_000),
    watchers: random.int(60, 1_900),
    lot: FIRST_LOT + wish.number,
    noReserve: end === "sold" && random.chance(0.3),
    buyer: sold ? random.pick(MEMBERS) : null,
  };
}
