import assert from "node:assert/strict";
import { type Lap, loops, together } from "./queues_lap.ts";
import { type Measured, rowsOf } from "./queues_rows.ts";

const lap = (jobs: number, seconds: number, ms: number): Lap => ({
  jobs,
  seconds,
  claims: [ms],
  perJob: Array.from({ length: jobs }, () => 2 * ms),
});

Deno.test("laps of one queue are added up", () => {
  assert.deepEqual(together([lap(1, 2, 3), lap(2, 2, 4)]), {
    jobs: 3,
    seconds: 4,
    claims: [3, 4],
    perJob: [6, 8, 8],
  });
  assert.throws(() => together([]), RangeError);
});

Deno.test("every worker claims and settles until the time is over", async () => {
  let claimed = 0;
  let atOnce = 0;
  let most = 0;
  const all = Promise.withResolvers<void>();
  const it = await loops({
    ms: 5,
    workers: 3,
    async claim() {
      most = Math.max(most, ++atOnce);
      if (atOnce === 3) all.resolve();
      await all.promise;
      claimed += 2;
      return ["a", "b"];
    },
    settle(jobs) {
      atOnce--;
      return Promise.resolve(jobs.length);
    },
  });
  assert.equal(it.jobs, claimed);
  assert.equal(it.perJob.length, claimed);
  assert.equal(it.claims.length, claimed / 2);
  assert.equal(most, 3);
});

Deno.test("a lap in which a job was lost, or nothing was left, is no lap", async () => {
  const claim = () => Promise.resolve(["a", "b"]);
  await assert.rejects(
    loops({ ms: 5, workers: 1, claim, settle: () => Promise.resolve(1) }),
    /1 of 2/,
  );
  await assert.rejects(
    loops({
      ms: 5,
      workers: 1,
      claim: () => Promise.resolve([]),
      settle: () => Promise.resolve(0),
    }),
    /empty/,
  );
});

Deno.test("the kernel is held against each other queue in the same phase and mode", () => {
  const many = { workers: 4, batch: 20 };
  const alone = { workers: 1, batch: 20 };
  const measured: Measured[] = [
    { phase: "before", name: "the kernel", mode: many, lap: lap(20, 1, 4) },
    { phase: "before", name: "one", mode: many, lap: lap(10, 1, 8) },
    { phase: "before", name: "two", mode: many, lap: lap(40, 1, 2) },
    { phase: "after", name: "one", mode: many, lap: lap(1, 1, 1) },
    { phase: "before", name: "the kernel", mode: alone, lap: lap(20, 1, 1) },
    { phase: "before", name: "one", mode: alone, lap: lap(20, 1, 3) },
  ];
  assert.deepEqual(
    rowsOf(1_000_000, measured).map(({ what, value, baseline }) => [
      what,
      value,
      baseline?.name,
      baseline?.value,
    ]),
    [
      ["before, 4 workers, by 20: jobs", 20, "one", 10],
      ["before, 4 workers, by 20: jobs", 20, "two", 40],
      ["before, 4 workers, by 20: a claim, p99", 4, "one", 8],
      ["before, 4 workers, by 20: a claim, p99", 4, "two", 2],
      ["before, 4 workers, by 20: claim to settled, p99", 8, "one", 16],
      ["before, 4 workers, by 20: claim to settled, p99", 8, "two", 4],
      ["before, 1 worker, by 20: a claim, p99", 1, "one", 3],
    ],
  );
});
