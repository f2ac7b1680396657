import assert from "node:assert/strict";
import { count, megabytes, money, percent, plural, points, span } from "./words.ts";

Deno.test("what was not measured is a dash, never 0", () => {
  for (const said of [count(null), percent(null), points(null), money(null), megabytes(null)]) {
    assert.equal(said, "–");
  }
  assert.equal(count(0), "0");
  assert.equal(percent(0), "0 %");
});

Deno.test("a price keeps as many digits as say something", () => {
  assert.deepEqual([money(1234.5), money(12.345), money(0.00123), money(0)], [
    "1,235",
    "12.35",
    "0.0012",
    "0.00",
  ]);
});

Deno.test("a change of a share is in percentage points, with its sign", () => {
  assert.deepEqual([points(0.042), points(-0.3), points(-0.0002)], [
    "+4.2 pp",
    "−30 pp",
    "±0 pp",
  ]);
});

Deno.test("a distance in time is in the largest unit that fits", () => {
  assert.deepEqual([span(42), span(-600), span(7_200), span(10 * 86_400)], [
    "42 s",
    "10 min",
    "2 h",
    "10 days",
  ]);
});

Deno.test("one is singular, everything else plural", () => {
  assert.deepEqual([plural(1, "car"), plural(0, "car"), plural(1200, "car")], [
    "1 car",
    "0 cars",
    "1,200 cars",
  ]);
});
