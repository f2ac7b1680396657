import assert from "node:assert/strict";
import { quantile, spread } from "./statistics.ts";

Deno.test("a quantile is a sample, by nearest rank", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2);
  assert.equal(quantile([5], 0.99), 5);
  assert.equal(quantile([1, 2], 0), 1);
});

Deno.test("the spread of a hundred samples is their 50th, 95th and 99th", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual(spread(samples), { median: 50, p95: 95, p99: 99 });
});

Deno.test("without samples there is no quantile", () => {
  assert.throws(() => quantile([], 0.5), RangeError);
});
