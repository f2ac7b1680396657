import assert from "node:assert/strict";
import { RunTime, systemClock } from "./run_time.ts";

function run(seconds: number, signal?: AbortSignal) {
  const clock = { time: 1_000_000, now: () => clock.time, sleep: () => Promise.resolve() };
  return { clock, time: new RunTime(clock, clock.time + seconds * 1000, signal) };
}

Deno.test("a request is begun only while five seconds are left for it", () => {
  const { clock, time } = run(30);
  assert.equal(time.leftToStart(), 25_000);
  clock.time += 26_000;
  assert.equal(time.leftToStart(), -1_000);
  assert.equal(time.left(), 4_000);
});

Deno.test("of a short run, a quarter is kept for the last request", () => {
  assert.equal(run(4).time.leftToStart(), 3_000);
});

Deno.test("a run that was stopped starts nothing, and says so", () => {
  const stop = new AbortController();
  const { time } = run(30, stop.signal);
  stop.abort();
  assert.ok(time.leftToStart() < 0);
  assert.deepEqual([time.over().reason, time.over().message], ["deadline", "the run was stopped"]);
});

Deno.test("a sleep ends when the run is stopped", async () => {
  const stop = new AbortController();
  const began = performance.now();
  const asleep = systemClock.sleep(10_000, stop.signal);
  stop.abort();
  await asleep;
  await systemClock.sleep(10_000, stop.signal);
  assert.ok(performance.now() - began < 2_000);
});
