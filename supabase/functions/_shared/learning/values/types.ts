import { code } from "./code.ts";
import { date } from "./date.ts";
import { money, number } from "./number.ts";
import { text } from "./text.ts";
import type { FactValue, FieldType, TypeReader } from "./type.ts";

/** The reader of each type. */
export const TYPES: Readonly<Record<FieldType, TypeReader>> = { text, number, money, code, date };

/** What a value may be short of all being alike, so that a type is guessed. */
const MOST = 0.9;
const CURRENCY = /[$€£¥₹₽₩₪₺]|\b(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|PLN|INR)\b|\bkr\b|zł/i;

/**
 * The type that known values of a field most probably have.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(guessType(["£51.77", "£9.00"]), "money");
 * assert.equal(guessType([12.5, 9]), "number");
 * assert.equal(guessType(["978-0-13-235088-4", "9780201633610"]), "code");
 * assert.equal(guessType(["2021-03-05", "March 7, 2019"]), "date");
 * assert.equal(guessType(["The Great Gatsby", "1984"]), "text");
 * ```
 */
export function guessType(values: readonly FactValue[]): FieldType {
  const share = (fits: (value: FactValue) => boolean) =>
    values.length > 0 && values.filter(fits).length >= MOST * values.length;
  if (share((value) => typeof value === "number")) {
    return share((value) => Number.isInteger(value) && Number(value) >= 1e9) ? "code" : "number";
  }
  if (share((value) => date.normal(value) !== null)) return "date";
  if (share((value) => CURRENCY.test(String(value)) && money.normal(value) !== null)) {
    return "money";
  }
  if (share(isPlainNumber)) return "number";
  return share(isCode) ? "code" : "text";
}

/** Digits as a number has them: no leading zero, not as many as a code's. */
function isPlainNumber(value: FactValue): boolean {
  return /^-?(?:[1-9]\d{0,2}(?:[,. ]\d{3})+|[1-9]\d{0,7}|0)(?:[.,]\d{1,4})?$/.test(String(value));
}

function isCode(value: FactValue): boolean {
  const written = String(value).trim();
  return /^(?:[A-Za-z\d][A-Za-z\d\-._/]*|\d[\d \-]*[\dXx])$/.test(written) && /\d/.test(written) &&
    written.length >= 4;
}
