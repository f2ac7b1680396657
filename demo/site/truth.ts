import type { AuctionOutcome } from "../../supabase/functions/_shared/domain/extraction.ts";
import type { FieldName, FieldValue } from "../../supabase/functions/_shared/domain/fact.ts";
import type { Listing } from "./listing.ts";

type Facts = { [F in FieldName]?: FieldValue<F> };

/** What a page states of its vehicle, in the words of the domain: the database is judged by it. */
export interface Truth {
  url: string;
  facts: Facts;
  /** The heading without the year and the make; `model` may be held with as much of it. */
  modelInTitle: string;
  /** Distinct photographs, by the address of the first of each. */
  images: string[];
  auction: {
    outcome: AuctionOutcome;
    salePrice: number | null;
    highBid: number | null;
    bidCount: number;
    commentCount: number;
    endsAt: string;
  } | null;
  /** Title of what is sold where it is no vehicle: nothing may be held of such a page. */
  nonVehicle?: string;
}

const isoDate = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

const outcomeOf = (
  end: NonNullable<Listing["auction"]>["end"],
): "sold" | "bid_to" | "no_sale" | "withdrawn" | "live" => end === "sold_after" ? "sold" : end;

function offer(listing: Listing): Facts {
  const { auction, askingPrice, currency } = listing;
  if (!auction) {
    return askingPrice === null ? {} : {
      asking_price: askingPrice,
      currency: currency.code,
      sale_status: "for_sale",
    };
  }
  return {
    sale_status: outcomeOf(auction.end),
    ...(auction.highBid === null ? {} : { high_bid: auction.highBid, currency: currency.code }),
    ...(auction.salePrice === null
      ? {}
      : { sale_price: auction.salePrice, sale_date: isoDate(auction.endsAt) }),
  };
}

/** Whether the markup has a place for the driven wheels and the body style of this listing. */
const statesShape = (listing: Listing): boolean =>
  ["json_ld", "microdata", "ksl", "labelled"].includes(listing.markup);

/** The truth of a listing: a pure function, so that it is right by construction. */
export function truthOf(listing: Listing): Truth {
  const { car, auction, url } = listing;
  if (listing.nonVehicle) {
    return {
      url,
      facts: {},
      modelInTitle: "",
      images: [],
      auction: null,
      nonVehicle: listing.title,
    };
  }
  const poster = listing.markup === "poster";
  const facts: Facts = {
    year: car.year,
    make: car.make,
    model: car.model,
    ...(car.vin === null ? {} : { vin: car.vin }),
    ...(car.miles === null ? {} : { mileage: car.miles }),
    ...offer(listing),
    ...(listing.paragraphs.length === 0 ? {} : { description: listing.paragraphs.join("\n\n") }),
    ...(poster ? {} : {
      color: car.paint.name,
      interior_color: car.interior,
      engine: car.engine,
      transmission: car.gearbox,
      seller_name: listing.seller,
      location: listing.town,
      ...(car.statesDrive || statesShape(listing) ? { drivetrain: car.drive } : {}),
      ...(statesShape(listing) ? { body_style: car.body } : {}),
    }),
  };
  const seen = new Set<number>();
  return {
    url,
    facts,
    modelInTitle: listing.title.slice(listing.title.indexOf(car.make) + car.make.length).trim(),
    images: listing.images.filter((image) => !seen.has(image.picture) && seen.add(image.picture))
      .map((image) => image.url),
    auction: auction && {
      outcome: outcomeOf(auction.end),
      salePrice: auction.salePrice,
      highBid: auction.highBid,
      bidCount: auction.bids.filter((bid) => !bid.canceled).length,
      commentCount: auction.remarks.length,
      endsAt: new Date(auction.endsAt * 1000).toISOString(),
    },
  };
}
