import { nonVehicleIn } from "../../extraction/non_vehicle.ts";
import { type JsonObject, objectOf, textOf } from "../../html/json_region.ts";
import { parseTitle } from "../../vehicle/title.ts";

/** Why an auction's JSON is not that of a vehicle; `null` when it is. */
export function whyNoVehicle(auction: JsonObject): string | null {
  const listing = objectOf(auction.listing);
  if (listing.is_not_car !== true || /^[A-HJ-NPR-Z\d]{17}$/.test(textOf(listing.vin) ?? "")) {
    return null;
  }
  return `an auction of "${textOf(listing.title) ?? "?"}", marked as no car`;
}

/**
 * Why an auction of which a list shows the title is none of a car; `null` when it is or may be. The
 * site sells cars: only a title that names a non-vehicle and no car ("Forza Pinball Machine") is
 * refused, as its own page is.
 */
export function whyNoVehicleListed(title: string): string | null {
  const nonVehicle = nonVehicleIn(title);
  const { year, makeKnown } = parseTitle(title);
  return nonVehicle === null || (year !== null && makeKnown)
    ? null
    : `its title names a thing: "${nonVehicle}"`;
}
