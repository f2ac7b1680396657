import assert from "node:assert/strict";
import type { ReplayedVehicle } from "../../database/replay.ts";
import type { Extraction } from "../../domain/extraction.ts";
import type { Facts } from "../../domain/fact.ts";
import { addUp, compare } from "./compare.ts";

const SCRAPER = "a_scraper";

function read(facts: Record<string, string | number>): Extraction {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    { value, confidence: 0.9, evidence: "", way: "labelled" },
  ]);
  return {
    outcome: "listing",
    reason: "",
    source: "a",
    scraper: { name: SCRAPER, version: "v2.0.0" },
    facts: Object.fromEntries(entries) as Facts,
    retractions: {},
    absent: [],
    images: [],
    auction: null,
    bids: [],
    comments: [],
  };
}

function vehicle(held: ReplayedVehicle["held"], method = SCRAPER): ReplayedVehicle {
  const methods = Object.fromEntries(Object.keys(held).map((field) => [field, method]));
  return { id: crypto.randomUUID(), url: "https://a.example/1", held, methods };
}

const kinds = (held: ReplayedVehicle["held"], facts: Record<string, string | number>) =>
  compare(vehicle(held), read(facts)).map(({ field, kind }) => [field, kind]);

Deno.test("what is read and not held is gained, what differs is changed, what is missing is lost", () => {
  assert.deepEqual(kinds({}, { vin: "A123" }), [["vin", "gained"]]);
  assert.deepEqual(kinds({ vin: "A123" }, { vin: "B123" }), [["vin", "changed"]]);
  assert.deepEqual(kinds({ vin: "A123" }, {}), [["vin", "lost"]]);
  assert.deepEqual(kinds({ vin: "A123" }, { vin: "A123" }), []);
});

Deno.test("case, spacing and trailing zeros make no difference", () => {
  assert.deepEqual(
    kinds({ make: "ALFA  Romeo", vin: "ar-123", sale_price: "1500.00" }, {
      make: "Alfa Romeo",
      vin: "AR123",
      sale_price: 1500,
    }),
    [],
  );
});

Deno.test("what a person or another scraper wrote cannot be lost", () => {
  assert.deepEqual(compare(vehicle({ vin: "A123" }, "manual"), read({})), []);
});

Deno.test("the sums of a field count what this scraper holds, and each difference", () => {
  const pairs: [ReplayedVehicle, Extraction][] = [
    [vehicle({ vin: "A1" }), read({ vin: "A1" })],
    [vehicle({ vin: "A2" }), read({})],
    [vehicle({ vin: "A3" }, "manual"), read({})],
    [vehicle({}), read({ vin: "A4" })],
    [vehicle({}), read({})],
  ];
  const sums = addUp(pairs.map(([one, extraction]) => ({
    vehicle: one,
    extraction,
    different: compare(one, extraction),
  })));
  assert.deepEqual(sums, { vin: { held: 2, same: 1, gained: 1, changed: 0, lost: 1 } });
});
