import assert from "node:assert/strict";
import { FactBook } from "./fact_book.ts";
import { addMake, addMileage, addVin } from "./stated.ts";

const place = { way: "labelled", where: "list" } as const;
const vin = (stated: string | null, year: number | null) => {
  const facts = new FactBook();
  addVin(facts, stated, year, place);
  return facts.all().vin;
};
const mileage = (stated: string | number | null) => {
  const facts = new FactBook();
  addMileage(facts, stated, place);
  return facts.all().mileage;
};

Deno.test("a VIN whose check digit and year fit is surest, a wrong digit of a US one is unsure", () => {
  const right = vin("JHMAP1140YT000726", 2000)?.confidence ?? 0;
  const wrong = vin("1HGCM82633A004353", 2003)?.confidence ?? 1;
  const european = vin("WDB1240321B123456", 1990)?.confidence ?? 0;
  assert.ok(right > 0.98 && european < 0.9 && european > 0.5 && wrong < 0.5);
});

Deno.test("a chassis number of before 1981 is kept as written, a later one less surely", () => {
  assert.deepEqual([vin("CCY333S128408", 1973)?.value, vin("CCY333S128408", 1973)?.confidence], [
    "CCY333S128408",
    0.95,
  ]);
  assert.ok((vin("BNR32-305366", 1993)?.confidence ?? 1) < 0.9);
  assert.deepEqual([vin("see photos", 1973), vin(null, null)], [undefined, undefined]);
});

Deno.test("a mileage is a number or words; placeholders and zero are none", () => {
  assert.equal(mileage(56_700)?.value, 56_700);
  assert.equal(mileage("32,400")?.value, 32_400);
  assert.equal(mileage("54k Kilometers (~34k Miles)")?.value, 34_000);
  assert.deepEqual(
    [0, 1, "0", 777_777, "1234567", "N/A", null].map(mileage),
    Array(7).fill(undefined),
  );
});

Deno.test("a mileage that is said to be unknown is far from sure", () => {
  const unknown = mileage("30,300 Miles Shown - TMU");
  assert.deepEqual([unknown?.value, (unknown?.confidence ?? 1) < 0.5], [30_300, true]);
});

Deno.test("a maker is named as this database names it", () => {
  const facts = new FactBook();
  addMake(facts, "Chevy", place);
  assert.equal(facts.all().make?.value, "Chevrolet");
});
