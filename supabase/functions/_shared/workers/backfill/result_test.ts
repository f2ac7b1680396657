import assert from "node:assert/strict";
import { snapshotWillDo } from "./reread.ts";
import { type Done, fieldCounts } from "./result.ts";

function done(over: {
  wanted?: string[];
  held?: Record<string, string | number>;
  changes?: Done["result"]["changes"];
  conflicts?: string[];
  outcome?: Done["item"]["outcome"];
  status?: Done["result"]["status"];
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
    },
    vehicle: { id: "", url: null, host: null, descriptionSource: null, held: over.held ?? {} },
    item: { vehicle_id: "", outcome: over.outcome ?? "ok", source_url: "" },
    from: "snapshot",
    result: {
      index: 0,
      vehicle_id: "",
      status: over.status ?? "applied",
      changes: over.changes ?? {},
      fields_updated: Object.keys(over.changes ?? {}),
      conflicts: over.conflicts ?? [],
      step_errors: {},
      gained: false,
      marked_complete: false,
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
    done({ changes: { vin: { old: null, new: "A" } } }),
    done({ changes: { vin: { old: "A", new: "B" } }, held: { vin: "A" } }),
    done({ changes: { vin: { old: "A", new: null } }, held: { vin: "A" } }),
  ]);
  assert.deepEqual(counts, { vin: { ...nothing, added: 1, changed: 1, cleared: 1 } });
});

Deno.test("a field that was wanted and did not change is held already, or not stated", () => {
  const counts = fieldCounts([done({}), done({ held: { vin: "A" } }), done({})]);
  assert.deepEqual(counts, { vin: { ...nothing, already_held: 1, not_stated: 2 } });
});

Deno.test("a conflict is neither held already nor not stated", () => {
  const counts = fieldCounts([done({ conflicts: ["vin"], held: { vin: "A" } })]);
  assert.deepEqual(counts, { vin: { ...nothing, conflicts: 1 } });
});

Deno.test("a page that could not be had or written says nothing about what it states", () => {
  assert.deepEqual(
    fieldCounts([done({ outcome: "gone" }), done({ status: "stale_lease" })]),
    {},
  );
});

Deno.test("a better scraper reads the snapshot, unless the auction is live", () => {
  assert.equal(snapshotWillDo("scraper_improved", "sold"), true);
  assert.equal(snapshotWillDo("scraper_improved", undefined), true);
  assert.equal(snapshotWillDo("scraper_improved", "live"), false);
  assert.equal(snapshotWillDo("low_quality_score", "sold"), false);
});
