import assert from "node:assert/strict";
import { type Crawled, type Lap, mustBeAll, rowsOf, together } from "./crawl_rows.ts";
import { timesBetter } from "./figure.ts";

const lap = (more: Partial<Lap> = {}): Lap => ({
  pages: 10,
  seconds: 2,
  worker: { cpuMs: 100, heapMb: 50, residentMb: 100 },
  postgresMs: 40,
  apiMs: 20,
  ...more,
});
const crawled = (name: string, more: Partial<Crawled> = {}): Crawled => ({
  ...lap(),
  name,
  values: 120,
  ...more,
});

Deno.test("laps of one way are added up, of peaks the highest stays", () => {
  const other = lap({ worker: { cpuMs: 50, heapMb: 80, residentMb: 90 }, seconds: 3 });
  assert.deepEqual(together([lap(), other]), {
    pages: 20,
    seconds: 5,
    worker: { cpuMs: 150, heapMb: 80, residentMb: 100 },
    postgresMs: 80,
    apiMs: 40,
  });
  assert.equal(together([lap(), lap({ apiMs: null })]).apiMs, null);
  assert.throws(() => together([]), RangeError);
});

Deno.test("each way is held against ours by page, whatever the number of its pages", () => {
  const others = [
    crawled("shelf", { seconds: 4, values: 60, apiMs: 0 }),
    crawled("slow", { pages: 2, seconds: 4, values: 12, postgresMs: 100, apiMs: 200 }),
  ];
  const rows = rowsOf("posts", crawled("ours"), others, "noted");
  const times = (what: string) =>
    rows.filter((row) => row.what === `posts: ${what}`).map((row) => [
      row.baseline?.name,
      timesBetter(row),
    ]);
  assert.deepEqual(times("pages a second"), [["shelf", 2], ["slow", 10]]);
  assert.deepEqual(times("values stored of a page"), [["shelf", 2], ["slow", 2]]);
  assert.deepEqual(times("CPU of Postgres, a page"), [["shelf", 1], ["slow", 12.5]]);
  assert.deepEqual(times("CPU of the API, a page"), [["shelf", 0], ["slow", 50]]);
  assert.deepEqual(times("CPU of all three, a page"), [["shelf", 14 / 16], ["slow", 12.5]]);
});

Deno.test("what the system does not say is left out, and nothing is made of it", () => {
  const unknown = { postgresMs: null, apiMs: null };
  const rows = rowsOf("posts", crawled("ours", unknown), [crawled("shelf", unknown)], "noted");
  assert.deepEqual(rows.filter(({ what }) => /Postgres|API|all three/.test(what)), []);
  assert.equal(rows.length, 5);
});

Deno.test("a way that lost a page, or fetched one twice, is no way", () => {
  mustBeAll("shelf", 10, 10, 10);
  assert.throws(() => mustBeAll("shelf", 10, 9, 10), /stored 9 of 10/);
  assert.throws(() => mustBeAll("shelf", 10, 10, 11), /11 times for 10/);
});
