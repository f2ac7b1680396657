import assert from "node:assert/strict";
import { isoTime, jsonNumber } from "./types.ts";

Deno.test("times of Postgres become ISO times, with the offset written out", () => {
  assert.equal(isoTime("2026-11-22 04:41:00.5+00"), "2026-11-22T04:41:00.5+00:00");
  assert.equal(isoTime("2026-11-22 04:41:00+05:30"), "2026-11-22T04:41:00+05:30");
  assert.equal(isoTime("2026-11-22 04:41:00"), "2026-11-22T04:41:00");
  assert.equal(isoTime("infinity"), "infinity");
});

Deno.test("a numeric is a number, except for what JSON cannot say", () => {
  assert.equal(jsonNumber("12.50"), 12.5);
  assert.equal(jsonNumber("NaN"), "NaN");
  assert.equal(jsonNumber("Infinity"), "Infinity");
});
