/**
 * Numbers as the pages of the world write them. Thousands are parted by a comma, a dot, an
 * apostrophe, a space or one of its thin kin (CLDR, "number symbols": `group`), the same throughout
 * one number: "85,000", "85.000", "33’399", "389 950".
 */

/** Signs that part thousands and are no plain space, for a character class. */
export const GROUP_SIGNS = ",.'’\\u00a0\\u2009\\u202f";

/**
 * The pattern of a whole number with its thousands parted by one of these signs throughout. `name`
 * is that of the group that remembers the sign, of which a regular expression may have one.
 */
export function groupedPattern(signs: string, name: string): string {
  return `\\d{1,3}(?<${name}>[${signs}])\\d{3}(?:\\k<${name}>\\d{3})*(?!\\d)`;
}

const WHOLE = new RegExp(`^(?:${groupedPattern(`${GROUP_SIGNS} `, "sign")}|\\d+)$`);

/**
 * The value of a number with parted thousands, or of plain digits; `null` for anything else.
 *
 * @example
 * ```ts
 * import { wholeNumber } from "./numbers.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(wholeNumber("33’399"), 33_399);
 * assert.equal(wholeNumber("85.000"), 85_000);
 * assert.equal(wholeNumber("85.00"), null);
 * ```
 */
export function wholeNumber(text: string): number | null {
  return WHOLE.test(text) ? Number(text.replace(/\D/g, "")) : null;
}
