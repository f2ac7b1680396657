import assert from "node:assert/strict";
import fc from "fast-check";
import { checkDigitFits, readVin, vinsInProse } from "./vin.ts";
import { modelYearsOf } from "./vin_year.ts";

Deno.test("checkDigitFits follows the standard's own example and refuses one wrong character", () => {
  assert.equal(checkDigitFits("1M8GDM9AXKP042788"), true);
  assert.equal(checkDigitFits("1M8GDM9AXKP042789"), false);
  assert.equal(checkDigitFits("1M8GDM9AXKP04278"), false);
  assert.equal(checkDigitFits("1M8GDM9AXKPO42788"), false);
});

Deno.test("any one changed character of a VIN is noticed, but for those that weigh the same", () => {
  const vin = "WP0AA29829U760958";
  const place = fc.integer({ min: 0, max: 16 }).filter((at) => at !== 8);
  fc.assert(fc.property(place, fc.constantFrom(..."0123456789"), (at, digit) => {
    const changed = vin.slice(0, at) + digit + vin.slice(at + 1);
    if (!/\d/.test(vin[at] ?? "") || changed === vin) return;
    assert.equal(checkDigitFits(changed), false);
  }));
});

Deno.test("a VIN is read with its check digit and compared with the year", () => {
  const vin = readVin(" WP0AA29829U760958 ", 2009);
  assert.deepEqual(vin, {
    vin: "WP0AA29829U760958",
    kind: "vin",
    checkDigit: "right",
    repaired: false,
    fitsYear: true,
  });
  assert.equal(readVin("WP0AA29829U760958", 2004)?.fitsYear, false);
  assert.equal(readVin("wp0 aa298 29u 760958", 2009)?.vin, "WP0AA29829U760958");
});

Deno.test("a maker that puts no check digit in its VINs is not held to one", () => {
  assert.equal(readVin("WP0ZZZ91ZKS100904", 1988)?.checkDigit, null);
  assert.equal(readVin("1FPL48303JA004060", 1988)?.checkDigit, "wrong");
});

Deno.test("a letter O typed for a zero is repaired when the check digit then fits, and only then", () => {
  const repaired = readVin("WPOAB29807U780670", 2007);
  assert.deepEqual([repaired?.vin, repaired?.repaired, repaired?.kind], [
    "WP0AB29807U780670",
    true,
    "vin",
  ]);
  const not = readVin("MI0369A155L070194", null);
  assert.deepEqual([not?.kind, not?.vin], ["chassis", "MI0369A155L070194"]);
});

Deno.test("a chassis number of before 1981 is kept as it is written and never checked", () => {
  for (
    const [text, year] of [["85576", 1959], ["GHNL2/104862", 1967], ["194377S109769", 1967], [
      "CT70-2101780",
      1973,
    ]] as const
  ) {
    assert.deepEqual(readVin(text, year), {
      vin: text,
      kind: "chassis",
      checkDigit: null,
      repaired: false,
      fitsYear: null,
    });
  }
  assert.equal(readVin("WP0AA29829U760958", 1959)?.checkDigit, null);
});

Deno.test("remarks behind a chassis number are cut off", () => {
  assert.equal(readVin("9113600571 (see text)", 1973)?.vin, "9113600571");
  assert.equal(readVin("123456, Engine: 789", 1966)?.vin, "123456");
  assert.equal(readVin("☆6332035☆", 1973)?.vin, "6332035");
});

Deno.test("what is no number of a vehicle is refused", () => {
  for (
    const text of [
      "N/A",
      "",
      "see text",
      "Withheld",
      "0000000",
      "seventeenlettersx",
      "available on request",
      "call 555",
      "1 of 25",
      "No. 3 of 50",
      "One of 500",
      "#12/500",
      "Body 4410",
      "Body No. 4410",
      "Lot 231",
      "x",
    ]
  ) {
    assert.equal(readVin(text, 1995), null, text);
  }
});

Deno.test("a number of the wrong length for its year is doubted", () => {
  assert.equal(readVin("2FTRX07L3YCB064403", 2000)?.checkDigit, "wrong");
  assert.equal(readVin("V554400440", 1997)?.checkDigit, null);
});

Deno.test("VINs are found in prose by their label or their check digit, and words are not", () => {
  const found = vinsInProse(
    "Call 5551234567890123 about VIN: WP0AA29829U760958. Seventeen letters: ABSENTMINDEDNESSX.",
    2009,
  );
  assert.deepEqual(found.map(({ vin, labelled }) => [vin, labelled]), [[
    "WP0AA29829U760958",
    true,
  ]]);
  assert.deepEqual(vinsInProse("the car 1M8GDM9AXKP042788 is here", null).map(({ vin }) => vin), [
    "1M8GDM9AXKP042788",
  ]);
  assert.deepEqual(vinsInProse("the car 1M8GDM9AXKP042789 is here", null), []);
  assert.deepEqual(vinsInProse("12345678901234567 antidisestablishme", null), []);
});

Deno.test("modelYearsOf gives both cycles, and none where the character stands for nothing", () => {
  assert.deepEqual(modelYearsOf("WP0AA29829U760958"), [2009, 2039]);
  assert.deepEqual(modelYearsOf("1M8GDM9AXKP042788"), [1989, 2019]);
  assert.deepEqual(modelYearsOf("WBACE11050EZ34318"), []);
});
