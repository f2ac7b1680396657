import assert from "node:assert/strict";
import { CONFIDENCE, MOST } from "./confidence.ts";
import { FactBook } from "./fact_book.ts";

Deno.test("a value alone is as sure as the way it was read", () => {
  const facts = new FactBook();
  facts.add("year", 1988, "title", "title");
  facts.add("vin", "WP0AA29829U760958", "labelled", "VIN:", { checked: true });
  assert.equal(facts.all().year?.confidence, CONFIDENCE.title.alone);
  assert.equal(facts.all().vin?.confidence, CONFIDENCE.labelled.checked);
});

Deno.test("a second place that agrees raises, and never beyond the most", () => {
  const facts = new FactBook();
  for (let time = 0; time < 9; time++) {
    facts.add("engine", "2.9-Liter Flat-Six", "unlabelled", `place ${time}`);
  }
  facts.add("engine", "2.9 litre flat six", "prose", "prose");
  const { confidence, value, evidence } = facts.all().engine ?? {};
  assert.equal(confidence, MOST);
  assert.equal(value, "2.9-Liter Flat-Six");
  assert.match(evidence ?? "", /place 0; place 1/);
});

Deno.test("a place that disagrees lowers, and the surest value stays", () => {
  const facts = new FactBook();
  facts.add("year", 2012, "title", "title 2012");
  facts.add("year", 2013, "prose", "text 2013");
  const fact = facts.all().year;
  assert.equal(fact?.value, 2012);
  assert.ok((fact?.confidence ?? 1) < CONFIDENCE.title.alone);
  assert.match(fact?.evidence ?? "", /but text 2013/);
});

Deno.test("a value that is not of the field's form is dropped", () => {
  const facts = new FactBook();
  facts.add("year", 12, "title", "x");
  facts.add("currency", "dollars", "record", "x");
  facts.add("color", "  ", "labelled", "x");
  facts.add("model", null, "title", "x");
  assert.deepEqual(facts.all(), {});
});

Deno.test("only ways that are right 99 times of 100 stand above 0.9", () => {
  const above = Object.entries(CONFIDENCE).filter(([, row]) => row.alone > 0.9).map(([way]) => way)
    .sort();
  assert.deepEqual(above, ["labelled", "record", "structured", "title", "unlabelled"]);
  for (const row of Object.values(CONFIDENCE)) {
    assert.ok(row.checked >= row.alone && row.checked <= MOST);
  }
});
