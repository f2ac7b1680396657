import type { Extraction } from "../../domain/extraction.ts";
import { type PageFrom, pageFrom, type Reading } from "../scrape/read_listing.ts";

/** How an auction stands by its page; prices in units of `currency`. */
type AuctionSeen = Pick<
  NonNullable<Extraction["auction"]>,
  "outcome" | "sale_price" | "high_bid" | "currency" | "bid_count" | "comment_count" | "ends_at"
>;

/** What of a listing was seen, for the caller. */
export interface Seen {
  /** Where the page came from; null when there was none. */
  from: PageFrom;
  auction: AuctionSeen | null;
  /** How many bids and comments stood on the page, and images in its gallery. */
  bids: number;
  comments: number;
  images: number;
}

/** Of a listing that was not read. */
export const NOTHING_SEEN: Seen = { from: null, auction: null, bids: 0, comments: 0, images: 0 };

/** What a reading saw of an auction. */
export function seenOf(reading: Reading): Seen {
  if (reading.kind !== "read") return NOTHING_SEEN;
  const { auction, bids, comments, images } = reading.extraction;
  return {
    from: pageFrom(reading),
    auction: auction && {
      outcome: auction.outcome,
      sale_price: auction.sale_price,
      high_bid: auction.high_bid,
      currency: auction.currency,
      bid_count: auction.bid_count,
      comment_count: auction.comment_count,
      ends_at: auction.ends_at,
    },
    bids: bids.length,
    comments: comments.length,
    images: images.length,
  };
}
