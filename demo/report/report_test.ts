import { strict as assert } from "node:assert";
import type { Status } from "../driver/status.ts";
import { readOptions } from "../options.ts";
import { progressLine } from "./progress.ts";
import { checkLines, resultText } from "./result.ts";
import type { DemoResult } from "./summary.ts";
import { bar, span, table } from "./table.ts";
import { speaker } from "./voice.ts";

Deno.test("columns are as wide as their widest cell, numbers stand at the right", () => {
  const text = table([["field", "filled"], ["vin", "7"], ["mileage", "213"]], [1]);
  assert.equal(text, "  field     filled\n  vin            7\n  mileage      213");
});

Deno.test("a bar shows more than nothing for any share above zero", () => {
  assert.equal(bar(0, 10), "");
  assert.equal(bar(0.001, 10), "█");
  assert.equal(bar(0.5, 10), "█████");
  assert.equal(bar(2, 10), "██████████");
});

Deno.test("a span names its two largest units", () => {
  assert.equal(span(0), "0 s");
  assert.equal(span(61), "1 min 1 s");
  assert.equal(span(86_400), "1 day");
  assert.equal(span(2 * 86_400 + 3_700), "2 days 1 h");
});

const status: Status = {
  due: 10,
  leased: 5,
  waiting: 5,
  live: 2,
  complete: 60,
  exhausted: 10,
  ended: 5,
  failed: 3,
  imagesDue: 0,
  imagesWaiting: 0,
  imagesStored: 140,
};

Deno.test("progress tells how many vehicles are at rest, and what the others do", () => {
  const line = progressLine(status, 6.25);
  assert.match(
    line,
    /80 of 100 at rest · complete 60 · waiting 5 · due 15 · images 140 · 6\.[23] s$/,
  );
  assert.match(progressLine(status, 1, "looked at"), /85 of 100 looked at/);
});

Deno.test("on a terminal progress stays on one line, in a log it comes rarely", () => {
  const written: string[] = [];
  const terminal = speaker(true, (text) => written.push(text));
  terminal.progress("a");
  terminal.progress("b");
  terminal.say("end");
  assert.equal(written.join(""), "\r\x1b[Ka\r\x1b[Kb\r\x1b[Kend\n");
  const lines: string[] = [];
  const log = speaker(false, (text) => lines.push(text));
  log.progress("a");
  log.progress("b");
  assert.deepEqual(lines, ["a\n"]);
});

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

Deno.test("options are read, and unknown ones refused", () => {
  assert.deepEqual(readOptions(["--corpus", "dir", "--json"]), {
    keep: false,
    corpus: "dir",
    json: true,
    help: false,
  });
  assert.throws(() => readOptions(["--fast"]), TypeError);
});
