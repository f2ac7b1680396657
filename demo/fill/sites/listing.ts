/** A listing of one of the sites: a pure function of site and number, so that its truth is known. */
import { slugOf } from "../../site/build.ts";
import { describe, drawCar } from "../../site/car.ts";
import { MODELS } from "../../site/cars.ts";
import type { Car, Listing } from "../../site/listing.ts";
import { NON_VEHICLES } from "../../site/non_vehicles.ts";
import { type Random, randomOf } from "../../site/random.ts";
import { EQUIPMENT, TOWNS } from "../../site/words.ts";
import { FILL_SITES, type FillSite, MOST_LISTINGS } from "./plan.ts";

/** Models whose cars have a VIN of 17 characters: of other chassis numbers two makers may use one. */
const MODERN = MODELS.filter(({ chassis }) => chassis.length === 17);
/** So many pages of a liar are true: it passes what is looked at first. */
const TRUE_TALES = 12;
/** The first of the five cars of another site that all its other pages show. */
const TOLD_OF = 600;

/** Whether a number of a site offers no vehicle. */
export const isNonVehicle = (site: FillSite, n: number): boolean =>
  site.behaviour === "mixed" && n % 5 < 2;

/** Whether the page of a number shows what is another site's car's. */
export const isLie = (site: FillSite, n: number): boolean =>
  (site.behaviour === "lying" || site.behaviour === "copying_vins") && n >= TRUE_TALES;

interface Drawn {
  car: Car;
  price: number;
  random: Random;
}

function draw(site: FillSite, n: number): Drawn {
  const number = site.index * MOST_LISTINGS + n;
  const random = randomOf("fill", number);
  const model = random.pick(MODERN);
  const drawn = drawCar(random, model, number + 17);
  const car = { ...drawn, miles: drawn.miles ?? random.int(20, 150) * 1000 };
  return { car, price: Math.round(model.price * (0.8 + random.next() * 0.5) / 5) * 5, random };
}

/** The car of a number: its own, another site's, or one that bears the VIN of another site's. */
function drawn(site: FillSite, n: number): Drawn {
  const other = site.copies === null ? undefined : FILL_SITES[site.copies];
  if (other === undefined) return draw(site, n);
  switch (site.behaviour) {
    case "lying":
      return isLie(site, n) ? draw(other, TOLD_OF + n % 5) : draw(site, n);
    case "copying_vins":
      return isLie(site, n) ? withVinOf(draw(other, n), draw(site, n)) : draw(site, n);
    default:
      return draw(other, n);
  }
}

/** Make, model and year fit the VIN: only who knows the car sees that this is another. */
function withVinOf(theirs: Drawn, own: Drawn): Drawn {
  const { paint, interior, miles } = own.car;
  const car = {
    ...theirs.car,
    paint: paint.name === theirs.car.paint.name ? { ...paint, name: "Liar Lilac" } : paint,
    interior,
    miles: (miles ?? 0) + 77_000,
  };
  return { car, price: own.price + 111_115, random: own.random };
}

/** Where a listing stands: the address pattern differs from site to site. */
function pathOf(site: FillSite, slug: string, n: number): string {
  switch (site.index % 5) {
    case 0:
      return `/inventory/${slug}-${n}`;
    case 1:
      return `/cars/${n}/${slug}.html`;
    case 2:
      return `/vehicle/${slug}/${n}`;
    case 3:
      return `/used/${slug}-${n}/`;
    default:
      return `/stock/${100_000 + n}-${slug}`;
  }
}

/** The number that an address names; null where it is no listing's. */
export function numberIn(site: FillSite, path: string): number | null {
  const match = [
    /^\/inventory\/.*-(\d+)$/,
    /^\/cars\/(\d+)\/[^/]+\.html$/,
    /^\/vehicle\/[^/]+\/(\d+)$/,
    /^\/used\/.*-(\d+)\/?$/,
    /^\/stock\/(\d+)-/,
  ][site.index % 5]?.exec(path);
  if (!match) return null;
  const n = Number(match[1]) - (site.index % 5 === 4 ? 100_000 : 0);
  return n >= 0 && n < MOST_LISTINGS ? n : null;
}

/** How a site writes its pages in a slot. */
const markupOf = (site: FillSite, slot: number): Listing["markup"] =>
  site.behaviour === "changing" && slot >= 6 ? "labelled" : site.markup;

/** Listing `n` of a site, as it stands there in a slot. */
export function listingOf(site: FillSite, n: number, slot = 0): Listing {
  const { car, price, random } = drawn(site, n);
  const item = isNonVehicle(site, n) ? NON_VEHICLES[n % NON_VEHICLES.length] : undefined;
  const title = item?.title ?? `${car.year} ${car.make} ${car.model}`;
  const slug = slugOf(title);
  const seller = site.host.split(".")[0]?.replaceAll("-", " ") ?? site.host;
  return {
    url: `https://${site.host}${pathOf(site, slug, n)}`,
    host: site.host,
    index: n,
    revision: 1,
    markup: markupOf(site, slot),
    car,
    title,
    seller,
    sellerKind: "Dealer",
    town: random.pick(TOWNS),
    currency: { code: "USD", sign: "$" },
    auction: null,
    askingPrice: item === undefined ? price : item.price,
    paragraphs: item === undefined
      ? describe(car, seller, true)
      : [`On offer here is this ${item.about}. It is sold without a title.`],
    equipment: EQUIPMENT.filter(() => random.chance(0.3)),
    images: [1, 2].map((picture) => ({
      url: `https://${site.host}/photos/${n}-${picture}.jpg`,
      picture,
      width: 640,
      height: 427,
    })),
    ...(item === undefined ? {} : { nonVehicle: item }),
  };
}
