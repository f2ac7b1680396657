import type { Price } from "../../extraction/index/list.ts";
import { moneyIn } from "../../vehicle/money.ts";
import { otherCategory } from "./category.ts";
import { whyNoVehicle } from "./non_vehicle.ts";
import { readSellerTitle } from "./seller_title.ts";

/** Categories whose every post should be a vehicle: cars and trucks, motorcycles. */
const OF_VEHICLES = new Set(["cta", "cto", "ctd", "mca", "mcy", "mcd", "mco"]);

/** The category that a search page is of: the "cta" of `/search/cta` and `/search/gsp/cta`. */
export function searchedCategory(url: string): string | null {
  return /\/search\/(?:(?:[a-z]{3}|area\/[a-z]+)\/)?([a-z]{3})(?=$|[/?#])/.exec(url)?.[1] ?? null;
}

/**
 * Why a post offers no vehicle, by its category, its title and what else the index says of it;
 * `null` when it does or may. A title in a category of vehicles may name none ("Runs great!"): the
 * form of the post itself does. Elsewhere a title must name one.
 */
export function whyNoVehicleListed(
  title: string,
  url: string,
  description: string,
  searched: string | null,
): string | null {
  const filed = otherCategory("", url) ??
    (searched === null ? null : otherCategory("", `/${searched}/d/`));
  if (filed !== null) return `filed under "${filed}", which holds no vehicles`;
  const titled = readSellerTitle(title);
  const formed = readSellerTitle("");
  const none = whyNoVehicle({ title, form: "", description, titled, formed });
  if (none !== null) return none;
  const code = /\/([a-z]{3})(?:\/d\/|\/\d+\.html)/.exec(url)?.[1] ?? searched ?? "";
  const { make, model, own } = titled;
  if (OF_VEHICLES.has(code) || make !== null || model !== null || own !== null) return null;
  return "no vehicle named";
}

/** Sites of cities where "$" is another dollar than that of the United States. */
const DOLLARS: readonly [string, RegExp][] = [
  [
    "CAD",
    /^(?:toronto|vancouver|montreal|calgary|edmonton|ottawa|winnipeg|halifax|victoria|hamilton|kelowna|quebec|saskatoon|regina|kitchener|londonon|windsor|niagara|barrie|guelph|kingston|nanaimo|comoxvalley|abbotsford|kamloops|princegeorge|reddeer|lethbridge|newbrunswick|newfoundland|pei|sudbury|thunderbay|peterborough|sherbrooke|troisrivieres|whistler|yukon)\./,
  ],
  [
    "AUD",
    /^(?:sydney|melbourne|brisbane|perth|adelaide|canberra|darwin|hobart|goldcoast|cairns)\./,
  ],
  ["NZD", /^(?:auckland|wellington|christchurch|dunedin)\./],
  ["SGD", /^singapore\./],
  ["HKD", /^hongkong\./],
  ["MXN", /^(?:mexicocity|tijuana|guadalajara|monterrey|juarez|hermosillo|oaxaca|puebla)\./],
];

/** A price as it is written on a site of Craigslist; `stated` is the currency that the page names. */
export function askedPrice(text: string, host: string, stated: string | null): Price | null {
  const money = moneyIn(text);
  if (money === null) return null;
  const local = DOLLARS.find(([, cities]) => cities.test(host))?.[0] ?? "USD";
  return { amount: money.amount, kind: "asking", currency: stated ?? money.currency ?? local };
}
