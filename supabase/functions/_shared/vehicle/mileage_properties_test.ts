import assert from "node:assert/strict";
import fc from "fast-check";
import { isPlaceholderMileage, mileageNumber, readMileage } from "./mileage.ts";
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
