import type { AuctionComment, AuctionOutcome, Bid } from "../../domain/extraction.ts";

/**
 * What Cars & Bids states of one auction, whichever form it came in: the rendered page or the JSON
 * that the page is rendered from. Texts are as the site writes them; `null` is not stated.
 */
export interface CabAuction {
  /** For evidence: "quick facts" or "JSON". */
  form: string;
  title: string;
  subtitle: string;
  year: number | null;
  make: string | null;
  /** The site's own group, often with the generation: "991 911", "S2000". */
  model: string | null;
  /** A number of miles, or words: "32,400", "30,300 Miles Shown - TMU". */
  mileage: string | number | null;
  vin: string | null;
  engine: string | null;
  drivetrain: string | null;
  transmission: string | null;
  bodyStyle: string | null;
  color: string | null;
  interiorColor: string | null;
  location: string | null;
  seller: string | null;
  buyer: string | null;
  description: string;
  result: Result;
  bidCount: number | null;
  commentCount: number | null;
  viewCount: number | null;
  watcherCount: number | null;
  noReserve: boolean | null;
  /** ISO 8601 in UTC. */
  endsAt: string | null;
  /** The day the auction ended, `YYYY-MM-DD`. */
  endDate: string | null;
  images: string[];
  bids: Bid[];
  comments: AuctionComment[];
}

/** How the auction stands. A sum is a sale price only where the site says that it sold. */
export interface Result {
  outcome: AuctionOutcome;
  /** What it sold for, in dollars. */
  price: number | null;
  /** The highest bid, in dollars. */
  bid: number | null;
  /** Sold after the auction, when the reserve had not been met. */
  after: boolean;
  evidence: string;
  /** The place that names the highest bid, where the outcome's own does not. */
  bidEvidence: string | null;
  /** Two places of the page say the same. */
  confirmed: boolean;
}

export const NO_RESULT: Result = {
  outcome: "unknown",
  price: null,
  bid: null,
  after: false,
  evidence: "",
  bidEvidence: null,
  confirmed: false,
};

const PHOTO =
  /^https?:\/\/media\.carsandbids\.com\/(?:cdn-cgi\/image\/[^/]{1,100}\/)?([\da-f]{40}\/photos\/.+)$/i;

/** A photo's address in the largest size that the site's own pages ask for. */
export function largestPhoto(url: string): string {
  const photo = PHOTO.exec(url)?.[1];
  return photo === undefined
    ? url
    : `https://media.carsandbids.com/cdn-cgi/image/width=2080,quality=70/${photo}`;
}
