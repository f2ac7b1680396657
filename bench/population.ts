/**
 * A made population of cars and of the listings that offer them, with the truth that the database is not told: which
 * listing is which car. Left out is what nobody could tell: a VIN that was copied to another car of the same make and
 * year (but where both stand in two auctions at once), or typed over so that it is another such car's.
 */
import { type Car, makeCars } from "./population_cars.ts";
import { type Chance, chanceOf } from "./population_chance.ts";
import { equalLetter, hasCheckDigit } from "./population_vins.ts";

/** One listing: what its page states, and what only the generator knows. */
export interface Listing {
  url: string;
  /** Which car it is. */
  car: number;
  /** Days since the population began. */
  day: number;
  /** The day on which it is gone. */
  gone: number;
  vin: string | null;
  vinConfidence: number;
  year: number;
  make: string;
  model: string;
  trim: string;
  color: string | null;
  mileage: number | null;
  seller: string | null;
  price: number;
  isAuction: boolean;
}

export interface Population {
  cars: Car[];
  /** In the order in which they are found. */
  listings: Listing[];
}

const MARKETS = 5;
const AUCTION_SITES = 3;
/** The days over which they are found. */
export const DAYS = 300;

export function makePopulation(cars: number, listings: number, seed: number): Population {
  const chance = chanceOf(seed);
  const made = makeCars(cars, chance);
  const vins = new Set(made.map(({ vin }) => vin));
  const all = listingCounts(made, listings, chance).flatMap((count, index) => {
    const car = made[index];
    return car === undefined ? [] : listingsOf(car, count, vins, chance);
  });
  return { cars: made, listings: all.toSorted((a, b) => a.day - b.day) };
}

/** How many listings each car has, 1 to 5, so many in all. */
function listingCounts(cars: readonly Car[], listings: number, chance: Chance): number[] {
  const counts = cars.map(({ mostListings }) =>
    Math.min(mostListings, chance.weighted([38, 30, 20, 8, 4]) + 1)
  );
  let missing = listings - counts.reduce((sum, it) => sum + it, 0);
  while (missing !== 0) {
    const index = chance.integer(0, counts.length - 1);
    const next = (counts[index] ?? 0) + Math.sign(missing);
    if (next < 1 || next > (cars[index]?.mostListings ?? 0)) continue;
    counts[index] = next;
    missing -= Math.sign(missing);
  }
  return counts;
}

function listingsOf(car: Car, count: number, vins: Set<string | null>, chance: Chance): Listing[] {
  const made: Listing[] = [];
  let day = car.day;
  let seller = car.seller;
  let since = 0;
  for (let n = 0; n < count; n++) {
    if (n > 0 && chance.happens(0.4)) { // sold, and offered again by the next owner
      const last = Math.max(...made.map(({ gone }) => gone));
      day = last + chance.integer(14, 60);
      since += day - (made[0]?.day ?? 0);
      if (car.kind !== "template") seller = chance.happens(0.5) ? seller : chance.name();
    } else if (n > 0) {
      day += chance.integer(0, 9);
    }
    const isAuction = car.isAuctioned === true && n === 0 ||
      n > 0 && car.kind !== "template" && chance.happens(0.15);
    // Auctions of one car are one after the other.
    if (isAuction) {
      day = Math.max(
        day,
        ...made.filter((it) => it.isAuction).map((it) => it.gone + 15),
      );
    }
    made.push(
      listing(
        car,
        n,
        { day, seller, isAuction, mileage: car.mileage + 25 * since },
        made,
        vins,
        chance,
      ),
    );
  }
  return made;
}

interface Offer {
  day: number;
  seller: string;
  isAuction: boolean;
  mileage: number;
}

function listing(
  car: Car,
  n: number,
  offer: Offer,
  earlier: readonly Listing[],
  vins: Set<string | null>,
  chance: Chance,
): Listing {
  const first = earlier[0];
  // The dealer's own site, and what stands there twice at once: both say the same.
  const again = n > 0 && first !== undefined && !first.isAuction && first.gone > offer.day &&
      offer.seller === first.seller && chance.happens(0.03) && first.mileage !== null
    ? first
    : undefined;
  const host = again !== undefined
    ? new URL(again.url).host
    : offer.isAuction
    ? `auction-${chance.integer(1, AUCTION_SITES)}.example`
    : n === 0 && car.ownSite !== null
    ? car.ownSite
    : otherMarket(earlier, chance);
  const { day } = offer;
  const stated = again ?? {
    ...statedFacts(car, offer, chance),
    seller: host.startsWith("market") && chance.happens(0.2) ? null : offer.seller,
  };
  return {
    ...stated,
    ...statedVin(car, vins, chance),
    url: `https://${host}/${car.number}-${n}`,
    car: car.number,
    day,
    gone: offer.isAuction ? day : day + chance.integer(20, 60),
    price: Math.round(car.price * (0.9 + chance.next() * 0.2) / 100) * 100,
    isAuction: offer.isAuction,
  };
}

/** Not one on which the car stands already: only a dealer lists it twice, above. */
function otherMarket(earlier: readonly Listing[], chance: Chance): string {
  const taken = new Set(earlier.map(({ url }) => new URL(url).host));
  const free = Array.from({ length: MARKETS }, (_, i) => `market-${i + 1}.example`).filter((it) =>
    !taken.has(it)
  );
  return chance.of(free.length > 0 ? free : ["market-0.example"]);
}

function statedFacts(car: Car, { mileage }: Offer, chance: Chance) {
  const makes: Record<string, string> = { "Mercedes-Benz": "Mercedes", Chevrolet: "Chevy" };
  return {
    year: car.year + (chance.happens(0.02) ? chance.of([-1, 1]) : 0),
    make: chance.happens(0.03) ? makes[car.make] ?? car.make.toUpperCase() : car.make,
    model: chance.happens(0.01) ? `${chance.integer(100, 999)}i` : car.model,
    trim: car.trim,
    color: chance.happens(0.1)
      ? null
      : chance.happens(0.01)
      ? chance.of(["Charcoal", "Rot", "Pearl"])
      : chance.happens(0.3)
      ? car.color.split(" ").at(-1) ?? car.color
      : car.color,
    mileage: car.hasNoMileage || chance.happens(0.08)
      ? null
      : chance.happens(0.005)
      ? mileage * 10
      : mileage,
  };
}

/** The VIN as a page states it: sometimes one character is another. */
function statedVin(car: Car, vins: Set<string | null>, chance: Chance) {
  const vinConfidence = chance.of(
    car.kind === "european" ? [0.95, 0.95, 0.8] : [0.95, 0.95, 0.95, 0.95, 0.8, 0.6],
  );
  const { vin } = car;
  if (vin === null || car.kind === "template" || !chance.happens(0.02)) {
    return { vin, vinConfidence };
  }
  const place = chance.integer(0, vin.length - 1);
  const letter = chance.happens(0.2) && equalLetter(vin[place] ?? "") ||
    chance.of([..."0123456789ABCDEFGHJKLMN"]);
  const typed = vin.slice(0, place) + letter + vin.slice(place + 1);
  return { vin: vins.has(typed) ? vin : typed, vinConfidence };
}

/** By car: the groups of its listings that the rule proves to be one, each of two or more. */
export function provable({ cars, listings }: Population): Listing[][] {
  const groups = Map.groupBy(
    listings.filter((it) =>
      it.vin?.length === 17 && !cars[it.car]?.cannotBeTold &&
      (hasCheckDigit(it.vin) || it.vinConfidence >= 0.9)
    ),
    (it) => [it.car, it.vin, it.year, it.make.toLowerCase()].join(),
  );
  return [...groups.values()].filter((group) => group.length > 1);
}
