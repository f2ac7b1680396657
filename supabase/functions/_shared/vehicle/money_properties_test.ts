import assert from "node:assert/strict";
import fc from "fast-check";
import { moneyIn, priceOf } from "./money.ts";
import { pageText } from "./testing/arbitraries.ts";

const thousands = (figure: number) => figure.toLocaleString("en-US");

Deno.test("money: a sum is read with its currency, with and without thousands parted", () => {
  const code = fc.constantFrom("USD", "CAD", "EUR", "GBP", "CHF");
  fc.assert(fc.property(fc.integer({ min: 0, max: 99_999_999 }), code, (amount, currency) => {
    for (const figure of [String(amount), thousands(amount)]) {
      assert.deepEqual(moneyIn(`Sold for ${currency} ${figure} on 4/24/26`), { amount, currency });
    }
    assert.deepEqual(moneyIn(`$${thousands(amount)} by bidder`), { amount, currency: null });
    assert.equal(priceOf(thousands(amount))?.amount, amount);
  }));
});

Deno.test("money: a text without a currency holds no sum", () => {
  fc.assert(fc.property(pageText, (text) => {
    const sum = moneyIn(text);
    if (sum === null) return;
    assert.match(text, /[$€£¥]|USD|CAD|AUD|NZD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|MXN/);
    assert.ok(sum.amount >= 0 && sum.amount <= 1_000_000_000);
  }));
});
