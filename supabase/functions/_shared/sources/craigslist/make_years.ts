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
