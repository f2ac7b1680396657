import { isOn } from "../../extraction/index/address.ts";
import type { IndexSite } from "../../extraction/index/list.ts";
import { nonVehicleIn } from "../../extraction/non_vehicle.ts";
import { parseTitle } from "../../vehicle/title.ts";

const HOSTS = ["carsandbids.com"];

/** Cars & Bids as its lists and its feed are taken. */
export const cabSite: IndexSite = {
  slug: "carsandbids",
  own(url) {
    const path = /^\/auctions\/[\w-]{3,200}(?:\/[^/]{1,200})?\/?$/.exec(url.pathname)?.[0];
    return path === undefined || !isOn(url, HOSTS)
      ? null
      : `https://carsandbids.com${path.replace(/\/$/, "")}`;
  },
  pictures: HOSTS,
  names: parseTitle,
};

/**
 * Why an auction is none of a car; `null` when it is or may be. The site sells cars: only a title
 * that names a thing and no car ("Forza Pinball Machine") is refused, as its own page is.
 */
export function whyNoCarListed(title: string): string | null {
  const thing = nonVehicleIn(title);
  const { year, makeKnown } = parseTitle(title);
  return thing === null || (year !== null && makeKnown)
    ? null
    : `its title names a thing: "${thing}"`;
}
