import { strict as assert } from "node:assert";
import { createCatalogue } from "./catalogue.ts";
import { DEFAULT_COUNTS, DEMO_COUNTS } from "./hosts.ts";
import { checkDigit } from "./vin.ts";

const now = Date.UTC(2026, 10, 22);
const catalogue = createCatalogue({ seed: "demo", counts: DEMO_COUNTS, now });
const followed = catalogue.followed();

Deno.test("all listings of a followed car state its VIN, which passes its check digit", () => {
  assert.deepEqual(followed.map(({ listings }) => listings.map(({ host }) => host)), [
    ["classics.example", "cars.ksl.com", "bringatrailer.com"],
    ["classics.example"],
    ["classics.example"],
    ["classics.example", "bringatrailer.com"],
  ]);
  for (const { fate, listings } of followed) {
    const vins = new Set(listings.map(({ car }) => car.vin ?? ""));
    assert.equal(vins.size, 1, fate);
    for (const vin of vins) assert.equal(vin[8], checkDigit(vin), fate);
  }
});

Deno.test("a followed car is found by its addresses, and is no other car of the catalogue", () => {
  const vins = new Set([...catalogue.all()].map(({ car }) => car.vin));
  for (const listing of followed.flatMap(({ listings }) => listings)) {
    assert.deepEqual(catalogue.find(listing.url), listing);
    assert.ok(!vins.has(listing.car.vin), listing.url);
  }
  assert.equal(new Set(followed.map(({ listings }) => listings[0]?.car.vin)).size, followed.length);
});

Deno.test("nothing is followed where one of its hosts offers nothing", () => {
  const few = createCatalogue({ seed: "demo", counts: DEFAULT_COUNTS, now });
  assert.deepEqual(few.followed(), []);
});
