import { strict as assert } from "node:assert";
import type { Truth } from "../site/truth.ts";
import { compare, type Held } from "./compare.ts";

const truth: Truth = {
  url: "https://bringatrailer.com/listing/1987-porsche-911-carrera-1/",
  facts: {
    year: 1987,
    make: "Porsche",
    model: "911 Carrera",
    vin: "WP0AB0910HS134623",
    mileage: 48_000,
    color: "Guards Red",
    drivetrain: "Rear-Wheel Drive",
    high_bid: 61_000,
    sale_status: "bid_to",
    description: "On offer here.\n\nIt starts from cold.",
  },
  modelInTitle: "911 Carrera Targa",
  images: [],
  auction: null,
};
const right: Held = {
  ...truth.facts,
  model: "911 Carrera Targa",
  color: "Repainted Guards Red",
  drivetrain: "RWD",
  high_bid: "61000.00",
  description: "On offer here. It starts from cold.",
};
const verdicts = (held: Held, generated = false) =>
  Object.fromEntries(compare(held, truth, generated).map((it) => [it.field, it.verdict]));

Deno.test("values that mean the same are right, in other words too", () => {
  assert.deepEqual(new Set(Object.values(verdicts(right))), new Set(["right"]));
  assert.equal(verdicts({ ...right, drivetrain: "rear-wheel drive" }).drivetrain, "right");
});

Deno.test("other values are wrong", () => {
  const wrong = verdicts({
    ...right,
    mileage: 480_003,
    model: "911",
    color: "Red",
    drivetrain: "AWD",
    high_bid: 61_001,
    vin: "WP0AB0910HS134624",
  });
  for (const field of ["mileage", "model", "color", "drivetrain", "high_bid", "vin"]) {
    assert.equal(wrong[field], "wrong", field);
  }
  assert.equal(verdicts({ ...right, model: "911 Carrera Turbo" }).model, "wrong");
});

Deno.test("what the page states and nobody holds is missing, a written description too", () => {
  assert.equal(verdicts({ ...right, vin: null }).vin, "missing");
  assert.equal(verdicts(right, true).description, "missing");
});

Deno.test("a sale price of an unsold auction is extra, whatever it is", () => {
  assert.equal(verdicts({ ...right, sale_price: 61_000 }).sale_price, "extra");
});
