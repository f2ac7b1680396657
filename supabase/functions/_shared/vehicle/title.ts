import { tidy } from "../domain/text.ts";
import { makeAtStart, makeWithin } from "./makes.ts";
import { rareMakeAtStart } from "./rare_makes.ts";

export interface TitleReading {
  year: number | null;
  make: string | null;
  /** Whether the maker is one this database knows, rather than the word that stands in its place. */
  makeKnown: boolean;
  /** Model with its variant, as the title writes them: "911 Carrera Coupe", "356A Convertible D". */
  model: string | null;
  /** What stands before the year: "No Reserve: 36k-Mile". */
  before: string;
  /** What was cut off the end: "6-Speed", "w/Hardtop". */
  after: string;
}

/** Makers began in the 1880s; a title may name next year's model, and no clock is read here. */
const FIRST_YEAR = 1885;
const LAST_YEAR = 2035;

/** A year that stands by itself: not "1,999-Mile", "2002-Powered", "1966-1968", "2000cc", "$1990". */
const YEAR =
  /(?<![\d,.$€£#\/–-])\b((?:18|19|20)\d{2})(?:[½.]5?)?(?![\p{L}\d,]|\.\d{2}|[-–—/]\d|[-–—](?:mile|kilomet|powered|style|inch|cc|ci)|\s?(?:cc|ci|miles?|km|kilometers?|lbs?|rpm|hp)\b|["″”'])/giu;

const GEARS = "(?:\\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)[- ]speed";

/** A tail that tells how the car drives or what comes with it, and is no part of the model's name. */
const TAIL = [
  /\s+w\/\s?.*$/i,
  /\s+(?:with|and) (?:trailer|hardtop|spares)\b.*$/i,
  new RegExp(
    `(?:^|\\s+)${GEARS}(?:\\s+(?:manual|automatic|conversion|swap|project|4x4|4wd|awd|rwd|2wd))*$`,
    "i",
  ),
  // What it was made into stands behind its gears: "6-Speed Track Car", "5-Speed NASA GTS4 Race Car".
  new RegExp(
    `\\s+${GEARS}(?:\\s+\\S+){0,4}\\s+(?:track|race|rally|drift|drag) (?:car|truck)$`,
    "i",
  ),
  new RegExp(`\\s+${GEARS}\\s+(?:for|by|in|at|from)\\s.*$`, "i"),
  /\s+project$/i,
];

/**
 * Reads a listing's title: "31-Years-Owned 1988 BMW M5", "No Reserve: 36k-Mile 2001 Porsche 911
 * Carrera 4 6-Speed". A field that the title does not name is `null`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { year, make, model, before, after } = parseTitle(
 *   "No Reserve: 36k-Mile 2001 Porsche 911 Carrera 4 6-Speed",
 * );
 * assert.deepEqual([year, make, model], [2001, "Porsche", "911 Carrera 4"]);
 * assert.deepEqual([before, after], ["No Reserve: 36k-Mile", "6-Speed"]);
 * ```
 */
export function parseTitle(title: string): TitleReading {
  const text = tidy(title.slice(0, 500)).replace(/×/g, "x");
  const year = yearIn(text) ?? shortYearIn(text);
  const named = year === null
    ? makeWithoutYear(text)
    : makeAfterYear(text.slice(year.end), year.year);
  const { model, after } = splitTail(named?.rest ?? "");
  return {
    year: year?.year ?? null,
    make: named?.make ?? null,
    makeKnown: named?.known ?? false,
    model: model === "" ? null : model,
    before: text.slice(0, year?.at ?? 0).trim(),
    after,
  };
}

function yearIn(text: string): { year: number; at: number; end: number } | null {
  let first: { year: number; at: number; end: number } | null = null;
  for (const match of text.matchAll(YEAR)) {
    const year = Number(match[1]);
    if (year < FIRST_YEAR || year > LAST_YEAR) continue;
    const found = { year, at: match.index, end: match.index + match[0].length };
    // A model may be called 2002 or 1750: the year is the number that a maker's name follows.
    if (makerAt(text.slice(found.end)) !== null) return found;
    first ??= found;
  }
  return first;
}

/** "’32 Ford": a year of two digits, only with its apostrophe and before a maker's name. */
function shortYearIn(text: string): { year: number; at: number; end: number } | null {
  for (const match of text.matchAll(/(?<!\w)[’'](\d{2})(?=\s)/g)) {
    const end = match.index + match[0].length;
    if (makerAt(text.slice(end)) === null) continue;
    const short = Number(match[1]);
    // A hundred years are told apart by what is on offer: nearly nobody sells a car of before 1925.
    return { year: short < 25 ? 2000 + short : 1900 + short, at: match.index, end };
  }
  return null;
}

interface Named {
  make: string;
  known: boolean;
  rest: string;
}

function makerAt(text: string, year: number | null = null): Named | null {
  const found = makeAtStart(text) ?? rareMakeAtStart(text, year);
  return found === null ? null : { ...found, known: true };
}

function makeAfterYear(rest: string, year: number): Named | null {
  const known = makerAt(rest, year);
  if (known !== null) return known;
  const words = rest.trim().split(/\s+/);
  const first = words[0] ?? "";
  if (!/^[\p{L}][\p{L}\d.&'’-]+$/u.test(first)) return null;
  // "2014 Octane Academy Ford Focus": the maker stands a few words on.
  const later = makeWithin(words.slice(0, MOST_BEFORE_MAKE + 1).join(" "));
  if (later !== null) {
    const at = words.findIndex((_, from) =>
      makeAtStart(words.slice(from).join(" "))?.make === later.make
    );
    if (at > 0) return makerAt(words.slice(at).join(" "));
  }
  return { make: first, known: false, rest: words.slice(1).join(" ") };
}

/** Words between a year and its maker, at most. */
const MOST_BEFORE_MAKE = 3;
/** What stands before a maker's name where no year does: "428-Powered", "Modified", "Euro". */
const QUALIFIER =
  /^(?:no reserve:|\S+[-–—](?:powered|owned|mile|kilometer|converted|style|equipped|bodied|engined?|swapped|built|spec(?:ification)?)|modified|custom|euro|jdm|original-owner|one-owner|supercharged|turbocharged|fuel-injected|replica),?\s+/i;

function makeWithoutYear(text: string): Named | null {
  let rest = text;
  for (let pass = 0; pass < 6; pass++) {
    // An engine named in two words: "Roush 402R-Powered", "Nissan 1.4L–Powered".
    const next = rest.replace(/^(?:\S+\s){1,2}\S+[-–—]powered\s+/i, "").replace(QUALIFIER, "");
    if (next === rest) break;
    rest = next;
  }
  const found = makerAt(rest);
  if (found !== null && !/^\S*[-–—]style\b/i.test(found.rest)) return found;
  const within = makeWithin(rest);
  return within === null ? null : { ...within, known: true };
}

function splitTail(text: string): { model: string; after: string } {
  let model = text;
  for (let pass = 0; pass < 3; pass++) {
    const before = model;
    for (const tail of TAIL) model = model.replace(tail, "");
    if (model === before) break;
  }
  model = model.replace(/[\s,;:–-]+$/, "");
  return { model, after: text.slice(model.length).trim() };
}
