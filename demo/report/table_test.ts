import { strict as assert } from "node:assert";
import { bar, span, table } from "./table.ts";

Deno.test("columns are as wide as their widest cell, numbers stand at the right", () => {
  const text = table([["field", "filled"], ["vin", "7"], ["mileage", "213"]], [1]);
  assert.equal(text, "  field     filled\n  vin            7\n  mileage      213");
});

Deno.test("a bar shows more than nothing for any share above zero", () => {
  assert.equal(bar(0, 10), "");
  assert.equal(bar(0.001, 10), "█");
  assert.equal(bar(0.5, 10), "█████");
  assert.equal(bar(2, 10), "██████████");
});

Deno.test("a span names its two largest units", () => {
  assert.equal(span(0), "0 s");
  assert.equal(span(61), "1 min 1 s");
  assert.equal(span(86_400), "1 day");
  assert.equal(span(2 * 86_400 + 3_700), "2 days 1 h");
});
