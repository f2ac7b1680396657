/** What one listing offers. Everything a page says is rendered from this and nothing else. */

/** How the host writes its pages: one module in `markup/` each. */
export type Markup = "bringatrailer" | "json_ld" | "microdata" | "ksl" | "poster" | "labelled";

/** `sold_after`: the reserve was not met and buyer and seller agreed afterwards. */
export type AuctionEnd = "sold" | "bid_to" | "sold_after" | "no_sale" | "withdrawn" | "live";

/** Something that is sold beside cars and is none; the car of its listing is not shown. */
export interface NonVehicle {
  /** What the site files it under: "Parts & Automobilia". */
  group: string;
  details: readonly string[];
}

export interface Car {
  year: number;
  make: string;
  model: string;
  group: string;
  origin: string;
  body: string;
  /** VIN or chassis number; null when the page states none. */
  vin: string | null;
  miles: number | null;
  /** The mileage as the page words it: "36k Miles", "45k Kilometers (~28k Miles)". */
  mileageText: string | null;
  paint: { name: string; rgb: readonly [number, number, number] };
  repainted: boolean;
  interior: string;
  engine: string;
  gearbox: string;
  drive: string;
  /** Whether the page names the driven wheels. */
  statesDrive: boolean;
}

/** A bid; times are seconds since 1970, as the pages write them. */
export interface Bid {
  id: number;
  amount: number;
  bidder: string;
  at: number;
  canceled: boolean;
}

export interface Remark {
  id: number;
  author: string;
  text: string;
  at: number;
  bySeller: boolean;
}

export interface Auction {
  end: AuctionEnd;
  highBid: number | null;
  salePrice: number | null;
  startsAt: number;
  endsAt: number;
  bids: Bid[];
  remarks: Remark[];
  views: number;
  watchers: number;
  lot: number;
  noReserve: boolean;
  buyer: string | null;
}

/** One image of the gallery. Equal `picture` numbers are served as equal bytes. */
export interface ListingImage {
  url: string;
  picture: number;
  width: number;
  height: number;
}

export interface Listing {
  /** The real site's address. */
  url: string;
  host: string;
  index: number;
  /** Goes up when the page changes; part of the page's ETag. */
  revision: number;
  markup: Markup;
  car: Car;
  /** The heading of the page. */
  title: string;
  seller: string;
  sellerKind: "Private Party" | "Dealer";
  town: string;
  currency: { code: string; sign: string };
  auction: Auction | null;
  askingPrice: number | null;
  paragraphs: string[];
  equipment: string[];
  images: ListingImage[];
  /** Set where no vehicle is sold. */
  nonVehicle?: NonVehicle;
  /** The address of the auction of the same car before this one. */
  relistingOf?: string;
}
