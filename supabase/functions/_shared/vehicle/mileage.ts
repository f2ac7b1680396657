import { GROUP_SIGNS, groupedPattern, wholeNumber } from "./numbers.ts";

export interface MileageReading {
  miles: number;
  /** Written in thousands ("31k"): the true figure is within 500 of it. */
  rounded: boolean;
  /**
   * `stated`: the car's mileage. `shown`: what the odometer shows, no more is claimed.
   * `unknown`: said not to be the true mileage (TMU, rolled, replaced, since a rebuild).
   */
  meaning: "stated" | "shown" | "unknown";
}

/** By the definition of the mile: 1.609344 km. */
const MILES_IN_KILOMETER = 1 / 1.609344;
const UNIT = /(?:\b|\d)(?:miles?|mi\.?|kilom[a-z]*|kms?)\b/i;
const GROUPED = groupedPattern(GROUP_SIGNS, "sign");
/** A plain space parts thousands before kilometres, and before a zero; else it parts two numbers. */
const SPACED = "\\d{1,3} (?:\\d{3}(?=\\s*(?:kilom|km))|0\\d\\d(?!\\d))";
const FIGURE = new RegExp(
  `(?<![\\d.,'’$€£])(?<about>~?)(?<figure>${GROUPED}|${SPACED}|0|[1-9]\\d{0,6})(?:[.,](?<tenth>\\d)(?!\\d))?\\s?(?<scale>k(?![a-z]))?\\s*-?\\s*` +
    `(?:(?:chassis|original|actual|documented|indicated|certified)\\s+)?(?<unit>miles?|mi\\b\\.?|kilom[a-z]*|kms?)(?![a-z])`,
  "gi",
);
const WORDS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
];
const IN_WORDS = new RegExp(`\\b(${WORDS.join("|")}) (miles?|kilometers?)\\b`, "i");

const UNKNOWN =
  /\bTMU\b|total mileage unknown|true mileage unknown|roll(?:ed|over)|replace(?:d|ment)|reset|repaired|rebuilt|broken|inop|nonoperational|non-operational|stopped|stalled|disconnected|removed|not actual|exempt|(?:on|since) (?:[\w'-]+ )?(?:build|built|rebuild|refurb|restor|engine|motor|swap)|aftermarket (?:odo|gauge)|estimated/i;
const SHOWN = /\b(?:show[ns]?|shwon|indicated|displayed)\b/i;

/**
 * Reads a mileage: "12,345 Miles", "31k Miles Shown, TMU", "54k Kilometers (~34k Miles)",
 * "61 Miles" (61, not 61,000). Kilometres are converted unless the text gives the miles itself.
 * `null` when no distance is named ("Hours Shown", "No Odometer", "175-mph", "20 miles per gallon").
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(readMileage("31k Miles Shown, TMU"), {
 *   miles: 31_000,
 *   rounded: true,
 *   meaning: "unknown",
 * });
 * assert.equal(readMileage("54,000 Kilometers (~34k Miles)")?.miles, 34_000);
 * assert.equal(readMileage("20 miles per gallon"), null);
 * ```
 */
export function readMileage(text: string): MileageReading | null {
  const sample = text.slice(0, 300).replace(HIDDEN_DIGITS, "$1k");
  if (!UNIT.test(sample)) return null;
  let best: { miles: number; rounded: boolean; metric: boolean } | null = null;
  for (const match of sample.matchAll(FIGURE)) {
    const after = sample.slice(match.index + match[0].length, match.index + match[0].length + 12);
    if (/^\s*(?:\/|per\b|away|from|of\b|radius|an? )/i.test(after)) continue;
    const { about, figure: digits = "", tenth = "0", scale, unit = "" } = match.groups ?? {};
    const metric = /^k/i.test(unit);
    const figure = Number(`${wholeNumber(digits)}.${tenth}`) * (scale === undefined ? 1 : 1_000);
    const miles = Math.round(metric ? figure * MILES_IN_KILOMETER : figure);
    const found = { miles, rounded: scale !== undefined || about === "~", metric };
    // The first figure is the car's; miles that follow kilometres are its conversion.
    if (best === null || (best.metric && !metric)) best = found;
  }
  best ??= inWords(sample);
  if (best === null || best.miles > 5_000_000) return null;
  const meaning = UNKNOWN.test(sample) ? "unknown" : SHOWN.test(sample) ? "shown" : "stated";
  return { miles: best.miles, rounded: best.rounded, meaning };
}

/** "140xxx miles", "140,xxx mi": the last digits are not told. */
const HIDDEN_DIGITS = /(?<![\d.,$€£])([1-9]\d{0,2}),?x{3}(?=\s?-?(?:miles?|mi|kilom\w*|kms?)\b)/gi;

/** A distance as a text states it: a figure and what it counts. */
export interface Distance {
  figure: number;
  metric: boolean;
  miles: number;
  /** As it is written: "85.000 km". */
  text: string;
  /** A label of the odometer stands before it ("Kilometerstand: "). */
  labelled: boolean;
}

const ODOMETER =
  /(?:mileage|odometer|miles|kilometers|kilometres|kilometerstand|km-?stand|tachostand|laufleistung|kilométrage|compteur|tellerstand|chilometraggio|chilometri|kilometraje|kilómetros|przebieg|miltal|mätarställning|kilometer|kms?)[\s:.–-]{0,6}$/i;

/** The distances that a longer text states, each with its unit, at most 60 of them. */
export function distancesIn(text: string): Distance[] {
  const found: Distance[] = [];
  for (const match of text.matchAll(FIGURE)) {
    const end = match.index + match[0].length;
    if (/^\s*(?:\/|per\b|p\/?h|h\b|away|from|radius)/i.test(text.slice(end, end + 10))) continue;
    const { figure: digits = "", tenth = "0", scale, unit = "" } = match.groups ?? {};
    const metric = /^k/i.test(unit);
    const figure = Number(`${wholeNumber(digits)}.${tenth}`) * (scale === undefined ? 1 : 1_000);
    const miles = Math.round(metric ? figure * MILES_IN_KILOMETER : figure);
    const labelled = ODOMETER.test(text.slice(Math.max(0, match.index - 30), match.index));
    found.push({ figure, metric, miles, text: match[0].trim(), labelled });
    if (found.length === 60) break;
  }
  return found;
}

/** Kilometres → whole miles, and back. */
export const milesOf = (kilometers: number): number => Math.round(kilometers * MILES_IN_KILOMETER);
export const kilometersOf = (miles: number): number => Math.round(miles / MILES_IN_KILOMETER);

function inWords(text: string): { miles: number; rounded: boolean; metric: boolean } | null {
  const match = IN_WORDS.exec(text);
  if (match === null || /\bunder\b/i.test(text)) return null;
  const figure = WORDS.indexOf((match[1] ?? "").toLowerCase());
  const metric = /^k/i.test(match[2] ?? "");
  return {
    miles: Math.round(metric ? figure * MILES_IN_KILOMETER : figure),
    rounded: false,
    metric,
  };
}

/**
 * A mileage that a form holds as a bare number, in the unit given; `null` for anything else. A sign
 * with three digits behind it parts thousands ("85.000"), with zeros in another number parts decimals
 * ("16000.0").
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(mileageNumber("32,400"), 32_400);
 * assert.equal(mileageNumber(100_000, true), 62_137); // kilometres
 * assert.equal(mileageNumber("about 32,000"), null);
 * ```
 */
export function mileageNumber(value: unknown, metric = false): number | null {
  const figure = typeof value === "number"
    ? value
    : typeof value === "string"
    ? wholeNumber(value.trim()) ?? wholeNumber(value.trim().replace(/[.,]0+$/, ""))
    : null;
  if (figure === null || !Number.isFinite(figure) || figure < 0 || figure > 5_000_000) return null;
  return Math.round(metric ? figure * MILES_IN_KILOMETER : figure);
}

/** A figure typed to fill a form: 1, 1234567, 777777. */
export function isPlaceholderMileage(miles: number): boolean {
  const digits = String(miles);
  return /^(\d)\1{4,}$/.test(digits) || (digits.length >= 5 && "1234567890".startsWith(digits));
}
