import assert from "node:assert/strict";
import { DatabaseError } from "../../database/error.ts";
import { withRunStop } from "../../domain/run_stop.ts";
import type { NotStarted } from "../../fetching/result.ts";
import { type Job, reportEach, workAll, workRows } from "./work.ts";

interface Row {
  lease_token: string | null;
  n: number;
}
type One = { kind: "done"; item: number };

const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({ lease_token: `token ${n}`, n }));
const busy: NotStarted = {
  kind: "not_started",
  reason: "host_busy",
  message: "wait",
  retryAt: "2026-01-01T00:00:00Z",
};
const down = () => new DatabaseError("test", { message: "the database is away" }, 503);

/** A job that writes each row's number, and notes what it is asked for. */
function jobOf(more: Partial<Job<Row, One, string>> = {}) {
  const asked = { batches: [] as number[][], released: [] as number[], warnings: [] as string[] };
  const job: Job<Row, One, string> = {
    work: ({ n }) => Promise.resolve({ kind: "done", item: n }),
    failure: ({ n }, message) => ({ kind: "done", item: message === "broke" ? -n : NaN }),
    write(items) {
      asked.batches.push(items);
      return Promise.resolve(items.map((n) => `wrote ${n}`));
    },
    lease: {
      heartbeat: () => Promise.resolve(),
      release(handedBack) {
        asked.released.push(...handedBack.map(({ row }) => row.n));
        return Promise.resolve();
      },
    },
    warn: (what) => asked.warnings.push(what),
    ...more,
  };
  return { job, asked };
}

Deno.test("45 rows are written in three batches, each with its own result", async () => {
  const { job, asked } = jobOf();
  const { finished, released, broken } = await workRows(rows(45), job);
  assert.deepEqual(asked.batches.map((batch) => batch.length), [20, 20, 5]);
  assert.equal(finished.length, 45);
  for (const { row, result } of finished) assert.equal(result, `wrote ${row.n}`);
  assert.deepEqual([released, broken], [[], null]);
});

Deno.test("never more than eight rows are worked on at once", async () => {
  let atOnce = 0;
  let most = 0;
  const full = Promise.withResolvers<void>();
  const { job } = jobOf({
    async work({ n }) {
      most = Math.max(most, ++atOnce);
      if (atOnce === 8) full.resolve();
      await full.promise;
      atOnce--;
      return { kind: "done", item: n };
    },
  });
  await workRows(rows(30), job);
  assert.equal(most, 8);
});

Deno.test("what was not begun is handed back, and the batch does not wait for it", async () => {
  const begun = performance.now();
  const { job, asked } = jobOf({
    work: ({ n }) => Promise.resolve(n % 2 ? busy : { kind: "done", item: n }),
  });
  const { finished, released } = await workRows(rows(10), job);
  assert.deepEqual(finished.map(({ row }) => row.n), [0, 2, 4, 6, 8]);
  assert.deepEqual(
    released.map(({ row, why }) => [row.n, why.reason]),
    [1, 3, 5, 7, 9].map((n) => [
      n,
      "host_busy",
    ]),
  );
  assert.deepEqual(asked.released, [1, 3, 5, 7, 9]);
  assert.ok(performance.now() - begun < 1_000);
});

Deno.test("what was not begun is handed back while a slow page is still read", async () => {
  const handedBack = Promise.withResolvers<void>();
  const { job, asked } = jobOf({
    async work({ n }) {
      if (n > 0) return busy;
      await handedBack.promise;
      return { kind: "done", item: n };
    },
  });
  const release = job.lease?.release;
  job.lease = {
    heartbeat: () => Promise.resolve(),
    async release(rows) {
      await release?.(rows);
      handedBack.resolve(); // the slow page waits for this
    },
  };
  const { finished, released, broken } = await workRows(rows(20), job);
  assert.deepEqual([finished.length, released.length, broken], [1, 19, null]);
  assert.deepEqual(asked.released.length, 19, "each is handed back once");
});

Deno.test("a row that breaks is written as a failure, and spoils no other", async () => {
  const { job, asked } = jobOf({
    work({ n }) {
      if (n === 2) throw new Error("broke");
      return Promise.resolve({ kind: "done", item: n });
    },
  });
  const { finished, broken } = await workRows(rows(4), job);
  assert.deepEqual(finished.map(({ one }) => one.item).toSorted((a, b) => a - b), [-2, 0, 1, 3]);
  assert.deepEqual([asked.warnings.length, broken], [1, null]);
});

Deno.test("a database that is away ends the run, after the rest was handed back", async () => {
  const { job, asked } = jobOf({
    work: ({ n }) =>
      n === 0
        ? Promise.reject(down())
        : Promise.resolve(n === 1 ? busy : { kind: "done", item: n }),
  });
  const { finished, broken } = await workRows(rows(4), job);
  assert.ok(broken?.error instanceof DatabaseError);
  assert.deepEqual(finished.map(({ row }) => row.n), [2, 3]);
  assert.deepEqual(asked.released, [1]);
});

Deno.test("a batch that cannot be written ends the run and counts none of its rows", async () => {
  let batch = 0;
  const { job } = jobOf({
    write: (items) => batch++ === 0 ? Promise.reject(down()) : Promise.resolve(items.map(String)),
  });
  const { finished, broken } = await workRows(rows(30), job);
  assert.ok(broken?.error instanceof DatabaseError);
  assert.equal(finished.length, 10);
});

Deno.test("rows without a token are worked on, and never handed back", async () => {
  const { job, asked } = jobOf({ work: () => Promise.resolve(busy) });
  const looked = rows(3).map((row) => ({ ...row, lease_token: null }));
  const { released } = await workRows(looked, job);
  assert.deepEqual([released.length, asked.released.length], [3, 0]);
});

Deno.test("no rows: nothing is asked for", async () => {
  const { job, asked } = jobOf();
  assert.deepEqual(await workRows([], job), { finished: [], released: [], broken: null });
  assert.deepEqual(asked.batches, []);
});

Deno.test("after the deadline no row is begun, and each is due again at once", async () => {
  const handedBack: (string | null)[] = [];
  const { job } = jobOf({
    deadline: Date.now() - 1,
    work: () => Promise.reject(new Error("it was begun")),
    lease: {
      heartbeat: () => Promise.resolve(),
      release(rows) {
        handedBack.push(...rows.map(({ retryAt }) => retryAt));
        return Promise.resolve();
      },
    },
  });
  const { released, broken } = await workRows(rows(2), job);
  assert.deepEqual([released.map(({ why }) => why.reason), broken], [
    ["deadline", "deadline"],
    null,
  ]);
  assert.deepEqual(handedBack, [null, null]);
});

Deno.test("what a database refuses of one row is that row's failure", async () => {
  const refused = new DatabaseError("test", { message: "permission denied", code: "42501" }, 403);
  const { job } = jobOf({
    work: ({ n }) => n === 0 ? Promise.reject(refused) : Promise.resolve({ kind: "done", item: n }),
  });
  const { finished, broken } = await workRows(rows(3), job);
  assert.deepEqual([finished.length, broken], [3, null]);
});

Deno.test("rows that nobody leases are reported in their order; a throw ends the run", async () => {
  const items = [3, 1, 2].map((n) => ({ n }));
  // Each ends after the one of the number before.
  const ended = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  ended[0]?.resolve();
  const job = {
    async work({ n }: { n: number }) {
      await ended[n - 1]?.promise;
      ended[n]?.resolve();
      return n === 1 ? busy : { kind: "done" as const, item: n };
    },
    write: (items: number[]) => Promise.resolve(items.map((n) => n * 10)),
  };
  const reports = reportEach(items, await workAll(items, job), {
    finished: ({ result }) => String(result),
    released: ({ why }) => why.message,
  });
  assert.deepEqual(reports, ["30", "wait", "20"]);
  await assert.rejects(
    workAll(items, { ...job, work: () => Promise.reject(new Error("broke")) }),
    /broke/,
  );
});

Deno.test("stopped, a run hands back at once what was not begun, and finishes what is under way", async () => {
  const soon = new AbortController();
  const atWork = Promise.withResolvers<void>();
  const handedBack = Promise.withResolvers<void>();
  let begun = 0;
  const { job, asked } = jobOf({
    async work({ n }) {
      if (++begun === 8) atWork.resolve();
      await handedBack.promise;
      return { kind: "done", item: n };
    },
  });
  const release = job.lease?.release;
  job.lease = {
    heartbeat: () => Promise.resolve(),
    async release(rows) {
      await release?.(rows);
      handedBack.resolve(); // the rows under way wait for this
    },
  };
  const stop = { soon: soon.signal, now: new AbortController().signal };
  const working = withRunStop(stop, () => workRows(rows(30), job));
  await atWork.promise;
  soon.abort();
  const { finished, released, broken } = await working;
  assert.deepEqual([finished.length, released.length, broken], [8, 22, null]);
  assert.deepEqual(asked.released.length, 22, "each is handed back once");
  assert.equal(begun, 8);
});

Deno.test("a run that is stopped before it begins hands back all its rows", async () => {
  const { job, asked } = jobOf();
  const stop = { soon: AbortSignal.abort(), now: new AbortController().signal };
  const { finished, released } = await withRunStop(stop, () => workRows(rows(3), job));
  assert.deepEqual([finished.length, released.length, asked.released], [0, 3, [0, 1, 2]]);
});
