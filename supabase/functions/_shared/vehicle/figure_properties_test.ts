import assert from "node:assert/strict";
import fc from "fast-check";
import { dateIn, isoFromSeconds } from "./dates.ts";
import { isPlaceholderMileage, mileageNumber, readMileage } from "./mileage.ts";
import { moneyIn, priceOf } from "./money.ts";
import { pageText } from "./testing/arbitraries.ts";

const thousands = (figure: number) => figure.toLocaleString("en-US");

Deno.test("mileage: a figure of miles is read as it is, in thousands as thousands", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 999_999 }), (miles) => {
    assert.deepEqual(readMileage(`${thousands(miles)} Miles`), {
      miles,
      rounded: false,
      meaning: "stated",
    });
    assert.equal(readMileage(`${miles} miles shown`)?.meaning, "shown");
    assert.equal(readMileage(`${thousands(miles)} Miles Shown, TMU`)?.meaning, "unknown");
    assert.equal(mileageNumber(thousands(miles)), miles);
  }));
  fc.assert(fc.property(fc.integer({ min: 1, max: 999 }), (k) => {
    assert.deepEqual(readMileage(`${k}k Miles`), {
      miles: k * 1_000,
      rounded: true,
      meaning: "stated",
    });
  }));
});

Deno.test("mileage: kilometres become miles, unless the text gives the miles itself", () => {
  fc.assert(fc.property(fc.integer({ min: 10, max: 999_999 }), (kilometers) => {
    const read = readMileage(`${thousands(kilometers)} Kilometers`)?.miles ?? 0;
    assert.ok(Math.abs(read * 1.609344 - kilometers) <= 1);
    assert.equal(
      readMileage(`${thousands(kilometers)} Kilometers (~${thousands(777)} Miles)`)?.miles,
      777,
    );
  }));
});

Deno.test("mileage: a text without a unit of distance has none, and placeholders are known", () => {
  fc.assert(fc.property(pageText, (text) => {
    if (!/mi|km|kilo/i.test(text)) assert.equal(readMileage(text), null);
    const miles = readMileage(text)?.miles ?? 0;
    assert.ok(Number.isInteger(miles) && miles >= 0 && miles <= 5_000_000);
  }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 5, max: 7 }), (digit, count) => {
      assert.ok(isPlaceholderMileage(Number(String(digit).repeat(count))));
    }),
  );
});

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

const MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );
const day = fc.date({
  min: new Date("1990-01-02"),
  max: new Date("2068-12-31"),
  noInvalidDate: true,
});

Deno.test("dates: all forms of the sites name the same day", () => {
  fc.assert(fc.property(day, (day) => {
    const iso = day.toISOString().slice(0, 10);
    const [year = 0, month = 0, date = 0] = iso.split("-").map(Number);
    const forms = [iso, `${month}/${date}/${year}`, `${MONTHS[month - 1]} ${date}, ${year}`];
    forms.push(`${date} ${MONTHS[month - 1]?.slice(0, 3)} ${year}`);
    if (year >= 2000) forms.push(`on ${month}/${date}/${String(year).slice(2)}`);
    for (const form of forms) assert.equal(dateIn(`Sold ${form} to x`), iso, form);
    assert.equal(isoFromSeconds(day.getTime() / 1_000)?.slice(0, 10), iso);
  }));
});

Deno.test("dates: a day that no calendar has is none", () => {
  const wrong = fc.constantFrom("2/30/2024", "13/1/2024", "2023-02-29", "April 31, 2025", "0/5/26");
  fc.assert(fc.property(wrong, (text) => assert.equal(dateIn(text), null)));
  fc.assert(fc.property(pageText, (text) => {
    const date = dateIn(text);
    if (date !== null) assert.match(date, /^\d{4}-\d{2}-\d{2}$/);
  }));
});
