import assert from "node:assert/strict";
import { isPlaceholderMileage, mileageNumber, readMileage } from "./mileage.ts";

const READ: Record<string, [number, "stated" | "shown" | "unknown"] | null> = {
  "12,345 Miles": [12_345, "stated"],
  "61 Miles": [61, "stated"],
  "13k Miles": [13_000, "stated"],
  "49K Miles": [49_000, "stated"],
  "500 Miles Shown": [500, "shown"],
  "31k Miles Shown": [31_000, "shown"],
  "4,300 Miles Indicated": [4_300, "shown"],
  "31k Miles Shown, TMU": [31_000, "unknown"],
  "123k Miles Shown on Repaired Speedometer": [123_000, "unknown"],
  "5,500 Miles on Build": [5_500, "unknown"],
  "54k Kilometers (~34k Miles) Shown": [34_000, "shown"],
  "100,000 Kilometers": [62_137, "stated"],
  "103 Kilomters (~65 Miles)": [65, "stated"],
  "Four Miles Shown, TMU": [4, "unknown"],
  "97,561 mi": [97_561, "stated"],
  "odometer 68000 miles": [68_000, "stated"],
  "Total Mileage Unknown": null,
  "No Odometer": null,
  "175-mph Speedometer": null,
  "20 miles per gallon": null,
  "12 Hours Shown": null,
  "$5,000 30 miles from town": null,
  "Michelin Tires": null,
};
for (const [text, expected] of Object.entries(READ)) {
  Deno.test(`readMileage of "${text}"`, () => {
    const read = readMileage(text);
    assert.deepEqual(read && [read.miles, read.meaning], expected);
  });
}

Deno.test("a figure in thousands is known to be rounded", () => {
  assert.equal(readMileage("13k Miles")?.rounded, true);
  assert.equal(readMileage("13,012 Miles")?.rounded, false);
});

Deno.test("a form's number is converted, and what is no number is none", () => {
  assert.deepEqual(["97,561", 5, "16000.0", "12 000"].map((value) => mileageNumber(value)), [
    97_561,
    5,
    16_000,
    12_000,
  ]);
  assert.equal(mileageNumber(100_000, true), 62_137);
  assert.deepEqual(
    ["", "low", -1, NaN, 9e9, null, {}].map((value) => mileageNumber(value)),
    Array(7).fill(null),
  );
});

Deno.test("figures typed to fill a form are known", () => {
  assert.deepEqual([777_777, 1_234_567, 111_111, 77_000, 12_340].map(isPlaceholderMileage), [
    true,
    true,
    true,
    false,
    false,
  ]);
});
