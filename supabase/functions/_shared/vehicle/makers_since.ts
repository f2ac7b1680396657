/**
 * The first model year of makers, where a title or a form often names one that did not exist yet: the maker's
 * own history, of the kind that each publishes of itself. Those not listed may be as old as cars are.
 */
const SINCE: Readonly<Record<string, number>> = {
  ...{
    Ram: 1981,
    Acura: 1986,
    Lexus: 1990,
    Infiniti: 1990,
    Saturn: 1991,
    Scion: 2004,
    Hummer: 1992,
    Tesla: 2008,
  },
  ...{
    Smart: 1998,
    Geo: 1989,
    Genesis: 2016,
    Polestar: 2017,
    Rivian: 2021,
    Lucid: 2021,
    Fisker: 2011,
    Cupra: 2018,
  },
  ...{
    Porsche: 1948,
    Ferrari: 1940,
    Lamborghini: 1963,
    Pagani: 1999,
    Koenigsegg: 2000,
    McLaren: 1964,
    Lotus: 1948,
  },
  ...{
    DeLorean: 1981,
    Shelby: 1962,
    Jeep: 1941,
    "Land Rover": 1948,
    Volkswagen: 1938,
    Saab: 1947,
    Subaru: 1954,
  },
  ...{
    Honda: 1946,
    Toyota: 1935,
    Mazda: 1931,
    Hyundai: 1967,
    Kia: 1962,
    Daewoo: 1972,
    Mini: 1959,
    Trabant: 1957,
  },
  ...{
    Volvo: 1926,
    Chrysler: 1924,
    Plymouth: 1928,
    Pontiac: 1926,
    Mercury: 1938,
    Lincoln: 1917,
    Chevrolet: 1911,
  },
  ...{
    Dodge: 1914,
    Cadillac: 1902,
    Bentley: 1919,
    Jaguar: 1935,
    BMW: 1923,
    Alpine: 1955,
    Seat: 1950,
    Dacia: 1966,
  },
};

/**
 * Whether a maker did not exist yet in a model year.
 *
 * @example
 * ```ts
 * import { tooEarly } from "./makers_since.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(tooEarly("Tesla", 1998), true);
 * assert.equal(tooEarly("Ford", 1905), false);
 * ```
 */
export function tooEarly(make: string, year: number | null): boolean {
  return year !== null && year < (SINCE[make] ?? 0);
}
