import assert from "node:assert/strict";
import { told } from "./told.ts";

Deno.test("times of the database's sentences are shown as everywhere else, the rest stays", () => {
  const far = told("asked again at 2020-01-02T12:00:00Z, whether it serves");
  assert.equal(far, "asked again at Jan 2, 2020, whether it serves");
  assert.equal(
    told("one request tries at 2020-01-02 12:00 UTC"),
    "one request tries at Jan 2, 2020",
  );
});

Deno.test("a day, a version and a number are no times", () => {
  for (const text of ["since 2020-01-02", "v1.2.0 of 14:05", "12:00"]) {
    assert.equal(told(text), text);
  }
  assert.equal(told(null), "");
});
