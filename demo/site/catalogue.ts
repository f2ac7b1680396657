import { drawAuction } from "./auction.ts";
import { describe, drawCar } from "./car.ts";
import { MODELS } from "./cars.ts";
import { type HostProfile, HOSTS } from "./hosts.ts";
import type { Listing, ListingImage } from "./listing.ts";
import { type Random, randomOf } from "./random.ts";
import { EQUIPMENT, MEMBERS, TOWNS } from "./words.ts";

/** All listings of the outside world, made on request: none is held in memory. */
export interface Catalogue {
  /** Hosts and how many listings each offers. */
  counts: Readonly<Record<string, number>>;
  /** The listing of a host by its number, 0 up to the host's count; null beyond. */
  at(host: string, index: number): Listing | null;
  /** The listing at a URL, or whose URL differs only in query, scheme or a last slash. */
  find(url: string): Listing | null;
  all(): Generator<Listing>;
}

export interface CatalogueOptions {
  seed: string;
  counts: Readonly<Record<string, number>>;
  /** Milliseconds; its day is the one from which auctions are dated. */
  now: number;
  /** As many comments, bids and images as a real auction has. */
  busy?: boolean;
  /** Least and most images of an auction. */
  images?: readonly [number, number];
}

const USD = { code: "USD", sign: "$" };
const OTHER_CURRENCIES = [{ code: "GBP", sign: "£" }, { code: "EUR", sign: "€" }] as const;

const slugOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

function drawImages(
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

function build(options: CatalogueOptions, profile: HostProfile, index: number): Listing {
  const random = randomOf(options.seed, profile.host, index);
  const today = Math.floor(options.now / 86_400_000) * 86_400;
  const number = index * HOSTS.length + HOSTS.indexOf(profile);
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
    url: `https://${profile.host}${profile.path(slug, index)}`,
    host: profile.host,
    index,
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
        today,
        busy: options.busy ?? false,
      })
      : null,
    askingPrice: isAuction ? null : Math.round(model.price * (0.8 + random.next() * 0.5) / 5) * 5,
    paragraphs: poster ? [] : describe(car, seller, dealer),
    equipment: EQUIPMENT.filter(() => random.chance(0.3)),
    images: poster
      ? drawImages(random, profile, slug, index, [1, 1]).slice(0, 1)
      : drawImages(random, profile, slug, index, range),
  };
}

/** A catalogue of `counts` listings a host (hosts of hosts.ts). The same options give the same listings. */
export function createCatalogue(options: CatalogueOptions): Catalogue {
  const profiles = new Map(HOSTS.map((profile) => [profile.host, profile]));
  const at = (host: string, index: number): Listing | null => {
    const profile = profiles.get(host);
    if (!profile || !(index >= 0 && index < (options.counts[host] ?? 0))) return null;
    return build(options, profile, index);
  };
  return {
    counts: options.counts,
    at,
    find(url) {
      const parsed = URL.canParse(url) ? new URL(url) : null;
      const number = parsed?.pathname.match(/[-/](\d+)(?:\.html)?\/?$/)?.[1];
      if (!parsed || number === undefined) return null;
      const host = parsed.host.replace(/^www\./, "");
      const listing = at(host, Number(number) - (profiles.get(host)?.firstNumber ?? 0));
      const path = (text: string) => new URL(text).pathname.replace(/\/$/, "");
      return listing && path(listing.url) === path(url) ? listing : null;
    },
    *all() {
      for (const [host, count] of Object.entries(options.counts)) {
        for (let index = 0; index < count; index++) {
          const listing = at(host, index);
          if (listing) yield listing;
        }
      }
    },
  };
}
