import assert from "node:assert/strict";
import type { Series } from "../api/shapes.ts";
import { shownSeries } from "./chart_series.ts";

const sum = (y: Series["y"]): Series => ({
  name: "requests",
  unit: "requests",
  kind: "sum",
  step: "hour",
  x: [0, 3600, 7200],
  y,
});

Deno.test("of all together, what no site accounts for is drawn as others", () => {
  const { y } = shownSeries(sum([
    { subject: "all", values: [10, 7, null] },
    { subject: "a.example", values: [4, 7, null] },
  ]));
  assert.deepEqual(y, [
    { subject: "a.example", values: [4, 7, null] },
    { subject: "others", values: [6, 0, null] },
  ]);
});

Deno.test("where the sites account for everything there are no others", () => {
  const { y } = shownSeries(sum([
    { subject: "all", values: [4, 7, null] },
    { subject: "a.example", values: [4, 7, null] },
  ]));
  assert.deepEqual(y.map(({ subject }) => subject), ["a.example"]);
});

Deno.test("all together alone stays", () => {
  const series = sum([{ subject: "all", values: [4, 7, null] }]);
  assert.deepEqual(shownSeries(series), series);
});
