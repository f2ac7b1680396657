/** The queue kernel against pg-boss and graphile-worker, with a long backlog and an idle transaction. */
import pg from "pg";
import { type Stack, startStack } from "../local/stack.ts";
import type { Bench, Figure } from "./figure.ts";
import { fillGraphile, graphile } from "./queues_graphile.ts";
import { fillKernel, kernel } from "./queues_kernel.ts";
import { type Contestant, type Lap, together } from "./queues_lap.ts";
import { startBoss } from "./queues_pg_boss.ts";
import { type Measured, rowsOf } from "./queues_rows.ts";

/** Jobs of a claim. One at a time is what graphile-worker does unless it is told otherwise. */
const BATCHES = [20, 1];

export const queues: Figure = {
  name: "queues",
  about: "claim and settle with a backlog, an idle transaction meanwhile, against other queues",
  async run(bench) {
    const jobs = bench.quick ? 100_000 : 1_000_000;
    const stack = await startStack({ quiet: true, cron: false });
    const admin = new pg.Client({ connectionString: stack.adminDbUrl });
    await admin.connect();
    const ends: (() => Promise<void>)[] = [() => admin.end(), () => stack.stop()];
    try {
      const boss = await startBoss(stack.dbUrl);
      ends.unshift(() => boss.end());
      bench.say(`${jobs} jobs for each of three queues`);
      await fillKernel(admin, jobs);
      bench.say("the kernel's queue is filled");
      await boss.fill(admin, jobs);
      bench.say("pg-boss's queue is filled");
      await fillGraphile(stack.dbUrl, admin, jobs);
      await admin.query("checkpoint");
      const contestants = BATCHES.flatMap((batch) => {
        const ours = kernel(stack.dbUrl, batch);
        ends.unshift(() => ours.end());
        return [ours, boss.contestant(batch), graphile(stack.dbUrl, batch)];
      });
      return rowsOf(jobs, await measure(bench, stack, contestants));
    } finally {
      for (const end of ends) await end();
    }
  },
};

async function measure(
  bench: Bench,
  stack: Stack,
  contestants: readonly Contestant[],
): Promise<Measured[]> {
  const lapMs = bench.quick ? 1_500 : 5_000;
  const idleMs = bench.quick ? 18_000 : 60_000;
  await round(bench, "warming up", contestants, lapMs / 5);
  const before = await round(bench, "before", contestants, lapMs);

  const idle = await holdSnapshot(stack.dbUrl);
  const rounds: Measured[] = [];
  for (const start = performance.now(); performance.now() - start < idleMs;) {
    rounds.push(
      ...await round(
        bench,
        "a transaction held open",
        contestants,
        idleMs / 2 / contestants.length,
      ),
    );
  }
  await idle.end();
  const held = contestants.map(({ name, batch }) => ({
    phase: "a transaction held open",
    name,
    batch,
    lap: together(
      rounds.filter((it) => it.name === name && it.batch === batch).map(({ lap }) => lap),
    ),
  }));
  return [...before, ...held, ...await round(bench, "after", contestants, lapMs)];
}

/** Each contestant in turn, so that what else the machine does meets all of them. */
async function round(
  bench: Bench,
  phase: string,
  contestants: readonly Contestant[],
  ms: number,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { name, batch, work } of contestants) {
    const lap: Lap = await work(ms);
    bench.say(`${phase}: ${name} by ${batch}: ${Math.round(lap.jobs / lap.seconds)} jobs a second`);
    measured.push({ phase, name, batch, lap });
  }
  return measured;
}

/**
 * A transaction that looked at something, took an id and then does nothing, as a person's in an editor:
 * no row version that dies from now on can be cleared away.
 */
async function holdSnapshot(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("begin isolation level repeatable read");
  await client.query("select count(*) from public.vehicles where id is null");
  await client.query("select txid_current()");
  return client;
}
