import { drawAuction } from "./auction.ts";
import { describe, drawCar } from "./car.ts";
import { MODELS } from "./cars.ts";
import { type HostProfile, HOSTS } from "./hosts.ts";
import type { Listing, ListingImage } from "./listing.ts";
import { type Random, randomOf } from "./random.ts";
import { EQUIPMENT, MEMBERS, TOWNS } from "./words.ts";

/** What listings are drawn from. */
export interface BuildOptions {
  seed: string;
  /** Milliseconds; its day is the one from which auctions are dated. */
  now: number;
  /** As many comments, bids and images as a real auction has. */
  busy?: boolean;
  /** Least and most images of an auction. */
  images?: readonly [number, number];
}

const USD = { code: "USD", sign: "$" };
const OTHER_CURRENCIES = [{ code: "GBP", sign: "£" }, { code: "EUR", sign: "€" }] as const;

/** A title as it stands in an address. */
export const slugOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** Midnight UTC of the day from which auctions are dated, in seconds. */
export const todayOf = ({ now }: BuildOptions): number => Math.floor(now / 86_400_000) * 86_400;

/** Unique over all listings of all hosts: ids, lot and chassis numbers are made of it. */
export const numberOf = (profile: HostProfile, index: number): number =>
  index * HOSTS.length + HOSTS.indexOf(profile);

/** The gallery of a listing: as many pictures as `range` says, some with one of them twice. */
export function drawImages(
  random: Random,
  profile: HostProfile,
  slug: string,
  index: number,
  [least, most]: readonly [number, number],
): ListingImage[] {
  const count = random.int(least, most);
  const image = (picture: number, again: boolean): ListingImage => ({
    url: profile.imageUrl(slug, index, picture, again),
    picture,
    width: 320,
    height: 216,
  });
  const images = Array.from({ length: count }, (_, i) => image(i + 1, false));
  // The same photograph a second time under another name: stored once.
  return random.chance(0.15) ? [...images, image(1, true)] : images;
}

/**
 * Listing `index` of a host. `as` puts another number into its addresses, for the same car under
 * another one.
 */
export function buildListing(
  options: BuildOptions,
  profile: HostProfile,
  index: number,
  as = index,
): Listing {
  const random = randomOf(options.seed, profile.host, index);
  const number = numberOf(profile, index);
  const model = random.pick(MODELS);
  const drawn = drawCar(random, model, number + 17);
  const poster = profile.markup === "poster"; // pages that say little, see markup/poster.ts
  const car = poster ? { ...drawn, vin: null, miles: null, mileageText: null } : drawn;
  const isAuction = profile.markup === "bringatrailer";
  // Every second classified is an owner's, who gives a first name and no more.
  const owner = profile.markup === "ksl" && index % 2 === 1;
  const member = random.pick(MEMBERS);
  const seller = isAuction || owner ? member : `${member} Motors`;
  const dealer = !owner && (!isAuction || random.chance(0.3));
  const slug = slugOf(`${car.year} ${car.make} ${car.model}`);
  const few = isAuction && car.miles !== null && car.miles < 20_000 && car.miles >= 1000;
  const range = (isAuction ? options.images : undefined) ??
    (isAuction && options.busy ? [60, 120] : [1, 3]);
  const lead = few && random.chance(0.5) ? `${(car.miles ?? 0) / 1000}k-Mile ` : "";
  return {
    url: `https://${profile.host}${profile.path(slug, as)}`,
    host: profile.host,
    index: as,
    revision: 1,
    markup: profile.markup,
    car,
    title: `${lead}${car.year} ${car.make} ${car.model}`,
    seller,
    sellerKind: dealer ? "Dealer" : "Private Party",
    town: random.pick(TOWNS),
    currency: isAuction && random.chance(0.05) ? random.pick(OTHER_CURRENCIES) : USD,
    auction: isAuction
      ? drawAuction(random, {
        number,
        price: model.price,
        seller,
        today: todayOf(options),
        busy: options.busy ?? false,
      })
      : null,
    askingPrice: isAuction ? null : Math.round(model.price * (0.8 + random.next() * 0.5) / 5) * 5,
    paragraphs: poster ? [] : describe(car, seller, dealer),
    equipment: EQUIPMENT.filter(() => random.chance(0.3)),
    images: poster
      ? drawImages(random, profile, slug, as, [1, 1]).slice(0, 1)
      : drawImages(random, profile, slug, as, range),
  };
}
