import { strict as assert } from "node:assert";
import { MODELS } from "./cars.ts";
import { chassisNumber, checkDigit, yearCode } from "./vin.ts";

Deno.test("the check digit of VINs known to be right", () => {
  for (const vin of ["WP0AA29829U760958", "ZFFYT53A010124655", "1M8GDM9AXKP042788"]) {
    assert.equal(checkDigit(vin), vin.charAt(8));
  }
});

Deno.test("letters that never stand in a VIN, and other lengths, are refused", () => {
  assert.throws(() => checkDigit("WP0AA29829U76O958"), /not a VIN character/);
  assert.throws(() => checkDigit("WP0AA29829U76095"), /17 characters/);
});

Deno.test("the year code repeats after thirty years", () => {
  assert.equal(yearCode(1980), "A");
  assert.equal(yearCode(2009), "9");
  assert.equal(yearCode(2010), "A");
});

Deno.test("a chassis number keeps its pattern, with year and check digit in their places", () => {
  assert.match(chassisNumber("911%2#####", 1973, 4), /^91132\d{5}$/);
  const vin = chassisNumber("WP0AB091*~S1#####", 1987, 4);
  assert.equal(vin.length, 17);
  assert.equal(vin.charAt(9), "H");
  assert.equal(vin.charAt(8), checkDigit(vin));
});

Deno.test("thousands of serials give distinct numbers for every model", () => {
  for (const model of MODELS) {
    const numbers = new Set(
      Array.from({ length: 4_000 }, (_, i) => chassisNumber(model.chassis, model.years[0], i)),
    );
    assert.equal(numbers.size, 4_000, `${model.make} ${model.model}`);
  }
});

Deno.test("cars from 1981 on have a VIN of 17 characters, older ones a shorter chassis number", () => {
  for (const model of MODELS) {
    const length = chassisNumber(model.chassis, model.years[0], 1).length;
    assert.equal(model.years[0] > 1980, length === 17, `${model.make} ${model.model}: ${length}`);
  }
});
