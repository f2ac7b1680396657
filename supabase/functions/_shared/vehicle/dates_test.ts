import assert from "node:assert/strict";
import { dateIn, isoFromSeconds } from "./dates.ts";

Deno.test("dateIn reads the ways in which dates are written, month first with slashes", () => {
  assert.equal(dateIn("Sold on 4/24/26 for $1"), "2026-04-24");
  assert.equal(dateIn("Reserve not met on 11/07/2025"), "2025-11-07");
  assert.equal(dateIn("on April 24, 2026"), "2026-04-24");
  assert.equal(dateIn("24 April 2026"), "2026-04-24");
  assert.equal(dateIn("2026-04-24T10:00Z"), "2026-04-24");
});

Deno.test("dateIn refuses days that do not exist", () => {
  assert.deepEqual([
    dateIn("13/13/26"),
    dateIn("2/30/2026"),
    dateIn("Foobar 12, 2026"),
    dateIn("soon"),
  ], [null, null, null, null]);
});

Deno.test("isoFromSeconds takes seconds of our time only", () => {
  assert.equal(isoFromSeconds(1_777_056_942), "2026-04-24T18:55:42.000Z");
  assert.equal(isoFromSeconds("1777056942"), "2026-04-24T18:55:42.000Z");
  assert.deepEqual([
    isoFromSeconds(0),
    isoFromSeconds(NaN),
    isoFromSeconds("x"),
    isoFromSeconds(1e15),
    isoFromSeconds(null),
  ], Array(5).fill(null));
});
