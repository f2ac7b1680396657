import { drawAuction } from "./auction.ts";
import { buildListing, type BuildOptions, drawImages, numberOf, slugOf, todayOf } from "./build.ts";
import { describe } from "./car.ts";
import { type HostProfile, HOSTS } from "./hosts.ts";
import type { AuctionEnd, Listing } from "./listing.ts";
import { randomOf } from "./random.ts";
import { checkDigit } from "./vin.ts";

/** What becomes of the listings of a car that is followed. */
export type Fate = "on_three_sites" | "price_drops_twice" | "vanishes" | "back_as_auction";

/** A car that is followed, with its listings in the order in which they appear. */
export interface FollowedCar {
  fate: Fate;
  listings: Listing[];
}

/** The number of the first listing of a followed car; no index page names any of them. */
const FOLLOWED_FROM = 70_000;

function profileOf(host: string): HostProfile {
  const profile = HOSTS.find((it) => it.host === host);
  if (!profile) throw new RangeError(`no host ${host}`);
  return profile;
}
const DEALER = profileOf("classics.example");
const MARKETPLACE = profileOf("cars.ksl.com");
const AUCTIONS = profileOf("bringatrailer.com");

/** A VIN that proves that two listings are of one car. */
const hasProof = ({ car: { vin, miles } }: Listing): boolean =>
  vin?.length === 17 && checkDigit(vin) === vin[8] && miles !== null;

/** The first listing of the dealer's, from `index`, whose car its VIN proves. */
function ofDealer(options: BuildOptions, index: number): Listing {
  const listing = buildListing(options, DEALER, index);
  return hasProof(listing) ? listing : ofDealer(options, index + 1);
}

/** The same car on another site. */
function elsewhere(options: BuildOptions, { car, title, ...first }: Listing, there: HostProfile) {
  const frame = buildListing(options, there, first.index);
  const slug = slugOf(title);
  const random = randomOf(options.seed, `followed on ${there.host}`, first.index);
  return {
    ...frame,
    url: `https://${there.host}${there.path(slug, first.index)}`,
    car,
    title,
    currency: first.currency,
    askingPrice: first.askingPrice,
    paragraphs: describe(car, frame.seller, frame.sellerKind === "Dealer"),
    images: drawImages(random, there, slug, first.index, [1, 3]),
  };
}

function auctioned(options: BuildOptions, first: Listing, end: AuctionEnd): Listing {
  const listing = elsewhere(options, first, AUCTIONS);
  const today = todayOf(options);
  const auction = drawAuction(randomOf(options.seed, "followed auction", first.index), {
    number: numberOf(AUCTIONS, first.index),
    price: first.askingPrice ?? 20_000,
    seller: listing.seller,
    today,
    busy: false,
    end,
    endsAt: today + (end === "live" ? 3 : -1) * 86_400 + 18 * 3600,
  });
  return { ...listing, askingPrice: null, auction };
}

/** A car for each fate; none on a host of which `counts` says that it offers nothing. */
export function followedCars(
  options: BuildOptions & { counts: Readonly<Record<string, number>> },
): FollowedCar[] {
  if ([DEALER, MARKETPLACE, AUCTIONS].some(({ host }) => !options.counts[host])) return [];
  const dealers = (nth: number) => ofDealer(options, FOLLOWED_FROM + 100 * nth);
  const [first, dropping, vanishing, returning] = [dealers(0), dealers(1), dealers(2), dealers(3)];
  return [
    {
      fate: "on_three_sites",
      listings: [
        first,
        elsewhere(options, first, MARKETPLACE),
        auctioned(options, first, "live"),
      ],
    },
    { fate: "price_drops_twice", listings: [dropping] },
    { fate: "vanishes", listings: [vanishing] },
    { fate: "back_as_auction", listings: [returning, auctioned(options, returning, "sold")] },
  ];
}
