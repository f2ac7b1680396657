/** A site that asks for more than a day is asked again after a day. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * How long a `Retry-After` header asks to wait, in milliseconds from now: seconds, or an HTTP date
 * (RFC 9110, 10.2.3). A date is measured against the answer's own `Date` where there is one, so the
 * clocks of site and worker may differ. Null when the header is absent or says nothing usable.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const now = Date.parse("2026-01-10T12:00:00Z");
 * const wait = (value: string) => retryAfterMs(new Headers({ "retry-after": value }), now);
 * assert.equal(wait("120"), 120_000);
 * assert.equal(wait("Sat, 10 Jan 2026 12:05:00 GMT"), 300_000);
 * assert.equal(wait("soon"), null);
 * assert.equal(wait("999999"), MAX_RETRY_AFTER_MS);
 * ```
 */
export function retryAfterMs(headers: Headers, now: number): number | null {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (text === "") return null;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
  // Only what starts as an HTTP date: Date.parse takes "-5" and "12.5" for years.
  const until = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(until)) return null;
  const sent = Date.parse(headers.get("date") ?? "");
  const wait = until - (Number.isNaN(sent) ? now : sent);
  return Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS);
}
