/**
 * First and last model year of models whose names others use too: for campers, snowmobiles, kits and motorcycles,
 * or again much later. The makers' own histories; `null` where it is still built.
 */
const YEARS: Readonly<Record<string, readonly [first: number, last: number | null]>> = {
  "Buick Electra": [1959, 1990],
  "Buick Wildcat": [1962, 1970],
  "Chevrolet Nomad": [1955, 1981],
  "Chrysler Crossfire": [2004, 2008],
  "Dodge Avenger": [1995, 2014],
  "Dodge Challenger": [1959, null],
  "Dodge Diplomat": [1977, 1989],
  "Dodge Dynasty": [1988, 1993],
  "Dodge Intrepid": [1993, 2004],
  "Dodge Monaco": [1965, 1993],
  "Ford Freestyle": [2005, 2007],
  "Ford Maverick": [1970, null],
  "Isuzu Rodeo": [1991, 2004],
  "Mercury Cougar": [1967, 2002],
  "Mercury Mountaineer": [1997, 2010],
  "Nissan Titan": [2004, 2024],
  "Oldsmobile Intrigue": [1998, 2002],
  "Oldsmobile Silhouette": [1990, 2004],
  "Oldsmobile Toronado": [1966, 1992],
  "Plymouth Sundance": [1987, 1994],
  "Pontiac Catalina": [1950, 1981],
  "Pontiac Montana": [1997, 2009],
  "Pontiac Solstice": [2006, 2009],
  "Toyota Tundra": [2000, null],
  "Toyota Venza": [2009, null],
  "Volkswagen Golf": [1974, null],
  "Volkswagen Phaeton": [2002, 2016],
};
/** A car is often named by the year before or behind its model year. */
const MARGIN = 1;

/**
 * Whether a model was built in a year; `true` where that is not known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(wasBuiltIn("Volkswagen", "Phaeton", 1981), false);
 * assert.equal(wasBuiltIn("Ford", "Mustang", 1965), true);
 * ```
 */
export function wasBuiltIn(make: string, model: string, year: number | null): boolean {
  const years = YEARS[`${make} ${model}`];
  if (years === undefined || year === null) return true;
  const [first, last] = years;
  return year >= first - MARGIN && (last === null || year <= last + MARGIN);
}
