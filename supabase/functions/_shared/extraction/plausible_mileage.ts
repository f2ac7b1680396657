import type { Fact, Facts } from "../domain/fact.ts";
import { type Distance, distancesIn, kilometersOf, milesOf } from "../vehicle/mileage.ts";
import { CONFIDENCE, DOUBT } from "./confidence.ts";
import { held } from "./plausible_price.ts";

const MOST_MILES_A_YEAR = 100_000;
/** A car of this age with fewer miles than that is rare, and its page says so. */
const OLD = 3;
const FEW = 1_000;
/** The markup names a unit itself. */
const UNIT_STATED = /"(?:SMI|KMT|KM|MI|miles?|km|kilomet\w+)"|\d\s?(?:km|mi)/i;

/**
 * The mileage against the vehicle's age and against what the page's text says: another unit for the same
 * figure, thousands that were taken for decimals, another figure behind the odometer's label.
 */
export function plausibleMileage(facts: Facts, text: string, year: number): Facts {
  const mileage = facts.mileage as Fact<"mileage"> | undefined;
  if (mileage === undefined) return facts;
  return { ...facts, mileage: checked(mileage, distancesIn(text), text, ageOf(facts, year)) };
}

function ageOf(facts: Facts, year: number): number | null {
  return typeof facts.year?.value === "number" ? year - facts.year.value : null;
}

function checked(
  mileage: Fact<"mileage">,
  distances: readonly Distance[],
  text: string,
  age: number | null,
): Fact<"mileage"> {
  const miles = Number(mileage.value);
  if (age !== null && miles > MOST_MILES_A_YEAR * (Math.max(age, 0) + 2)) {
    return held(mileage, `a vehicle ${age} years old`);
  }
  if (distances.some((one) => isNear(one.miles, miles))) return mileage;
  const other = inOtherUnit(miles, distances);
  if (other !== undefined) {
    return read(
      other.distance,
      other.miles,
      mileage,
      UNIT_STATED.test(mileage.evidence) ? DOUBT.unlikely : 0.75,
    );
  }
  const thousand = distances.find((one) => miles > 0 && isNear(one.miles, miles * 1_000, 500));
  if (miles < FEW && thousand !== undefined) {
    return read(thousand, thousand.miles, mileage, CONFIDENCE.prose.alone);
  }
  const labelled = distances.filter((one) => one.labelled);
  const [first] = labelled;
  if (
    first !== undefined && labelled.every((one) => one.miles === first.miles) &&
    !isNear(first.miles, miles, 0.05 * miles)
  ) {
    return first.miles > 10 * miles
      ? read(first, first.miles, mileage, CONFIDENCE.prose.alone)
      : held(mileage, `text "${first.text}"`);
  }
  const few = miles < FEW && age !== null && age >= OLD;
  return few && !shows(text, miles)
    ? held(
      mileage,
      distances[0] === undefined ? `a vehicle ${age} years old` : `text "${distances[0].text}"`,
    )
    : mileage;
}

/** The same figure with the other unit, and no place with this one. */
function inOtherUnit(
  miles: number,
  distances: readonly Distance[],
): { distance: Distance; miles: number } | undefined {
  for (const distance of distances) {
    if (distance.metric && isNear(distance.figure, miles)) {
      return { distance, miles: milesOf(distance.figure) };
    }
    if (!distance.metric && isNear(distance.figure, kilometersOf(miles), 2)) {
      return { distance, miles: Math.round(distance.figure) };
    }
  }
  return undefined;
}

function read(
  distance: Distance,
  miles: number,
  instead: Fact<"mileage">,
  confidence: number,
): Fact<"mileage"> {
  const evidence = `text "${distance.text}"; but ${instead.evidence}`.slice(0, 600);
  return { value: miles, way: "prose", confidence, evidence };
}

/** Within half a percent, as figures in thousands are rounded, or within this many. */
function isNear(one: number, other: number, most = 1): boolean {
  return Math.abs(one - other) <= Math.max(most, 0.005 * other);
}

function shows(text: string, figure: number): boolean {
  return new RegExp(`(?<![\\d.,])${figure}(?![\\d.,]\\d|\\d)`).test(text);
}
