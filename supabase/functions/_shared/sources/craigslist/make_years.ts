import type { NamedVehicle } from "./seller_title.ts";

/** Ram became a maker of its own with the model year 2011 (Chrysler Group, 2009); before, Dodge built it. */
const RAM_SINCE = 2010;
/** International Harvester's trucks have been Navistar's "International" since 1986. */
const NAVISTAR_SINCE = 1986;
const RAM_FIRST = 1981;

/** The maker's name that belongs to a model year: a Ram of 2006 is a Dodge Ram. */
export function makeOfYear({ make, model }: NamedVehicle, year: number | null): string {
  if (make === "International Harvester" && year !== null && year >= NAVISTAR_SINCE) {
    return "International";
  }
  const dodge = make === "Ram" && year !== null && year < RAM_SINCE && year >= RAM_FIRST;
  return dodge && model !== null ? "Dodge" : make ?? "";
}

/** First model years of makers whose names sellers also use for older cars. */
const FIRST_YEARS: Readonly<Record<string, number>> = {
  Ram: RAM_FIRST,
  Acura: 1986,
  Lexus: 1990,
  Infiniti: 1990,
  Saturn: 1991,
  Scion: 2004,
  Hummer: 1992,
  Tesla: 2008,
  Smart: 2002,
  Geo: 1989,
  Genesis: 2017,
};

/** Whether a maker did not exist yet in a model year. */
export function tooEarly(make: string, year: number | null): boolean {
  return year !== null && year < (FIRST_YEARS[make] ?? 0);
}
