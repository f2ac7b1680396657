import { isPlaceholderMileage } from "../../vehicle/mileage.ts";

interface OdometerPlaces {
  /** What the form's field holds, in miles; `null` when it is empty. */
  form: number | null;
  /** Title and description. */
  text: string;
  /** The form says that the odometer is broken or has rolled over. */
  untrue: boolean;
  /** Model year, and the year of the post; `null` when not known. */
  year: number | null;
  posted: number | null;
}

interface OdometerReading {
  miles: number;
  from: "form" | "text";
  /** `agreed`: form and text say the same; `untrue`: the figure is not the vehicle's mileage. */
  trust: "agreed" | "stated" | "doubtful" | "disputed" | "untrue";
  evidence: string;
}

interface Distance {
  miles: number;
  /** `part`: miles of an engine, a tyre; `stretch`: of a time, a limit; `own`: the vehicle's. */
  of: "own" | "part" | "stretch";
  text: string;
}

/** A figure with its unit before or behind it: "152 K MILES", "Mileage 221450", "245XXX miles". */
const DISTANCE =
  /(?<![\d$.,\/#-])(\d{1,3},\d{0,2}x{1,3}\b|\d{1,3}(?:[,. ]\d{3})+|\d{1,7}(?:\.\d)?)(?:[ -]?(k|thousand)(?![a-zA-Z])|,?(x{2,3})\b)?\+?[ -]?(?:(?:original|actual|highway|hwy|low|easy|certified|true|verified)\s){0,2}(?:miles?|mi|mileage)\b|\b(?:mileage|miles|odometer|odo)\s*(?:is|are|at|of|on it|reads?|shows?|:|-|–|\.)?\s{0,3}(?:is|about|around|only|approx\.?|approximately)?\s?(\d{1,3}(?:[,.]\d{3})+|\d{2,7})(?:\s?(k|thousand)(?![a-zA-Z])|,?(x{2,3})\b)?|(?<![\d$.,\/#-])(\d{2,3}(?:\.\d)?)\s?[kK](?=\s*(?:$|[\n|.,;!)]|on (?:it|the (?:clock|odometer|odo))|clean))|(?<![\d$.,])(\d{1,3},\d{3})(?=,? ?\(?TMU\b)/gi;
/** A sum in thousands: "asking 12k", "books for 18k", "15k invested". */
const SUM_BEFORE =
  /\b(?:asking|prices?d?|worth|books?|values?d?|appraised|offer(?:s|ed)?|paid|spent|invested|took|take|takes|want|wants|sell(?:ing)?|sold|down|reduced|cash|insured|cost|got|have|put)\s(?:(?:is|at|for|to|about|around|over|only|was|it|i|have|up|like|of|in)\s){0,3}$/i;
const SUM_AFTER =
  /^[\s,]{0,2}(?:obo|firm|cash|invested|or best|or (?:a )?trade|in (?:it|parts|receipts))\b/i;
/** Behind the figure: of a part. */
const OF_PART =
  /^ (?:tires?|old|service)\b|^ ?\)? ?(?:on|since|after|for) (?:(?:the|a|it'?s|its|an|this|my|current|new|rebuilt|fresh|of|jasper|crate|reman\w*)\s){0,4}(?:\w+ )?(?:motor|engine|transmission|trans|tranny|rebuild|rebuilt|tires?|clutch|brakes?|battery|build|swap|overhaul|crate|top end|heads?|timing)\b/i;
const STRETCH_AFTER =
  /^[ ,)]*(?:(?:ago|per|warranty|service|interval|range|radius|away|from|left|remaining|on a (?:tank|charge)|an? (?:year|week|day|month|gallon|tank)|bumper|powertrain|before|each|every)\b|\/)/i;
/** Before the figure: a part that has run it. */
const SAID =
  "(?:with|has|have|had|got|replaced|rebuilt|installed|changed|done|rated|is|was|at|only|about|around|approximately|less|than|then|under|over|roughly|just|low|put|in|on|for|every)";
const ENGINE_BEFORE = new RegExp(
  `\\b(?:engine|motor|transmission|trans|build|tires|clutch|brakes|battery|shocks|struts|(?:timing )?(?:belt|chain)|(?:water|fuel) pump|alternator|starter)\\s(?:${SAID}\\s){1,5}$` +
    `|\\b(?:tires|clutch|brakes|battery)\\s$|\\b\\d{2}% tread(?: left)?,?\\s$` +
    `|\\b(?:new|rebuilt|jasper|crate|reman\\w*|fresh|replacement|used|swapped|different)\\s(?:engine|motor|transmission|trans)\\s$` +
    `|\\b(?:replaced|rebuilt|installed|changed|done)\\s(?:at|around)\\s(?:about\\s|around\\s)?$`,
  "i",
);
/** Before the figure: a time, a limit, a former state. */
const BEFORE_STRETCH =
  /\b(?:(?:due|change[ds]?|serviced?|warranty|good|next \w+) (?:at|to|until|till|up to)|every|within|last|past|next|less than|under|until|till|after|first|up to|with around|or|needs? to|bought (?:it )?(?:with|at)|purchased (?:it )?(?:with|at)|owned (?:it )?since|since|when it had|had|driven(?: it)?(?: around| about| over)?|drove(?: car| it)?(?: over| about)?|warranty|good for|another|extra)\s(?:about |around |only |the )?$/i;
const UNKNOWN =
  /\b(?:mileage|miles|odometer|true miles) (?:is |are )?(?:unknown|exempt|incorrect|not (?:actual|correct|accurate|working|right)|inaccurate|wrong)|\bTMU\b|\b(?:odometer|speedo\w*|gauge cluster|instrument cluster) (?:is |does ?n[o']t |doesn[’']t |has |was |been |quit |)?(?:not work\w*|work|broken?|replaced|swapped|inop\w*|stopped|quit)\b/i;
const SAMPLE = 6_000;

/**
 * The mileage of a vehicle whose form and text a seller filled in: a field that must not be empty
 * often holds 1, 1234567 or the miles of a new engine. `null` when neither place states it.
 */
export function readOdometer(places: OdometerPlaces): OdometerReading | null {
  const stated = distancesIn(places.text.slice(0, SAMPLE));
  const own = stated.filter(({ of, miles }) => of === "own" && plausible(miles, places));
  const whole = stated.filter(({ of }) => of !== "part");
  const unknown = places.untrue || UNKNOWN.test(places.text.slice(0, SAMPLE));
  const { form } = places;
  const ofPart = form !== null &&
    stated.some(({ of, miles }) => of === "part" && near(miles, form, 0.02)) &&
    !whole.some(({ miles }) => near(miles, form, 0.02));
  const usable = form !== null && !isFiller(form) && !ofPart && plausible(form, places)
    ? form
    : null;

  const best = own[0];
  if (usable === null) {
    if (best === undefined) return null;
    const trust = unknown
      ? "untrue"
      : form !== null && sameDigits(form, best.miles)
      ? "agreed"
      : "stated";
    return {
      miles: best.miles,
      from: "text",
      trust,
      evidence: `"${best.text}"${form === null ? "" : `, not odometer "${form}"`}`,
    };
  }
  const agreeing = whole.find(({ miles }) => near(miles, usable, 0.06));
  const evidence = `odometer "${usable}"`;
  // "17000" in the form and "170,000 miles" in the text: a digit was left out in the form.
  const tenfold = own.find(({ miles }) =>
    near(miles, usable * 10, 0.05) || near(miles, usable * 1_000, 0.05)
  );
  if (agreeing === undefined && tenfold !== undefined) {
    return {
      miles: tenfold.miles,
      from: "text",
      trust: unknown ? "untrue" : "stated",
      evidence: `"${tenfold.text}", not ${evidence}`,
    };
  }
  const trust = unknown && !/stopped working/i.test(places.text)
    ? "untrue"
    : agreeing !== undefined
    ? "agreed"
    : best !== undefined
    ? "disputed"
    : fewForItsAge(usable, places)
    ? "doubtful"
    : "stated";
  const also = agreeing ?? best;
  return {
    miles: usable,
    from: "form",
    trust,
    evidence: also === undefined
      ? evidence
      : `${evidence}; ${agreeing === undefined ? "but " : ""}"${also.text}"`,
  };
}

function distancesIn(text: string): Distance[] {
  const found: Distance[] = [];
  for (const match of text.matchAll(DISTANCE)) {
    const figure = match[1] ?? match[4] ?? match[7] ?? match[8] ?? "";
    const thousand = (match[2] ?? match[5]) !== undefined || match[7] !== undefined;
    const hidden = match[3] ?? match[6];
    const miles = milesOf(figure, thousand, hidden);
    if (miles === null) continue;
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 60);
    const lead = text.slice(Math.max(0, match.index - 60), match.index).split(/\n|[.|!](?=\s|$)/);
    const before = `${(lead.at(-1) ?? "").replace(/[\s(~]+$/, "")} `;
    if (match[7] !== undefined && (SUM_BEFORE.test(before) || SUM_AFTER.test(after))) continue;
    const of = OF_PART.test(after) || ENGINE_BEFORE.test(before)
      ? "part"
      : STRETCH_AFTER.test(after) || BEFORE_STRETCH.test(before)
      ? "stretch"
      : "own";
    found.push({ miles, of, text: match[0].replace(/\s+/g, " ").trim() });
    if (found.length >= 20) break;
  }
  return found;
}

function milesOf(figure: string, thousand: boolean, hidden: string | undefined): number | null {
  if (/x/i.test(figure)) return Number(figure.replace(/x/gi, "0").replace(",", ""));
  const grouped = /^\d{1,3}(?:[,. ]\d{3})+$/.test(figure);
  if (hidden !== undefined) {
    return Math.round(Number(figure.replace(/[,. ]/g, "")) * 10 ** hidden.length);
  }
  const number = grouped ? Number(figure.replace(/[,. ]/g, "")) : Number(figure);
  if (!Number.isFinite(number)) return null;
  const miles = Math.round(thousand && number < 1_000 ? number * 1_000 : number);
  return miles > 2_000_000 ? null : miles;
}

/** Typed to fill the field: all digits the same, digits in a row. */
function isFiller(miles: number): boolean {
  return isPlaceholderMileage(miles) || /^12345\d*$/.test(String(miles)) ||
    /^(\d)\1{3,}$/.test(String(miles));
}

/** Whether a vehicle of its age can have run so little: 3 or 1,000 miles on one of ten years cannot be meant. */
function plausible(miles: number, { year, posted }: OdometerPlaces): boolean {
  const age = year === null || posted === null ? 3 : posted - year;
  if (miles < 1) return false;
  if (age <= 1) return true;
  return miles > 1_000;
}

/** Less than 1,500 miles a year on a vehicle of ten years and more: rare, and often a digit left out. */
function fewForItsAge(miles: number, { year, posted }: OdometerPlaces): boolean {
  const age = year === null || posted === null ? 0 : posted - year;
  return age >= 10 && miles < age * 1_500;
}

function near(one: number, other: number, part: number): boolean {
  return Math.abs(one - other) <= Math.max(one, other) * part;
}

function sameDigits(one: number, other: number): boolean {
  return String(other).startsWith(String(one).replace(/0+$/, ""));
}
