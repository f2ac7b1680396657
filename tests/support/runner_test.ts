import assert from "node:assert/strict";
import { readSummary } from "./deno_tests.ts";
import { readTap } from "./tap.ts";

Deno.test("a summary counts tests and steps, and names what was skipped", () => {
  const output =
    "a test ... ignored (0ms)\nok | 3 passed (2 steps) | 0 failed | 1 ignored (12ms)\n";
  assert.deepEqual(readSummary(output), { passed: 5, failed: 0, skipped: ["a test"] });
});

Deno.test("a test that fails with its step is one failure", () => {
  const output = "FAILED | 1 passed (8 steps) | 1 failed (1 step) (2s)";
  assert.deepEqual(readSummary(output), { passed: 9, failed: 1, skipped: [] });
});

Deno.test("output without a summary passed nothing", () => {
  assert.deepEqual(readSummary("error: Module not found"), { passed: 0, failed: 0, skipped: [] });
});

Deno.test("TAP tells passed, failed with its diagnosis, and skipped", () => {
  const tap = readTap([
    "1..4",
    "ok 1 - fine",
    "not ok 2 - bad",
    "# have: 1",
    "# want: 2",
    "ok 3 # SKIP no",
    "not ok 4 # TODO",
  ]);
  assert.equal(tap.passed, 1);
  assert.deepEqual(tap.failed, ["not ok 2 - bad\n# have: 1\n# want: 2"]);
  assert.equal(tap.skipped.length, 2);
});

Deno.test("a file that breaks its plan, or has none, has failed", () => {
  assert.equal(readTap(["1..2", "ok 1 - fine"]).failed.length, 1);
  assert.equal(readTap(["ok 1 - fine"]).failed.length, 1);
  assert.equal(readTap([]).failed.length, 1);
});
