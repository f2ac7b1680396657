import { whyNoVehicle } from "../../extraction/index/non_vehicle_lot.ts";
import { oneLine } from "../../html/text.ts";
import { slugOf } from "./listing_url.ts";

/** A title without the words that the site puts around it: "No Reserve: …", "… at No Reserve". */
export function lotTitle(text: string): { title: string; noReserve: boolean } {
  const whole = oneLine(text);
  const title = whole.replace(/^(?:(?:bat (?:auction|premium)|no reserve):\s*)+/i, "")
    .replace(/\s+at no reserve$/i, "");
  return { title, noReserve: /^(?:bat auction:\s*)?no reserve:|\bat no reserve$/i.test(whole) };
}

/** Why an auction of which a list shows no more than title and text is none of a vehicle; `null` when it may be one. */
export function whyNoLotListed(title: string, url: string, text: string): string | null {
  return whyNoVehicle({
    title,
    slug: slugOf(url),
    text: text === "" ? null : text,
    year: null,
    chassis: null,
    filed: null,
    listHasYears: false,
  });
}
