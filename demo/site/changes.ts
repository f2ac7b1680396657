import { extraEntryId } from "./auction.ts";
import type { Auction, Listing } from "./listing.ts";

/** Ways in which a page can say something else than the catalogue; the truth changes with it. */
const CHANGES = [
  "without_vin",
  "without_description",
  "without_images",
  /** Neither VIN nor mileage: no reading of the page makes the vehicle complete. */
  "bare",
  /** The auction ended unsold, and comments say that it "sold for $99,000". */
  "comment_names_price",
  /** The same, and the highest bid was $89,500. */
  "bid_to_89500",
  /** A bid was struck out that was higher than all others. */
  "canceled_bid",
  "ended_sold",
  "still_live",
  /** The seller took the car out of the auction. */
  "withdrawn",
  /** The same address offers another car. */
  "other_car",
  /** The seller asks 5 % less; then 12 % less than at first. */
  "price_reduced",
  "price_reduced_again",
] as const;
export type PageChange = (typeof CHANGES)[number];

const unsold = (auction: Auction): Auction => ({
  ...auction,
  end: "bid_to",
  highBid: auction.highBid ?? 21_500,
  salePrice: null,
  noReserve: false,
  buyer: null,
});

function withPriceInComments(auction: Auction): Auction {
  const at = auction.endsAt + 3600;
  const remark = (n: number, author: string, text: string) => ({
    id: extraEntryId(auction, 480 + n),
    author,
    text,
    at: at + n * 60,
    bySeller: false,
  });
  return {
    ...unsold(auction),
    remarks: [
      ...auction.remarks,
      remark(1, "gasket_case", "Sold for $99,000 after the auction, I hear. Congratulations!"),
      remark(2, "PaperTag", "Sold for USD $99,000? I would have paid $101,000."),
    ],
  };
}

/** All bids raised or lowered in proportion, so that the highest is this one. */
function withHighBid(auction: Auction, highBid: number): Auction {
  const factor = highBid / (auction.highBid ?? highBid);
  const bids = auction.bids.map((bid) => ({ ...bid, amount: Math.round(bid.amount * factor) }));
  return { ...auction, highBid, bids };
}

function withCanceledBid(auction: Auction): Auction {
  const amount = (auction.highBid ?? 10_000) + 25_000;
  const id = extraEntryId(auction, 478);
  const at = auction.endsAt - 4000;
  const bids = auction.bids.filter((bid) => !bid.canceled);
  return {
    ...auction,
    bids: [...bids, { id, amount, bidder: "LateApexLena", at, canceled: true }],
  };
}

/** The auction was sold at its last bid, four hours before midnight when it had still some days to go. */
function sold(auction: Auction): Auction {
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400;
  const endsAt = Math.min(auction.endsAt, midnight - 4 * 3600);
  const highBid = auction.highBid ?? 21_500;
  return {
    ...auction,
    end: "sold",
    endsAt,
    bids: auction.bids.map((bid) => ({ ...bid, at: Math.min(bid.at, endsAt - 90) })),
    highBid,
    salePrice: highBid,
    buyer: "Camber_Gain",
  };
}

/** Taken out before it ended: whatever was bid buys nothing. */
function withdrawn(auction: Auction): Auction {
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400;
  const endsAt = Math.min(auction.endsAt, midnight - 4 * 3600);
  const bids = auction.bids.filter((bid) => !bid.canceled)
    .map((bid) => ({ ...bid, at: Math.min(bid.at, endsAt - 90) }));
  return { ...auction, end: "withdrawn", endsAt, bids, salePrice: null, buyer: null };
}

const reduced = (listing: Listing, share: number): Listing => ({
  ...listing,
  askingPrice: listing.askingPrice && Math.round(listing.askingPrice * (1 - share) / 5) * 5,
});

const onAuction = (listing: Listing, change: (auction: Auction) => Auction): Listing =>
  listing.auction ? { ...listing, auction: change(listing.auction) } : listing;

/** The listing with the change; `other` is the car that "other_car" puts in its place. */
export function changed(listing: Listing, change: PageChange, other: Listing | null): Listing {
  // Each change is a revision of its own: what was kept of another one is not "not modified".
  const next: Listing = { ...listing, revision: listing.revision + 1 + CHANGES.indexOf(change) };
  switch (change) {
    case "without_vin":
      return { ...next, car: { ...next.car, vin: null } };
    case "without_description":
      return { ...next, paragraphs: [] };
    case "without_images":
      return { ...next, images: [] };
    case "bare": {
      const car = { ...next.car, vin: null, miles: null, mileageText: null };
      return { ...next, car };
    }
    case "comment_names_price":
      return onAuction(next, withPriceInComments);
    case "bid_to_89500":
      return onAuction(next, (auction) => withPriceInComments(withHighBid(auction, 89_500)));
    case "canceled_bid":
      return onAuction(next, withCanceledBid);
    case "ended_sold":
      return onAuction(next, sold);
    case "still_live":
      return onAuction(next, (auction) => {
        const endsAt = Math.floor(Date.now() / 86_400_000 + 3) * 86_400;
        return { ...unsold(auction), end: "live", endsAt, startsAt: endsAt - 7 * 86_400 };
      });
    case "withdrawn":
      return onAuction(next, withdrawn);
    case "other_car":
      return other ? { ...other, url: listing.url, revision: next.revision } : next;
    case "price_reduced":
      return reduced(next, 0.05);
    case "price_reduced_again":
      return reduced(next, 0.12);
  }
}
