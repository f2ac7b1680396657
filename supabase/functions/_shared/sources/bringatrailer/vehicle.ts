import { parseTitle } from "../../reading/title.ts";
import type { Essentials } from "./essentials.ts";
import { isPartsGroup } from "./facts.ts";
import type { BatPage } from "./page.ts";

/** What is sold for itself although its title names a car: the last word of such titles. */
const THING =
  /\b(?:signs?|wheels?|engines?|transaxles?|transmissions?|manuals?|literature|seats?|luggage(?: set)?|tool kit|wall art|body shell|sofa|table|model|display|clock|jacket|poster|painting|kart|go-kart|pedal car|children[’']s ride|kiddie ride|bicycle|simulator|parts?|kit|exhaust|brakes?|hardtop|hood|bumpers?|collection|memorabilia|pump|globe)\b(?: (?:for|by|w\/|and|from)\b.*)?$/i;

/** Why an auction is not one of a vehicle; `null` when it is. Signs, wheels and toys are sold too. */
export function whyNoVehicle(page: BatPage, essentials: Essentials): string | null {
  const filed = [page.groups.get("Make"), page.groups.get("Model"), page.groups.get("Category")]
    .find((group) => group !== undefined && isPartsGroup(group));
  const hasChassis = essentials.lines.some((line) =>
    /^(?:assigned )?(?:chassis|vin|frame|serial|hull)\b.{0,12}[:#]/i.test(line)
  );
  if (filed !== undefined && !hasChassis) {
    return `an auction of "${page.title}", filed under "${filed}"`;
  }
  if (hasChassis) return null;
  const title = parseTitle(page.title);
  if (title.year === null) {
    return `an auction of "${page.title}": no model year and no chassis number`;
  }
  if (THING.test(page.title)) return `an auction of a thing, not of a vehicle: "${page.title}"`;
  return null;
}
