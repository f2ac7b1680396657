const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/**
 * Seconds since 1970 as ISO 8601 in UTC; `null` outside 1990–2100, where no listing stands.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(isoFromSeconds("1777060800"), "2026-04-24T20:00:00.000Z");
 * assert.equal(isoFromSeconds(5), null);
 * ```
 */
export function isoFromSeconds(seconds: unknown): string | null {
  const value = typeof seconds === "string" ? Number(seconds) : seconds;
  if (typeof value !== "number" || !(value > 631_152_000 && value < 4_102_444_800)) return null;
  return new Date(Math.trunc(value) * 1000).toISOString();
}

/**
 * The first date written in a text, as `YYYY-MM-DD`: "4/24/26" and "04/24/2026" (month first, as
 * American sites write), "2026-04-24", "April 24, 2026", "24 April 2026". `null` when there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(dateIn("Sold for $42,000 on 4/24/26"), "2026-04-24");
 * assert.equal(dateIn("Ended 24 April 2026"), "2026-04-24");
 * assert.equal(dateIn("Ended yesterday"), null);
 * ```
 */
export function dateIn(text: string): string | null {
  const iso = /\b((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)/.exec(text);
  if (iso !== null) return isoDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const american = /\b(\d{1,2})\/(\d{1,2})\/((?:19|20)?\d{2})\b/.exec(text);
  if (american !== null) {
    const year = Number(american[3]);
    return isoDate(year < 100 ? 2000 + year : year, Number(american[1]), Number(american[2]));
  }
  const named = /\b([A-Z][a-z]{2,8})\.? (\d{1,2})(?:st|nd|rd|th)?,? ((?:19|20)\d{2})\b/.exec(text);
  if (named !== null) return isoDate(Number(named[3]), month(named[1] ?? ""), Number(named[2]));
  const dayFirst = /\b(\d{1,2}) ([A-Z][a-z]{2,8})\.? ((?:19|20)\d{2})\b/.exec(text);
  if (dayFirst === null) return null;
  return isoDate(Number(dayFirst[3]), month(dayFirst[2] ?? ""), Number(dayFirst[1]));
}

function month(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function isoDate(year: number, monthOfYear: number, day: number): string | null {
  const date = new Date(Date.UTC(year, monthOfYear - 1, day));
  if (date.getUTCMonth() !== monthOfYear - 1 || date.getUTCDate() !== day) return null;
  return date.toISOString().slice(0, 10);
}
