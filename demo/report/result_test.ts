import { strict as assert } from "node:assert";
import { checkLines, resultText } from "./result.ts";
import type { DemoResult } from "./summary.ts";

Deno.test("a check that failed lists what is wrong, and how much more", () => {
  const problems = Array.from({ length: 11 }, (_, i) => `problem ${i}`);
  const text = checkLines([
    { name: "fine", seen: "3 values", problems: [] },
    { name: "not fine", seen: "", problems },
  ]);
  assert.match(text, /✓ fine: 3 values\n {2}✗ not fine\n {6}problem 0/);
  assert.match(text, /problem 7\n {6}and 3 more$/);
});

Deno.test("the result counts vehicles by score, fields by what happened, the rest by its reason", () => {
  const result: DemoResult = {
    ok: true,
    seconds: 12.3,
    moved_seconds: 3600,
    vehicles: 4,
    scores: {
      before: [0, 30, 30, 60],
      after: [100, 97.5, 90, 84.9],
      mean_before: 30,
      mean_after: 93.1,
    },
    states: { complete: 3, exhausted: 1 },
    fields: [
      { field: "vin", before: 0, after: 3, filled: 3, corrected: 0, cleared: 0 },
      { field: "trim", before: 0, after: 0, filled: 0, corrected: 0, cleared: 0 },
    ],
    not_complete: [{ state: "exhausted", why: "page does not state VIN", vehicles: 1 }],
    requests: { "200": 9 },
    checks: [],
  };
  const text = resultText(result);
  assert.match(text, /3 of 4 vehicles are complete, after 12\.3 s \(and 1 h by moving time on\)/);
  assert.match(text, /85 to 100 +0 +3 /);
  assert.match(text, /75 to 84 +0 +1 /);
  assert.match(text, /vin +0 +3 +3/);
  assert.ok(!text.includes("trim"));
  assert.match(text, /Why 1 are not complete\n\n {2}1 {3}exhausted {3}page does not state VIN/);
});
