import { drawAuction } from "./auction.ts";
import { buildListing, type BuildOptions, drawImages, numberOf, slugOf, todayOf } from "./build.ts";
import { HOSTS } from "./hosts.ts";
import type { AuctionEnd, Listing } from "./listing.ts";
import { randomOf } from "./random.ts";
import { NON_VEHICLES } from "./non_vehicles.ts";

/** The host whose auctions are not all of cars, and whose cars come back. */
export const AUCTION_HOST = "bringatrailer.com";
/** The number of the relisting of auction 0; auction n is offered again as this and n. */
const RELISTED_FROM = 50_000;
/** The number of the first auction of no vehicle. */
const NON_VEHICLES_FROM = 90_000;
const DAY = 86_400;

/** Auctions beside those that are counted. */
interface Extras {
  /** The extra with a number, null where none has it. */
  at(index: number): Listing | null;
  all(): Listing[];
}

const profile = HOSTS.find(({ host }) => host === AUCTION_HOST);

/**
 * A car can be offered again when its auction ended long enough ago, in the way that is asked for,
 * and its 17-character VIN says for certain that it is the same car.
 */
function canBeRelisted({ car, auction }: Listing, end: AuctionEnd, today: number): boolean {
  return car.vin?.length === 17 && auction?.end === end && auction.endsAt < today - 120 * DAY;
}

/** When an auction ended so many days ago, in seconds. */
const daysAgo = (options: BuildOptions, days: number): number =>
  todayOf(options) - days * DAY + 18 * 3600;

/**
 * The second auction of a car, under an address of its own, ended in the last weeks: the same VIN
 * and seller, other bids and photographs, another outcome.
 */
function relisting(options: BuildOptions, original: Listing, again: Listing, nth: number): Listing {
  const first = original.auction;
  if (!profile || !first) throw new TypeError(`not an auction: ${original.url}`);
  const { url: relistingOf, seller } = original;
  const auction = drawAuction(randomOf(options.seed, "relisting", original.index), {
    number: numberOf(profile, again.index),
    price: first.highBid ?? 20_000,
    seller,
    today: todayOf(options),
    busy: options.busy ?? false,
    end: first.end === "sold" ? "bid_to" : "sold",
    endsAt: daysAgo(options, 12 + 7 * nth),
  });
  return { ...again, relistingOf, auction };
}

function nonVehicle(options: BuildOptions, i: number): Listing | null {
  const kind = NON_VEHICLES[i % NON_VEHICLES.length];
  if (!profile || !kind) return null;
  const index = NON_VEHICLES_FROM + i;
  const random = randomOf(options.seed, "non-vehicle", i);
  const frame = buildListing(options, profile, index);
  const slug = slugOf(kind.title);
  return {
    ...frame,
    url: `https://${profile.host}${profile.path(slug, index)}`,
    title: kind.title,
    nonVehicle: kind,
    auction: drawAuction(random, {
      number: numberOf(profile, index),
      price: kind.price,
      seller: frame.seller,
      today: todayOf(options),
      busy: false,
      // Among the latest results, and now and then one that runs.
      ...(i % 10 === 5
        ? { end: "live" }
        : { end: "sold", endsAt: daysAgo(options, 2 + 3 * (i % 8)) }),
    }),
    paragraphs: [`On offer here is this ${kind.about}. It is offered without a title.`],
    equipment: [],
    images: drawImages(random, profile, slug, index, [1, 2]),
  };
}

/**
 * `nonVehicles` auctions of no vehicle (the kinds of non_vehicles.ts, over and over) and second auctions
 * of the first `relistings` of `count` auctions that can have one. Nothing is built before it is
 * asked for.
 */
export function createExtras(
  options: BuildOptions,
  { count, nonVehicles, relistings }: { count: number; nonVehicles: number; relistings: number },
): Extras {
  if (count > RELISTED_FROM) throw new RangeError(`more than ${RELISTED_FROM} auctions: ${count}`);
  let again: Map<number, Listing> | null = null;
  const relisted = (): Map<number, Listing> => {
    if (again) return again;
    again = new Map();
    for (let i = 0; profile && i < count && again.size < relistings; i++) {
      const original = buildListing(options, profile, i);
      // In turn one that did not sell, and one that did.
      const end = again.size % 2 === 0 ? "bid_to" : "sold";
      if (!canBeRelisted(original, end, todayOf(options))) continue;
      const index = RELISTED_FROM + i;
      const built = buildListing(options, profile, i, index);
      again.set(index, relisting(options, original, built, again.size));
    }
    return again;
  };
  const at = (index: number): Listing | null => {
    if (index < NON_VEHICLES_FROM) return relisted().get(index) ?? null;
    return index < NON_VEHICLES_FROM + (count > 0 ? nonVehicles : 0)
      ? nonVehicle(options, index - NON_VEHICLES_FROM)
      : null;
  };
  return {
    at: (index) => index < RELISTED_FROM ? null : at(index),
    all: () => [
      ...relisted().values(),
      ...Array.from({ length: count > 0 ? nonVehicles : 0 }, (_, i) => at(NON_VEHICLES_FROM + i))
        .filter((it) => it !== null),
    ],
  };
}
