import assert from "node:assert/strict";
import { applyResult } from "../../database/apply.ts";
import { snapshotWillDo } from "./reread.ts";
import { type Done, fieldCounts } from "./result.ts";

function done(over: {
  wanted?: string[];
  held?: Record<string, string | number>;
  result?: Partial<Done["result"]>;
}): Done {
  return {
    row: {
      id: crypto.randomUUID(),
      vehicle_id: crypto.randomUUID(),
      reason: "scraper_improved",
      source_url: "https://a.example/1",
      lease_token: null,
      fields_wanted: over.wanted ?? ["vin"],
      reextract: false,
      vehicle: { id: "", url: null, host: null, descriptionSource: null, held: over.held ?? {} },
    },
    from: "snapshot",
    result: {
      ...applyResult.parse({ index: 0, vehicle_id: "", outcome: "ok", can_heal: false }),
      ...over.result,
    },
  };
}

const nothing = {
  added: 0,
  changed: 0,
  cleared: 0,
  already_held: 0,
  not_stated: 0,
  conflicts: 0,
};

Deno.test("a field that was filled, replaced or taken back counts as such", () => {
  const counts = fieldCounts([
    done({ result: { fields_updated: ["vin"], filled: ["vin"] } }),
    done({ result: { fields_updated: ["vin"], corrected: ["vin"] }, held: { vin: "A" } }),
    done({ result: { fields_updated: ["vin"], cleared: ["vin"] }, held: { vin: "A" } }),
  ]);
  assert.deepEqual(counts, { vin: { ...nothing, added: 1, changed: 1, cleared: 1 } });
});

Deno.test("a field that was wanted and did not change is held already, or not stated", () => {
  const counts = fieldCounts([done({}), done({ held: { vin: "A" } }), done({})]);
  assert.deepEqual(counts, { vin: { ...nothing, already_held: 1, not_stated: 2 } });
});

Deno.test("a conflict is neither held already nor not stated", () => {
  const counts = fieldCounts([done({ result: { conflicts: ["vin"] }, held: { vin: "A" } })]);
  assert.deepEqual(counts, { vin: { ...nothing, conflicts: 1 } });
});

Deno.test("a page that could not be had or written says nothing about what it states", () => {
  assert.deepEqual(
    fieldCounts([
      done({ result: { outcome: "gone" } }),
      done({ result: { outcome: "stale_lease" } }),
    ]),
    {},
  );
});

Deno.test("a better scraper reads the snapshot, unless the auction is live", () => {
  assert.equal(snapshotWillDo("scraper_improved", "sold"), true);
  assert.equal(snapshotWillDo("scraper_improved", undefined), true);
  assert.equal(snapshotWillDo("scraper_improved", "live"), false);
  assert.equal(snapshotWillDo("low_quality_score", "sold"), false);
});
