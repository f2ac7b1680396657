import assert from "node:assert/strict";
import { isBaitPrice, moneyIn, priceOf } from "./money.ts";

const SUMS: Record<string, [number, string | null] | null> = {
  "USD $42,000": [42_000, "USD"],
  "Sold on 4/24/26 for USD $42,000.00 to SomeBuyer": [42_000, "USD"],
  "Sold on 1/28/23 for $17,000 to A_Bidder71": [17_000, null],
  "$308k": [308_000, null],
  "$1.2m": [1_200_000, null],
  "EUR €98,000": [98_000, "EUR"],
  "€ 12.500": [12_500, "EUR"],
  "12.500 €": [12_500, "EUR"],
  "CAD $1,234.50": [1_234.5, "CAD"],
  "CHF 55'000": [55_000, "CHF"],
  "£9,999 ono": [9_999, "GBP"],
  "A$15,000 200 miles": [15_000, "AUD"],
  "$245.28 Document Fee": [245.28, null],
  "42 miles": null,
  "call": null,
  "": null,
};
for (const [text, expected] of Object.entries(SUMS)) {
  Deno.test(`moneyIn of "${text}"`, () => {
    const money = moneyIn(text);
    assert.deepEqual(money && [money.amount, money.currency], expected);
  });
}

Deno.test("priceOf takes bare numbers too", () => {
  assert.equal(priceOf("20997")?.amount, 20_997);
  assert.equal(priceOf("16995.00")?.amount, 16_995);
  assert.equal(priceOf(16_995)?.amount, 16_995);
  assert.deepEqual([priceOf("Call"), priceOf(-1), priceOf(null), priceOf("2018 Honda")], [
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("isBaitPrice knows prices that are none", () => {
  assert.deepEqual(
    [1, 19, 1234, 12345, 1_234_567, 11_111, 999_999].map(isBaitPrice),
    Array(7).fill(true),
  );
  assert.deepEqual([500, 2000, 12_300, 19_500, 99_000].map(isBaitPrice), Array(5).fill(false));
});
