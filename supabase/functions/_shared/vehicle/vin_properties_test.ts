import assert from "node:assert/strict";
import fc from "fast-check";
import { pageText, vin, year } from "./testing/arbitraries.ts";
import { readVin, vinsInProse } from "./vin.ts";

Deno.test("VIN: one with its check digit is read as it is, in any case and with spaces", () => {
  fc.assert(fc.property(vin, fc.boolean(), (vin, lower) => {
    const read = readVin(` ${lower ? vin.toLowerCase() : vin} `, null);
    assert.deepEqual([read?.vin, read?.checkDigit, read?.repaired], [vin, "right", false]);
  }));
});

Deno.test("VIN: a letter O or I for a digit is mended and said to be, never kept", () => {
  fc.assert(fc.property(vin.filter((vin) => /[01]/.test(vin)), (vin) => {
    const slip = vin.replace(/[01]/, (digit) => digit === "0" ? "O" : "I");
    const read = readVin(slip, 2005);
    assert.deepEqual([read?.vin, read?.repaired], [vin, true]);
  }));
});

Deno.test("VIN: no 17 characters read hold a letter that no VIN holds", () => {
  fc.assert(fc.property(pageText, fc.option(year), (text, year) => {
    const read = readVin(text, year);
    if (read?.kind === "vin") assert.match(read.vin, /^[A-HJ-NPR-Z\d]{17}$/);
    for (const { vin } of vinsInProse(text, year)) assert.match(vin, /^[A-HJ-NPR-Z\d]{17}$/);
  }));
});

Deno.test("VIN: prose without figures holds none", () => {
  const prose = fc.array(
    fc.constantFrom(
      ..."the car was repainted in its original colour by Beverly Hills Motorsports of California"
        .split(" "),
    ),
    { maxLength: 40 },
  );
  fc.assert(fc.property(prose, fc.constantFrom(" ", "", "-"), (prose, between) => {
    assert.deepEqual(vinsInProse(prose.join(between), null), []);
  }));
});
