import { isOn } from "../../extraction/index/address.ts";
import type { IndexSite } from "../../extraction/index/list.ts";
import { whyNoVehicle } from "../../extraction/index/non_vehicle_lot.ts";
import { oneLine } from "../../html/text.ts";
import { parseTitle } from "../../vehicle/title.ts";

const HOSTS = ["bringatrailer.com"];

/** Bring a Trailer as its indexes and its feed are taken. */
export const batSite: IndexSite = {
  slug: "bringatrailer",
  own(url) {
    const slug = /^\/listing\/([^/]{2,200})\/?$/.exec(url.pathname)?.[1];
    return slug === undefined || !isOn(url, HOSTS)
      ? null
      : `https://bringatrailer.com/listing/${slug}/`;
  },
  pictures: HOSTS,
  names: parseTitle,
};

/** A title without the words that the site puts around it: "No Reserve: …", "… at No Reserve". */
export function batTitle(text: string): { title: string; noReserve: boolean } {
  const whole = oneLine(text);
  const title = whole.replace(/^(?:(?:bat (?:auction|premium)|no reserve):\s*)+/i, "")
    .replace(/\s+at no reserve$/i, "");
  return { title, noReserve: /^(?:bat auction:\s*)?no reserve:|\bat no reserve$/i.test(whole) };
}

/** The last part of a listing's address: "1932-ford-roadster-242". */
export function slugOf(url: string): string {
  return url.replace(/\/$/, "").split("/").at(-1) ?? "";
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
