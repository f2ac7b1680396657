import assert from "node:assert/strict";
import { trimIn } from "./title_trim.ts";

/** What stands behind the maker, and the trim in it. */
const TRIMS: readonly [make: string, model: string, trim: string | null][] = [
  ["BMW", "528i Sport Wagon", null],
  ["Ford", "Explorer Sport Utility", null],
  ["Chevrolet", "Impala SS Sport Coupe 327", "SS"],
  ["Chevrolet", "Cavalier Station Wagon", null],
  ["Jeep", "Wrangler Sport", "Sport"],
  ["BMW", "535i xDrive Sports Wagon M Sport", "M Sport"],
  ["Ford", "Bronco 2 XLT", "XLT"],
  ["Mercedes-Benz", "GT Black Series", "Black Series"],
  ["Ford", "F-550 Chassis Cab", null],
];
for (const [make, model, trim] of TRIMS) {
  Deno.test(`the trim of a ${make} ${model} is ${trim}`, () =>
    assert.equal(trimIn(make, model), trim));
}
