import { oneLine } from "../../html/text.ts";
import { parseTitle } from "../../vehicle/title.ts";
import { nonVehicleIn, whatIsSold } from "../non_vehicle.ts";

/** What an index says of one lot of an auction. */
export interface Lot {
  title: string;
  /** The last part of its address: "1932-ford-roadster-242". */
  slug: string;
  /** How its text begins: "This 1985 Suzuki DR100 is powered by…"; `null` when the index has none. */
  text: string | null;
  /** The model year that the site files it under. */
  year: number | null;
  chassis: string | null;
  /** What the site files it among, when that is no vehicles. */
  filed: "parts" | "karts" | null;
  /** Its list files most lots under a model year; signs, pinball machines and karts stand under none. */
  listHasYears: boolean;
}

/** Details that only a vehicle has: with them a listing is one if its title allows it at all. */
const A_VEHICLES = ["Chassis: 12345678", "29k Miles Shown", "Five-Speed Manual Transmission"];
/** What a text says of what moves by itself. */
const DRIVES =
  /\b(?:powered by|transaxle|-speed (?:manual|automatic)|[\d,.]+k? (?:miles|kilometers)|[\d.]+[- ]?liter|\d(?:,\d{3}|\d{1,3})cc)\b/i;
/** Words of a title that only what drives is called by; parts of it are told by their own noun before. */
const VEHICLE_WORD =
  /[-–—]powered\b|\b(?:dune buggy|motorcycle|minibike|race car|hot rod|street rod|roadster|sedan|coupe|station wagon|pickup|truck)\b/i;
const SLUG_YEAR = /^(?:18|19|20)\d\d-/;

/**
 * Why a lot is no vehicle; `null` when it is one or may be one: its own page decides by what it says
 * of chassis, mileage and gears (`whatIsSold`), which an index does not tell. A title that no detail
 * could make a vehicle's ("Neon Ford Sign") is refused here as it is there.
 */
export function whyNoVehicle(lot: Lot): string | null {
  const { title, filed } = lot;
  if (filed === "karts") return "the site files it among go-karts";
  const known = lot.chassis === null ? [] : [`Chassis: ${lot.chassis}`];
  const surely = whatIsSold(title, known);
  if (surely.what === "vehicle" && filed === null) return null;
  const subject = subjectOf(lot.text);
  const called = subject === null || namesVehicle(subject) ? null : nonVehicleIn(subject);
  const dated = SLUG_YEAR.test(lot.slug);
  if (surely.what === "vehicle") {
    // Rare: a truck sold with parts. What else is filed so is a bicycle, a trailer, a chassis.
    if (dated && called === null) return null;
    return `the site files it among parts${
      called === null ? "" : `, its text calls it "${called}"`
    }`;
  }
  const atBest = whatIsSold(title, A_VEHICLES);
  if (atBest.what === "non_vehicle") return atBest.why;
  if (filed !== null) return `the site files it among parts, and ${surely.why}`;

  const { year, makeKnown } = parseTitle(title);
  if (nonVehicleIn(title) !== null) {
    // "1970 Cadillac Sedan DeVille Hardtop": what is filed by year and maker is named after its body.
    const named = year !== null && makeKnown &&
      (dated || /^pair of\s/i.test(title) || namesVehicle(subject));
    return named ? null : surely.why;
  }
  if (namesVehicle(subject)) return null;
  if (called !== null) return `its text calls it a thing: "${called}"`;
  if (dated || year !== null || lot.year !== null) return null;
  // The site's addresses of non-vehicles are their kind and a number: "engine-222".
  const kind = nonVehicleIn(lot.slug.replace(/-\d+$/, "").replaceAll("-", " "));
  if (kind !== null) return `its address names a thing: "${kind}"`;
  if (VEHICLE_WORD.test(title) || (lot.text !== null && DRIVES.test(lot.text))) return null;
  if (!makeKnown) return surely.why;
  return lot.listHasYears ? "filed under no model year" : null;
}

const SUBJECT =
  /^(?:this|these|the)\s+(?:(?:two|three|four|five|six|pair of|set of)\s+)?(.{3,100}?)\s+(?:is|are|was|were|has|have|had|features?|comes?|measures?|left|remained|underwent|spent|shows?|received|consists?|includes?|comprises?|uses|depicts?|began|started)\b/i;

/** What a text is about by its first words: "These four split-spoke design wheels were…". */
function subjectOf(text: string | null): string | null {
  return text === null ? null : SUBJECT.exec(oneLine(text.slice(0, 1_000)))?.[1] ?? null;
}

function namesVehicle(subject: string | null): boolean {
  return subject !== null && whatIsSold(subject, []).what === "vehicle";
}
