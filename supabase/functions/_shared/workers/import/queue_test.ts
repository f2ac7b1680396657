import assert from "node:assert/strict";
import { importCounts, type ListingResult } from "./queue.ts";

const result = (
  one: Partial<Pick<ListingResult, "outcome" | "status" | "created" | "joined" | "relisting">>,
) => ({
  outcome: "ok",
  status: "complete",
  created: false,
  joined: false,
  relisting: false,
  ...one,
});

Deno.test("each listing is counted once by what became of it", () => {
  const counts = importCounts([
    result({ created: true }),
    result({ outcome: "not_modified" }),
    result({ joined: true, relisting: true }),
    result({ outcome: "not_a_listing", status: "failed" }),
    result({ outcome: "gone", status: "failed" }),
    result({ outcome: "timeout", status: "pending" }),
    result({ outcome: "unreadable", status: "failed" }),
    result({ outcome: "stale_lease", status: null }),
  ]);
  assert.deepEqual(counts, {
    imported: 3,
    created: 1,
    known: 2,
    joined: 1,
    relistings: 1,
    not_a_vehicle: 1,
    gone: 1,
    waiting: 1,
    failed: 2,
  });
});
