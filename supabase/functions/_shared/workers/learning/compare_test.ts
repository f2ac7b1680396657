import assert from "node:assert/strict";
import type { Extraction } from "../../domain/extraction.ts";
import type { ServingMap } from "../../domain/serving_maps.ts";
import type { MapComparison } from "../../database/learning.ts";
import { adapterReads } from "./compare.ts";

const map: ServingMap = {
  id: "00000000-0000-4000-8000-000000000001",
  source: "cars.example",
  version: 1,
  fields: ["mileage"],
  rules: {},
};
const extraction = (outcome: Extraction["outcome"], facts: Extraction["facts"]): Extraction => ({
  ...{ outcome, reason: "", source: "cars.example", scraper: { name: "x", version: "v1.0.0" } },
  ...{ facts, retractions: {}, absent: [], images: [], auction: null, bids: [], comments: [] },
});
const mileage = { value: 5, confidence: 0.9, evidence: "", way: "labelled" } as const;
const compared: MapComparison = {
  ...{ map_id: map.id, snapshot_id: map.id, field_name: "mileage", map_value: "5" },
  ...{ other_value: null, agrees: null },
};

Deno.test("an adapter reads a page again when it gives all that the map gives there", () => {
  assert.ok(adapterReads([map], [compared], extraction("listing", { mileage })));
  assert.ok(!adapterReads([map], [compared], extraction("listing", {})));
  assert.ok(!adapterReads([map], [compared], extraction("unreadable", {})));
});

Deno.test("on a page of another template it must give what the map gives elsewhere", () => {
  assert.ok(adapterReads([map], [], extraction("listing", { mileage })));
  assert.ok(!adapterReads([map], [], extraction("listing", {})));
});
