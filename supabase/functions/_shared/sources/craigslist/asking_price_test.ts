import assert from "node:assert/strict";
import fc from "fast-check";
import { readAskingPrice } from "./asking_price.ts";

const CASES: readonly [number | null, string, number | null][] = [
  [19, "Great truck. Asking 19,500 obo", 19_500],
  [1, "$1 price is 7500 firm", 7_500],
  [1, "MAKE OFFER. calls only 864-555-0100, 6,200 miles on motor", null],
  [1, "KBB is $12,000, NADA 11,500. Make offer", null],
  [1_234, "12k obo", 12_000],
  [12_345, "Trade for another truck", null],
  [100, "price: $14,900", 14_900],
  [1_500, "$1,500 down and drive today!", null],
  [1_999, "$1999 DOWN PAYMENT, balance later", null],
  [6_500, "New engine $3500, over $10,000 invested", 6_500],
  [38_799, "Similar ones are selling for $42K at a dealership", 38_799],
  [9_999, "", 9_999],
  [null, "53k original miles. $3,500 cash only", 3_500],
  [null, "paid over $2k for repairs in 2005", null],
];
for (const [field, text, meant] of CASES) {
  Deno.test(`price ${field}, "${text}" → ${meant}`, () => {
    assert.equal(readAskingPrice(field, "", text)?.amount ?? null, meant);
  });
}

Deno.test("a text that asks the same makes surer, one that asks another sum less sure", () => {
  assert.equal(readAskingPrice(7_100, "", "asking $7100")?.trust, "agreed");
  assert.equal(readAskingPrice(7_100, "", "nice car")?.trust, "stated");
  assert.equal(readAskingPrice(7_100, "", "price is 6500 firm")?.trust, "disputed");
  assert.equal(readAskingPrice(150, "", "nice car")?.trust, "doubtful");
});

Deno.test("a sum is the field's or stands in the text, and is never bait", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "$",
      "asking",
      "obo",
      "price",
      "down",
      "KBB",
      "k",
      "firm",
      "\n",
      "miles",
      "$1",
      "1234",
    ),
    fc.integer({ min: 0, max: 2_000_000 }).map((number) => number.toLocaleString("en-US")),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 0, max: 1_000_000 })),
      fc.array(word, { maxLength: 40 }),
      (field, words) => {
        const reading = readAskingPrice(field, "", words.join(" "));
        if (reading === null) return;
        assert.ok(reading.amount >= 100);
        if (reading.from === "field") assert.equal(reading.amount, field);
      },
    ),
    { numRuns: 500, seed: 20261122 },
  );
});
