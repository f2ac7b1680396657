/** The tenth character of a VIN, from 1980 and again from 2010 (49 CFR 565.15, table VII). */
const CODES = "ABCDEFGHJKLMNPRSTVWXY123456789";
const CYCLE = 30;

/**
 * The model years that a VIN of 17 characters can mean; none when the maker does not use the
 * tenth character for it. The letters repeat after 30 years, so there are two.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(modelYearsOf("WP0AA29829U760958"), [2009, 2039]);
 * ```
 */
export function modelYearsOf(vin: string): number[] {
  const at = CODES.indexOf(vin[9] ?? "?");
  if (at < 0) return [];
  const first = 1980 + at;
  return [first, first + CYCLE];
}
