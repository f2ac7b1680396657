import { modelYearsOf } from "./vin_year.ts";

export interface VinReading {
  /** Upper case; a chassis number of before 1981 as it is written. */
  vin: string;
  /** `vin`: 17 characters of the standard; `chassis`: the maker's own number. */
  kind: "vin" | "chassis";
  /**
   * The check digit: right, wrong, or `null` where there is none to check. Cars built for North
   * America carry it (49 CFR 565.15); makers elsewhere may put any character there.
   */
  checkDigit: "right" | "wrong" | null;
  /** A letter O, Q or I, which no VIN holds, was read as the digit it was taken for. */
  repaired: boolean;
  /** Whether the model year it encodes fits the year given; `null` when either is not known. */
  fitsYear: boolean | null;
}

/** The first model year with the 17-character standard. */
export const FIRST_VIN_YEAR = 1981;

const LETTER_VALUES: Readonly<Record<string, number>> = {
  A: 1,
  B: 2,
  C: 3,
  D: 4,
  E: 5,
  F: 6,
  G: 7,
  H: 8,
  J: 1,
  K: 2,
  L: 3,
  M: 4,
  N: 5,
  P: 7,
  R: 9,
  S: 2,
  T: 3,
  U: 4,
  V: 5,
  W: 6,
  X: 7,
  Y: 8,
  Z: 9,
}; // prettier-ignore
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const STANDARD = /^[A-HJ-NPR-Z\d]{17}$/;

/**
 * Whether the ninth character of a 17-character VIN is the check digit of the others.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.ok(checkDigitFits("WP0AA29829U760958"));
 * assert.ok(!checkDigitFits("WP0AA29829U760959"));
 * ```
 */
export function checkDigitFits(vin: string): boolean {
  if (!STANDARD.test(vin)) return false;
  let sum = 0;
  for (let at = 0; at < 17; at++) {
    const character = vin[at] ?? "";
    sum += (LETTER_VALUES[character] ?? Number(character)) * (WEIGHTS[at] ?? 0);
  }
  const digit = sum % 11 === 10 ? "X" : String(sum % 11);
  return vin[8] === digit;
}

/**
 * Reads what stands where a page states the VIN or chassis number ("Chassis: WP0AA…"). `year` is
 * the model year the page states: before 1981 the number is kept as it is written and never
 * checked. `null` for what is no number of a vehicle ("N/A", "see text", a phone number's dots).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { vin, checkDigit, fitsYear } = readVin("WP0AA29829U760958", 2009) ?? {};
 * assert.deepEqual([vin, checkDigit, fitsYear], ["WP0AA29829U760958", "right", true]);
 * assert.equal(readVin("85576", 1959)?.kind, "chassis");
 * assert.equal(readVin("see text", 1959), null);
 * ```
 */
export function readVin(text: string, year: number | null): VinReading | null {
  const stated = text.replace(/[☆★*"“”]/g, "").split(/\(|;|,|\s\/\s|\bengine\b/i, 1)[0]?.trim() ??
    "";
  const compact = stated.toUpperCase().replace(/[\s-]+/g, "");
  if (compact.length === 17 && (year === null || year >= FIRST_VIN_YEAR)) {
    const vin = standardVin(compact, year);
    if (vin !== null) return vin;
  }
  return chassisNumber(stated, year);
}

function standardVin(compact: string, year: number | null): VinReading | null {
  const repairedText = compact.replace(/[OQ]/g, "0").replace(/I/g, "1");
  if (!STANDARD.test(repairedText) || !plausible(repairedText)) return null;
  const repaired = repairedText !== compact;
  const fits = checkDigitFits(repairedText);
  // Only the check digit can tell that the letter was a slip and not a number of another kind.
  if (repaired && !fits) return null;
  const mustFit = /^[1-5]/.test(repairedText);
  const couldFit = /[\dX]/.test(repairedText[8] ?? "");
  const checkDigit = fits ? "right" : mustFit || couldFit ? "wrong" : null;
  const years = modelYearsOf(repairedText);
  const fitsYear = year === null || years.length === 0
    ? null
    : years.some((one) => Math.abs(one - year) <= 1);
  return { vin: repairedText, kind: "vin", checkDigit, repaired, fitsYear };
}

/** Digits where the standard has the serial number, so that prose of 17 letters is refused. */
function plausible(vin: string): boolean {
  return /\d{3}$/.test(vin) && (vin.match(/\d/g)?.length ?? 0) >= 4 && !/(.)\1{7}/.test(vin);
}

const NO_NUMBER =
  /\b(?:call|see|ask|unknown|pending|available|withheld|request|text|photos?|below|tba|tbd)\b/i;

/** How many were built, or the number of something else: "1 of 25", "No. 3/50", "Body 4410", "Lot 231". */
const OTHER_NUMBER =
  /\b(?:\d+|ONE) OF \S|^(?:NO\.?|NUMBER|#)\s*\d+\s*\/|^\d{1,3}\s*\/\s*\d{1,4}$|^(?:BODY|COACH|ENGINE|MOTOR|LOT|STOCK|STK|ITEM|TITLE|PLATE|TAG)\b/;

function chassisNumber(stated: string, year: number | null): VinReading | null {
  const text = stated.replace(/\s+/g, " ").toUpperCase();
  if (OTHER_NUMBER.test(text)) return null;
  if (text.length < 3 || text.length > 25 || !/^[A-Z\d][A-Z\d ./*-]*$/.test(text)) return null;
  if (NO_NUMBER.test(text)) return null;
  if ((text.match(/\d/g)?.length ?? 0) < 2 || /^(.)\1+$/.test(text)) return null;
  if (text.split(" ").some((word) => /^[A-Z]{5,}$/.test(word)) || text.split(" ").length > 4) {
    return null;
  }
  const wrongLength = year !== null && year >= FIRST_VIN_YEAR && text.length > 14 &&
    text.length !== 17;
  return {
    vin: text,
    kind: "chassis",
    checkDigit: wrongLength ? "wrong" : null,
    repaired: false,
    fitsYear: null,
  };
}

const IN_PROSE = /(?<![A-Za-z\d])(?=[A-Za-z]*\d)[A-HJ-NPR-Za-hj-npr-z\d]{17}(?![A-Za-z\d])/g;
const LABELLED =
  /\b(?:VIN|V\.I\.N\.|vehicle identification number|chassis(?: (?:number|no\.?|#))?)\s*(?:number|no\.?|is|#)?\s*[:#-]?\s*([A-Z\d][A-Z\d -]{15,24})/gi;

/**
 * VINs of 17 characters that stand in running text, each once: those after a label, and those
 * without one whose check digit fits. Phone numbers and words joined together are not VINs.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const [vin] = vinsInProse("Clean title. VIN: WP0AA29829U760958, 31k miles.", 2009);
 * assert.deepEqual([vin?.vin, vin?.labelled], ["WP0AA29829U760958", true]);
 * ```
 */
export function vinsInProse(
  text: string,
  year: number | null,
): (VinReading & { labelled: boolean })[] {
  const sample = text.length > 200_000 ? text.slice(0, 200_000) : text;
  const found = new Map<string, VinReading & { labelled: boolean }>();
  for (const match of sample.matchAll(LABELLED)) {
    const compact = (match[1] ?? "").toUpperCase().replace(/[ -]/g, "").slice(0, 17);
    const vin = compact.length === 17 ? standardVin(compact, year) : null;
    if (vin !== null && !found.has(vin.vin)) found.set(vin.vin, { ...vin, labelled: true });
  }
  for (const match of sample.matchAll(IN_PROSE)) {
    const vin = standardVin(match[0].toUpperCase(), year);
    if (vin?.checkDigit === "right" && !found.has(vin.vin)) {
      found.set(vin.vin, { ...vin, labelled: false });
    }
  }
  return [...found.values()];
}
