import assert from "node:assert/strict";
import { tally, type Worked } from "./tally.ts";

const ID = "00000000-0000-4000-8000-000000000001";

/** A pass over a vehicle that lacked these, and what became of it. */
function pass(
  actions: string[],
  item: Partial<Worked["item"]> = {},
  result: Partial<Worked["result"]> = {},
): Worked {
  return {
    work: {
      vehicle_id: ID,
      lease_token: ID,
      source_url: "https://cars.example/1",
      source_host: "cars.example",
      quality_score: 0,
      missing_fields: [],
      recommended_actions: actions,
      held: {},
      image_urls: [],
      image_count: 0,
    },
    item: { vehicle_id: ID, source_url: "https://cars.example/1", outcome: "ok", ...item },
    result: {
      index: 0,
      vehicle_id: ID,
      status: "applied",
      changes: {},
      fields_updated: [],
      conflicts: [],
      step_errors: {},
      gained: false,
      marked_complete: false,
      ...result,
    },
  };
}

const image = (status: "success" | "failed" | "skipped") => ({
  steps: [{ step_name: "backfill_images", status }],
});
const actions = (one: Worked) => {
  const { actions_executed, actions_succeeded, actions_failed } = tally([one]);
  return [actions_executed, actions_succeeded, actions_failed];
};

Deno.test("an action succeeded only when what it is there for was filled", () => {
  const asked = ["extract-vin-from-vehicle", "scrape-vehicle", "generate-vehicle-description"];
  assert.deepEqual(actions(pass(asked, {}, { fields_updated: ["vin"], gained: true })), [3, 1, 0]);
  assert.deepEqual(actions(pass(asked, {}, { fields_updated: ["seller_name"] })), [3, 0, 0]);
});

Deno.test("image URLs that were only remembered are no success: a stored picture is", () => {
  const found = { images: ["https://cars.example/1.jpg"] };
  assert.deepEqual(actions(pass(["extract-images"], found)), [1, 0, 0]);
  assert.deepEqual(actions(pass(["extract-images"], { ...found, ...image("skipped") })), [1, 0, 0]);
  assert.deepEqual(actions(pass(["extract-images"], { ...found, ...image("failed") })), [1, 0, 1]);
  assert.deepEqual(actions(pass(["extract-images"], { ...found, ...image("success") })), [1, 1, 0]);
});

Deno.test("a page that could not be had fails what needs the page, not the picture of a known URL", () => {
  const asked = ["extract-vin-from-vehicle", "retry-image-backfill"];
  assert.deepEqual(actions(pass(asked, { outcome: "timeout", ...image("success") })), [2, 1, 1]);
  assert.deepEqual(actions(pass(asked, { outcome: "gone", ...image("failed") })), [2, 0, 2]);
});

Deno.test("what was not written counts for nothing, also where it was read", () => {
  const stale = pass(["scrape-vehicle"], image("success"), {
    status: "stale_lease",
    fields_updated: ["year"],
    gained: true,
    marked_complete: true,
    state: "exhausted",
  });
  assert.deepEqual(tally([stale]), {
    vehicles_analyzed: 1,
    vehicles_improved: 0,
    vehicles_marked_complete: 0,
    vehicles_exhausted: 0,
    actions_executed: 1,
    actions_succeeded: 0,
    actions_failed: 1,
  });
});

Deno.test("a run over nothing counts nothing", () => {
  assert.deepEqual(Object.values(tally([])), [0, 0, 0, 0, 0, 0, 0]);
});
