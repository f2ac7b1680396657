/** The vehicles of the redesign, and what is held of them when it comes. */
import { drawCar } from "../site/car.ts";
import { MODELS } from "../site/cars.ts";
import { randomOf } from "../site/random.ts";
import { TOWNS } from "../site/words.ts";
import { OPTIONAL, type RedesignSite, SHOWN, type Shown } from "./sites.ts";

/** So many vehicles stand on each site. */
export const STOCK = 200;
/** Models whose cars have a VIN of 17 characters: of other chassis numbers two makers may use one. */
const MODERN = MODELS.filter(({ chassis }) => chassis.length === 17);
/** Of the facts held, so many are no longer true. */
const STALE = 0.2;
const LACKING = 0.3;
const DRIVES: Readonly<Record<string, string>> = {
  "Rear-Wheel Drive": "RWD",
  "Front-Wheel Drive": "FWD",
  "All-Wheel Drive": "AWD",
  "Four-Wheel Drive": "4WD",
};

/** A vehicle's facts as `vehicles` holds them; null where its page does not state one. */
export type VehicleFacts = Record<Shown, string | number | null>;

/** What the page of a number states, as it is held. */
export function factsOf(site: RedesignSite, n: number): VehicleFacts {
  const number = site.index * STOCK + n;
  const random = randomOf("redesign", number);
  const model = random.pick(MODERN);
  const car = drawCar(random, model, number + 31);
  const all: Record<Shown, string | number> = {
    year: car.year,
    make: car.make,
    model: car.model,
    vin: car.vin ?? "",
    mileage: random.int(800, 189_000),
    color: car.paint.name,
    interior_color: car.interior,
    engine: car.engine,
    transmission: car.gearbox,
    drivetrain: DRIVES[car.drive] ?? car.drive,
    body_style: car.body,
    asking_price: Math.round(model.price * (0.8 + random.next() * 0.5) / 5) * 5,
    location: random.pick(TOWNS),
  };
  return Object.fromEntries(
    SHOWN.map((
      field,
    ) => [field, OPTIONAL.has(field) && random.chance(LACKING) ? null : all[field]]),
  ) as VehicleFacts;
}

/** What is held of the vehicle of a number: a fifth is another vehicle's, or was true before. */
export function heldFacts(site: RedesignSite, n: number): VehicleFacts {
  const random = randomOf("held", site.index, n);
  const [facts, other] = [factsOf(site, n), factsOf(site, random.int(0, STOCK - 1))];
  return Object.fromEntries(
    SHOWN.map((field) => {
      const stale = facts[field] !== null && random.chance(STALE);
      return [field, stale ? other[field] ?? facts[field] : facts[field]];
    }),
  ) as VehicleFacts;
}

/** The words of the page for a drivetrain as it is held. */
export function driveInWords(held: string): string {
  return Object.entries(DRIVES).find(([, short]) => short === held)?.[0] ?? held;
}
