import assert from "node:assert/strict";
import { type Row, timesBetter } from "./figure.ts";
import { short, table } from "./table.ts";

const row: Row = {
  what: "a claim",
  value: 2,
  unit: "ms",
  better: "less",
  baseline: { name: "the plain way", value: 50 },
};

Deno.test("less time than the baseline is so many times better", () => {
  assert.equal(timesBetter(row), 25);
});

Deno.test("more a second than the baseline is so many times better", () => {
  assert.equal(timesBetter({ ...row, better: "more", value: 100, unit: "per s" }), 2);
});

Deno.test("without a baseline nothing is better", () => {
  assert.equal(timesBetter({ ...row, baseline: null }), null);
});

Deno.test("numbers have three digits that count", () => {
  assert.deepEqual([0, 0.01234, 1.2345, 12.345, 123.45, 1234567].map(short), [
    "0",
    "0.0123",
    "1.23",
    "12.3",
    "123",
    "1,234,567",
  ]);
});

Deno.test("the table names unit, baseline, ratio and aim, and each note once", () => {
  const noted = { ...row, aim: "under 5 ms", note: "On one core." };
  const text = table([noted, noted]);
  assert.match(text, /a claim +2 ms +50 ms \(the plain way\) +25 +under 5 ms/);
  assert.equal(text.split("On one core.").length, 2);
});
