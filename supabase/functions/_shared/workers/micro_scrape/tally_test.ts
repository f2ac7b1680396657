import assert from "node:assert/strict";
import { applyResult } from "../../database/apply.ts";
import { tally, wordOnFailures, type Worked } from "./tally.ts";

const ID = "00000000-0000-4000-8000-000000000001";

/** A pass over a vehicle that lacked these, and what became of it. */
function pass(actions: string[], result: Partial<Worked["result"]> = {}): Worked {
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
    result: {
      ...applyResult.parse({ index: 0, vehicle_id: ID, outcome: "ok", can_heal: false }),
      ...result,
    },
  };
}

const step = (step_name: string, status: "success" | "failed" | "skipped") => ({
  step_name,
  status,
  outcome_code: null,
  error_message: null,
  duration_ms: null,
});
const urls = step("extract_images", "success");
const picture = (status: "success" | "failed" | "skipped") => step("backfill_images", status);
const actions = (one: Worked) => {
  const { actions_executed, actions_succeeded, actions_failed } = tally([one]);
  return [actions_executed, actions_succeeded, actions_failed];
};

Deno.test("an action succeeded only when what it is there for was filled", () => {
  const asked = ["extract-vin-from-vehicle", "scrape-vehicle", "generate-vehicle-description"];
  assert.deepEqual(actions(pass(asked, { fields_updated: ["vin"], gained: true })), [3, 1, 0]);
  assert.deepEqual(actions(pass(asked, { fields_updated: ["seller_name"] })), [3, 0, 0]);
});

Deno.test("image URLs that were only remembered are no success: a stored picture is", () => {
  const images = (...steps: Worked["result"]["steps"]) =>
    actions(pass(["extract-images"], { steps: [urls, ...steps] }));
  assert.deepEqual(images(), [1, 0, 0]);
  assert.deepEqual(images(picture("skipped")), [1, 0, 0]);
  assert.deepEqual(images(picture("failed")), [1, 0, 1]);
  assert.deepEqual(images(picture("success")), [1, 1, 0]);
});

Deno.test("a page that could not be had fails what needs the page, not the picture of a known URL", () => {
  const asked = ["extract-vin-from-vehicle", "retry-image-backfill"];
  const failed = (outcome: "timeout" | "gone", status: "success" | "failed" | "skipped") =>
    actions(pass(asked, { outcome, steps: [step("extract_data", "failed"), picture(status)] }));
  assert.deepEqual(failed("timeout", "success"), [2, 1, 1]);
  assert.deepEqual(failed("gone", "failed"), [2, 0, 2]);
  assert.deepEqual(failed("gone", "skipped"), [2, 0, 1]);
});

Deno.test("what could not be written at all failed", () => {
  const asked = ["scrape-vehicle", "retry-image-backfill"];
  assert.deepEqual(actions(pass(asked, { outcome: "server_error" })), [2, 0, 2]);
});

Deno.test("what was not written counts for nothing, also where it was read", () => {
  const stale = pass(["scrape-vehicle"], {
    steps: [picture("success")],
    outcome: "stale_lease",
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

Deno.test("a run in which no action succeeded says so, with what came in the way; any other says nothing", () => {
  const failed = (outcome: Worked["result"]["outcome"], error: string) =>
    pass(["scrape-vehicle"], { outcome, error });
  const worked = [
    failed("network", "no address"),
    failed("network", "again"),
    failed("blocked", "a wall"),
  ];
  assert.equal(
    wordOnFailures(tally(worked), worked),
    `every action failed: network 2, blocked 1; the first: ${
      worked[0]?.work.source_url
    }: no address`,
  );
  const mixed = [...worked, pass(["scrape-vehicle"], { fields_updated: ["year"], gained: true })];
  assert.equal(wordOnFailures(tally(mixed), mixed), null);
  assert.equal(wordOnFailures(tally([]), []), null);
});
