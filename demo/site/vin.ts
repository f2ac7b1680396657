/** Values and weights of 49 CFR 565.15 (c): the letters I, O and Q never stand in a VIN. */
const LETTER_VALUES: Record<string, number> = Object.fromEntries([
  ..."ABCDEFGH".split("").map((letter, i) => [letter, i + 1]),
  ..."JKLMN".split("").map((letter, i) => [letter, i + 1]),
  ["P", 7],
  ["R", 9],
  ..."STUVWXYZ".split("").map((letter, i) => [letter, i + 2]),
]);
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789";

/** The character that stands in position 9 of a 17-character VIN; throws on another length or letter. */
export function checkDigit(vin: string): string {
  if (vin.length !== 17) throw new RangeError(`a VIN has 17 characters: ${vin}`);
  const sum = [...vin].reduce((total, character, i) => {
    const value = i === 8 ? 0 : /\d/.test(character) ? Number(character) : LETTER_VALUES[character];
    if (value === undefined) throw new RangeError(`not a VIN character: ${character} in ${vin}`);
    return total + value * (WEIGHTS[i] ?? 0);
  }, 0);
  return sum % 11 === 10 ? "X" : String(sum % 11);
}

/** The code of a model year in position 10 (1980 is A; it repeats every 30 years). */
export function yearCode(year: number): string {
  return YEAR_CODES[(((year - 1980) % 30) + 30) % 30] as string; // the index is always 0 to 29
}

/**
 * A chassis number after a pattern: `#` is a digit of `serial`, `~` the code of the model year, `*`
 * the check digit, `%` the last digit of the year; all else stands for itself. Distinct serials
 * (0 up to 10 to the number of `#`) give distinct numbers, in an order that looks like chance.
 */
export function chassisNumber(pattern: string, year: number, serial: number): string {
  const places = pattern.split("#").length - 1;
  const digits = String((serial * 7919) % 10 ** places).padStart(places, "0");
  let place = 0;
  const filled = pattern
    .replace(/#/g, () => digits.charAt(place++))
    .replace(/~/g, yearCode(year))
    .replace(/%/g, String(year % 10));
  return filled.includes("*") ? filled.replace("*", checkDigit(filled.replace("*", "0"))) : filled;
}
