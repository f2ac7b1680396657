import assert from "node:assert/strict";
import { MAX_RETRY_AFTER_MS, retryAfterMs } from "./retry_after.ts";

const NOW = Date.parse("2025-01-01T00:00:00Z");
const wait = (value: string, date?: string) =>
  retryAfterMs(new Headers({ "retry-after": value, ...(date ? { date } : {}) }), NOW);

Deno.test("seconds are waited", () => assert.equal(wait("120"), 120_000));
Deno.test("zero seconds are no wait", () => assert.equal(wait("0"), 0));
Deno.test("an HTTP date is waited for", () => {
  assert.equal(wait("Wed, 01 Jan 2025 00:01:30 GMT"), 90_000);
  assert.equal(wait("Wednesday, 01-Jan-25 00:01:30 GMT"), 90_000);
});
Deno.test("a date is measured against the site's own clock", () => {
  assert.equal(wait("Wed, 01 Jan 2025 05:01:30 GMT", "Wed, 01 Jan 2025 05:00:00 GMT"), 90_000);
});
Deno.test("a date that has passed is no wait", () => {
  assert.equal(wait("Tue, 31 Dec 2024 00:00:00 GMT"), 0);
});
Deno.test("more than a day is taken for a day", () => {
  assert.equal(wait("99999999999999999999"), MAX_RETRY_AFTER_MS);
  assert.equal(wait("Fri, 01 Jan 2100 00:00:00 GMT"), MAX_RETRY_AFTER_MS);
});
for (const value of ["", "soon", "-5", "12.5", "NaN"]) {
  Deno.test(`'${value}' says nothing`, () => assert.equal(wait(value), null));
}
Deno.test("no header says nothing", () => assert.equal(retryAfterMs(new Headers(), NOW), null));
