import assert from "node:assert/strict";
import type { FetchReport } from "../database/hosts.ts";
import { Recorder } from "./recorder.ts";

function recorder(record: (report: FetchReport) => Promise<void> = () => Promise.resolve()) {
  const clock = { time: 0, now: () => clock.time, sleep: () => Promise.resolve() };
  const reports: FetchReport[] = [];
  const hosts = {
    prepare: () => Promise.resolve({ slots: [], snapshots: [] }),
    record: async (_worker: string, report: FetchReport) => {
      await record(report);
      reports.push(report);
      return [];
    },
  };
  return { clock, reports, one: new Recorder(hosts, "worker", clock, () => {}) };
}
const row = (url: string) => ({
  source: "s",
  host: "h",
  url,
  outcome: "ok" as const,
  status: 200,
  ms: 1,
  bytes: 1,
  message: null,
});

Deno.test("nothing gathered, nothing written", async () => {
  const { one, reports } = recorder();
  await one.flush();
  assert.equal(reports.length, 0);
});

Deno.test("rows are written together, with their age", async () => {
  const { one, reports, clock } = recorder();
  one.attempt(row("a"));
  clock.time = 1_500;
  one.attempt(row("b"));
  await one.flushIfDue();
  assert.equal(reports.length, 0);
  await one.flush();
  assert.deepEqual(reports[0]?.attempts.map((each) => [each.url, each.age_ms]), [["a", 1500], [
    "b",
    0,
  ]]);
});

Deno.test("they are due after five seconds, or when there are a hundred", async () => {
  const old = recorder();
  old.one.attempt(row("a"));
  old.clock.time = 5_000;
  await old.one.flushIfDue();
  assert.equal(old.reports.length, 0);
  old.clock.time = 5_001;
  await old.one.flushIfDue();
  assert.equal(old.reports.length, 1);

  const many = recorder();
  for (let n = 0; n < 100; n++) many.one.attempt(row("a"));
  await many.one.flushIfDue();
  assert.equal(many.reports[0]?.attempts.length, 100);
});

Deno.test("flushes that come while one is under way share the next, in order", async () => {
  let release = () => {};
  const first = new Promise<void>((done) => release = done);
  const { one, reports } = recorder(() => first);
  one.attempt(row("a"));
  const flushes = [one.flush()];
  await Promise.resolve();
  await Promise.resolve();
  one.attempt(row("b"));
  flushes.push(one.flush());
  one.attempt(row("c"));
  flushes.push(one.flush());
  release();
  await Promise.all(flushes);
  assert.deepEqual(reports.map((each) => each.attempts.map((a) => a.url)), [["a"], ["b", "c"]]);
});

Deno.test("what could not be written is written the next time, before what came after it", async () => {
  let fail = true;
  const { one, reports } = recorder(() =>
    fail ? Promise.reject(new Error("away")) : Promise.resolve()
  );
  one.attempt(row("a"));
  await assert.rejects(one.flush(), /away/);
  one.attempt(row("b"));
  fail = false;
  await one.flush();
  assert.deepEqual(reports.map((each) => each.attempts.map((a) => a.url)), [["a", "b"]]);
});
