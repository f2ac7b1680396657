import assert from "node:assert/strict";
import { parseSchedule } from "./schedule.ts";

const at = (text: string) => Date.parse(`${text}Z`);
const next = (words: string, after: string) => {
  const due = parseSchedule(words)(at(after));
  return due === null ? null : new Date(due).toISOString().slice(0, 19);
};

Deno.test("seconds are counted from the previous run", () => {
  assert.equal(next("20 seconds", "2026-01-01T00:00:07"), "2026-01-01T00:00:27");
  assert.equal(next("1 second", "2026-01-01T00:00:59"), "2026-01-01T00:01:00");
});

Deno.test("five fields are read in UTC", () => {
  assert.equal(next("*/5 * * * *", "2026-01-01T00:03:00"), "2026-01-01T00:05:00");
  assert.equal(next("17 3 * * *", "2026-01-01T03:17:00"), "2026-01-02T03:17:00");
  assert.equal(next("0 0 29 2 *", "2026-01-01T00:00:00"), "2028-02-29T00:00:00");
});

Deno.test("$ is the last day of a month, names stand for schedules, @reboot is never due", () => {
  assert.equal(next("0 12 $ * *", "2026-02-01T00:00:00"), "2026-02-28T12:00:00");
  assert.equal(next("@hourly", "2026-01-01T00:03:00"), "2026-01-01T01:00:00");
  assert.equal(next("@reboot", "2026-01-01T00:00:00"), null);
});

Deno.test("what is no schedule throws", () => {
  for (const words of ["", "every monday", "61 * * * *", "* * * *", "* * * * * *"]) {
    assert.throws(() => parseSchedule(words), words);
  }
});
