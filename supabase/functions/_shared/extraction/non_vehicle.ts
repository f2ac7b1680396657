import { lineKind } from "../vehicle/listing_lines.ts";
import { isModelOf } from "../vehicle/models.ts";
import { parseTitle } from "../vehicle/title.ts";

/** Things that are sold beside vehicles and are none, whatever they look like or run on. */
const NON_VEHICLE =
  "signs?|banners?|flags?|posters?|paintings?|prints?|artwork|wall art|art|sculptures?|statues?|clocks?|neon|literature|" +
  "(?:workshop |service |owner[’']?s |repair )?manuals?|books?|(?:hand|guide|year|note|scrap)books?|pamphlets?|leaflets?|brochures?|magazines?|catalog(?:ue)?s?|library|memorabilia|automobilia|" +
  "collection|display|scale[- ]models?|(?:display|wooden|architectural) models?|model cars?|die[- ]?casts?|toys?|pinball machines?|arcade (?:game|machine)s?|jukebox(?:es)?|" +
  "simulators?|go-?karts?|karts?|pedal cars?|(?:children[’']?s|kiddie|coin-operated) (?:ride|car)s?|kiddie rides?|soap ?box(?: derby)? (?:car|racer)s?|" +
  "bicycles?|tricycles?|scooter toy|outboards?|outboard motors?|(?:beer |draft )?taps?|tap handles?|(?:gas|fuel|petrol) pumps?|pumps?|air meters?|globes?|oil (?:cans?|tank)|tool ?(?:kits?|chests?|box(?:es)?|sets?)|tools?|jacks?|" +
  "(?:coffee |kinetic |side )?tables?|desks?|chairs?|sofas?|couch(?:es)?|bars?|lamps?|mirrors?|cabinets?|luggage(?: sets?)?|suitcases?|briefcases?|bags?|jackets?|helmets?|suits?|watch(?:es)?|trophy|trophies|sunglasses|" +
  "wheels?|rims|tires?|hubcaps?|seats?|steering wheels?|hardtops?|soft tops?|windshields?|windscreens?|doors?|fenders?|hoods?|bumpers?|grilles?|spoilers?|(?:rear )?wings?|decklids?|panels?|body shells?|bodywork|body kits?|" +
  "engines?|motors?|long ?blocks?|short ?blocks?|cylinder heads?|carburetors?|(?:super|turbo)chargers?|intakes?|exhausts?(?: systems?)?|headers?|transmissions?|transaxles?|gearbox(?:es)?|differentials?|axles?|brakes?|calipers?|suspensions?|shocks?|" +
  "(?:rolling )?chassis|frames?|parts?|spares|components?|accessories|kits?|sets?|covers?|badges?|emblems?|license plates?|number plates?|gauges?|radios?|lights?|headlights?|keys?|" +
  "(?:car |enclosed |utility |travel |camper |flatbed |toy[- ]hauler )?trailers?|caravans?|carts?|lifts?|compressors?|generators?|tractor seats?";
/** The noun at the end of a title, before what it is for or comes with. */
const ENDS_IN_NON_VEHICLE = new RegExp(
  `(?:^|[\\s-])(${NON_VEHICLE})(?:\\s(?:project|pair|set|prototype|replica|reproduction))?$`,
  "iu",
);
/** Words behind which a title says for what, by whom or with what; and those that join two nouns. */
const BEHIND = /\s(?:(?:for|by|with|from|of|in|on)(?:\s|$)|w\/).*$|\s[(–—].*$|,.*$/iu;
const SECOND = /\s(?:and|&)\s.*$/iu;
/** Things whose title says how many or how large: "Pair of …", "Set of …", "15×7″ Fuchs …". */
const STARTS_AS_NON_VEHICLE =
  /^(?:pair of|set of|collection of|library of|assortment of|lot of|group of|box of)\s|^(?:neon|illuminated|porcelain|double-sided|framed|reproduction)\b|^[\d.,]+[″"”]?\s?[x×]\s?[\d.]+[″"”]/iu;
/** What names no vehicle even when it has a chassis number and a motor. */
const ALWAYS =
  /(?:signs?|karts?|pedal cars?|rides?|bicycles?|outboards?|simulators?|models?|manuals?|handbooks?|brochures?|taps?|tap handles?|literature|wheels|seats|tables?|pumps?|sofas?)$/iu;
/** Lines that only a trailer, a bicycle or a toy has. */
const NO_MOTOR =
  /\b(?:(?:single|tandem|dual|twin) axles?|hitch(?:es)?|couplers?|loading ramp|cantilever frame|pedals?|saddle|handlebars?|coin[- ](?:activated|operated)|crankset|awning)\b/i;

/** Built to race, often without a year or a number of its own. */
const RACER =
  /\b(?:racers?|race cars?|sprint cars?|midget(?: race(?: car|r))?s?|dragsters?|monopostos?|single-seaters?|stock cars?|streamliners?|lakesters?|land[- ]speed car|formula (?:junior|ford|vee|atlantic|\d+)(?: car)?)(?: project)?$/i;
/** Races that children drive, or none at all. */
const CHILDS =
  /\b(?:quarter[- ]midget|soap ?box|pedal|junior dragster|go-?kart|slot|model|toy|tin|wind-?up|wooden|carnival|carousel|coin|battery|bicycle|tether|gravity|scale|cycle)\b/i;

/** What a listing's title and details say of it. */
interface Sold {
  what: "vehicle" | "non_vehicle";
  /** Why, for a person. */
  why: string;
}

/**
 * Whether a listing sells a vehicle, or a part, a sign, a toy, a trailer: what its title's noun is
 * called, and whether its details have what only a vehicle has (chassis number, mileage, gears).
 * `filedAsNonVehicle`: the site keeps it among parts, where a vehicle is an exception.
 */
export function whatIsSold(
  title: string,
  details: readonly string[],
  filedAsNonVehicle = false,
): Sold {
  const kinds = new Set(details.map(lineKind));
  const drives = kinds.has("mileage") || kinds.has("transmission");
  const vehicle: Sold = { what: "vehicle", why: "its details are a vehicle's" };
  const nonVehicle = (why: string): Sold => ({ what: "non_vehicle", why });
  const { year, makeKnown } = parseTitle(title);

  const noun = nonVehicleIn(title);
  if (noun !== null) {
    if (ALWAYS.test(noun)) return nonVehicle(`its title names a thing: "${noun}"`);
    // A rolling chassis with its number can be registered; without one it is a part.
    const whole = drives || /chassis$/i.test(noun);
    const isVehicle = whole && kinds.has("chassis") ||
      drives && year !== null && makeKnown && !/chassis$/i.test(noun);
    return isVehicle ? vehicle : nonVehicle(`its title names a thing: "${noun}"`);
  }
  if (drives && (kinds.has("chassis") || year !== null || kinds.has("mileage"))) return vehicle;
  if (filedAsNonVehicle) return nonVehicle("neither gears nor mileage");
  const odd = details.find((line) => NO_MOTOR.test(line));
  if (odd !== undefined && !kinds.has("engine")) return nonVehicle(`a detail is "${odd}"`);
  if (kinds.has("chassis")) {
    const bare = details.length >= 4 && !kinds.has("engine") && !makeKnown;
    return bare ? nonVehicle("it has neither engine, gears nor mileage") : vehicle;
  }
  const racer = RACER.exec(title)?.[0].trim();
  if (racer !== undefined && odd === undefined && !CHILDS.test(title)) {
    return { what: "vehicle", why: `its title names a racer: "${racer}"` };
  }
  if (year === null) return nonVehicle("no model year and no chassis number");
  return makeKnown
    ? { what: "vehicle", why: "a model year and a maker" }
    : nonVehicle("no maker known");
}

/** "Bronco 2-Door": how many doors a body has. */
const DOORS = /(?:^|[\s-])(?:\d|two|three|four|five)[\s-]doors?(?: (?:hardtop|soft top))?$/i;
/** "1995 Jeep Wrangler Soft Top": the body of a vehicle that is named whole before it; not one to be taken off. */
const TOPS = /\s(?:soft ?tops?|hardtops?|panel)$/i;
const TAKEN_OFF =
  /\b(?:removable|detachable|replacement|factory|oem|original|new|used|spare|works|carbon|fiberglass|aluminum)(?:[- ]\w+)?$/i;

function isBody(title: string): boolean {
  const text = title.trim();
  if (DOORS.test(text)) return true;
  const whole = parseTitle(text);
  // "2007 Dodge Caravan": the noun is the model's own name.
  if (whole.makeKnown && whole.year !== null && isModelOf(whole.make ?? "", whole.model ?? "")) {
    return true;
  }
  const named = text.replace(TOPS, "");
  if (named === text || TAKEN_OFF.test(named)) return false;
  const { year, makeKnown, model } = parseTitle(named);
  return year !== null && makeKnown && model !== null;
}

/**
 * What a title names that is no vehicle: "Neon Ford GT Sign" → "Sign"; `null` for "1970 Ford Mustang".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(nonVehicleIn("Neon Ford GT Sign"), "Sign");
 * assert.equal(nonVehicleIn("1970 Ford Mustang"), null);
 * ```
 */
export function nonVehicleIn(title: string): string | null {
  const text = title.trim();
  const starts = STARTS_AS_NON_VEHICLE.exec(text)?.[0];
  const noun = text.replace(BEHIND, "");
  if (starts !== undefined) return ENDS_IN_NON_VEHICLE.exec(noun)?.[1] ?? starts;
  const first = noun.replace(SECOND, "");
  const named = isBody(first) ? undefined : ENDS_IN_NON_VEHICLE.exec(first.trim())?.[1];
  if (named !== undefined || first === noun) return named ?? null;
  // "1985 Suzuki DR100 and Lighted Sign": the sign comes with the motorcycle.
  const { year, makeKnown, model } = parseTitle(first);
  if (year !== null && makeKnown && model !== null) return null;
  return ENDS_IN_NON_VEHICLE.exec(noun.trim())?.[1] ?? null;
}
