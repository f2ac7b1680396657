import { whatIsSold } from "../../extraction/non_vehicle.ts";
import type { Essentials } from "./essentials.ts";
import { isPartsGroup } from "./facts.ts";
import type { BatPage } from "./page.ts";

/** Why an auction is not one of a vehicle; `null` when it is. Signs, wheels and toys are sold too. */
export function whyNoVehicle(page: BatPage, essentials: Essentials): string | null {
  const filed = [page.groups.get("Make"), page.groups.get("Model"), page.groups.get("Category")]
    .find((group) => group !== undefined && isPartsGroup(group));
  const { what, why } = whatIsSold(page.title, essentials.lines, filed !== undefined);
  if (what === "vehicle") return null;
  return `an auction of "${page.title}", no vehicle: ${why}` +
    (filed === undefined ? "" : `, filed under "${filed}"`);
}
