import { z } from "zod";
import { confidence, evidence, type Facts, facts, FIELD_NAMES } from "./fact.ts";

/** The page shows that a value held elsewhere cannot be right (a sale price of an unsold auction). */
const retraction = z.object({ confidence, evidence });
export type Retraction = z.infer<typeof retraction>;

const auctionOutcome = z.enum(["sold", "bid_to", "no_sale", "withdrawn", "live", "unknown"]);
export type AuctionOutcome = z.infer<typeof auctionOutcome>;

/** The record of one auction. Prices in units of `currency`; times ISO 8601 in UTC. */
const auction = z.object({
  outcome: auctionOutcome,
  sale_price: z.number().nullable(),
  high_bid: z.number().nullable(),
  currency: z.string().nullable(),
  bid_count: z.int().nullable(),
  comment_count: z.int().nullable(),
  view_count: z.int().nullable(),
  watcher_count: z.int().nullable(),
  reserve_met: z.boolean().nullable(),
  no_reserve: z.boolean().nullable(),
  lot_number: z.string().nullable(),
  starts_at: z.iso.datetime({ offset: true }).nullable(),
  ends_at: z.iso.datetime({ offset: true }).nullable(),
  seller: z.string().nullable(),
  buyer: z.string().nullable(),
});
export type Auction = z.infer<typeof auction>;

/** A bid as the source records it; `source_id` is the source's own id, never a position. */
const bid = z.object({
  source_id: z.string().min(1),
  amount: z.number().nonnegative(),
  currency: z.string().nullable(),
  bidder: z.string().nullable(),
  placed_at: z.iso.datetime({ offset: true }).nullable(),
});
export type Bid = z.infer<typeof bid>;

const comment = z.object({
  source_id: z.string().min(1),
  author: z.string().nullable(),
  body: z.string(),
  posted_at: z.iso.datetime({ offset: true }).nullable(),
  is_seller: z.boolean().nullable(),
});
export type AuctionComment = z.infer<typeof comment>;

const extractionOutcome = z.enum(["listing", "blocked", "not_a_listing", "unreadable"]);
export type ExtractionOutcome = z.infer<typeof extractionOutcome>;

/**
 * All that was read from one page: a pure function of the page. When `outcome` is not `listing`
 * there are no facts, images, bids or comments, and `reason` says why.
 */
export const extraction = z.object({
  outcome: extractionOutcome,
  /** Why the outcome is what it is, for a person: "Cloudflare challenge (title 'Just a moment…')". */
  reason: z.string(),
  /** Slug of the source, as in `scrape_sources.slug`. */
  source: z.string(),
  scraper: z.object({ name: z.string(), version: z.string() }),
  facts,
  /** Fields that the page shows to be wrong if held. */
  retractions: z.partialRecord(z.enum(FIELD_NAMES), retraction),
  /** Fields for which the page has a place and that place is empty. */
  absent: z.array(z.enum(FIELD_NAMES)),
  /** Gallery images in the page's order, largest size, canonical, without duplicates. */
  images: z.array(z.string()),
  auction: auction.nullable(),
  bids: z.array(bid),
  comments: z.array(comment),
});
export type Extraction = Omit<z.infer<typeof extraction>, "facts"> & { facts: Facts };
