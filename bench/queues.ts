/** The queue kernel against pg-boss and graphile-worker, with a long backlog and an idle transaction. */
import pg from "pg";
import { type Stack, startStack } from "../local/stack.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { fillGraphile, graphile } from "./queues_graphile.ts";
import { fillKernel, type Kernel, kernel, kernelThroughRest, QUEUE } from "./queues_kernel.ts";
import { type Contestant, type Lap, type Mode, together } from "./queues_lap.ts";
import { startBoss } from "./queues_pg_boss.ts";
import { inWords, type Measured, rowsOf, same } from "./queues_rows.ts";

/** One at a time is what graphile-worker does by default; one worker alone is a quiet day. */
const MODES: readonly Mode[] = [
  { workers: 4, batch: 20 },
  { workers: 4, batch: 1 },
  { workers: 1, batch: 20 },
];
const WARMING_UP = "warming up";
const HELD = "a transaction held open";
/** Turns of each contestant in a phase, so that what else the machine does meets all of them. */
const TURNS = 3;

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
      await boss.fill(admin, jobs);
      await fillGraphile(stack.dbUrl, admin, jobs);
      await admin.query("checkpoint");
      const kernels: Kernel[] = MODES.map((mode) => kernel(stack.dbUrl, mode));
      ends.unshift(...kernels.map((it) => () => it.end()));
      const measured = await measure(
        bench,
        stack,
        kernels.flatMap((ours) => [
          ours,
          boss.contestant(ours.mode),
          graphile(stack.dbUrl, ours.mode),
        ]),
      );
      const rest = await throughRest(bench, stack, measured);
      await nothingTwice(admin, [...measured, ...rest.measured]);
      return [...rowsOf(jobs, measured.filter(({ phase }) => phase !== WARMING_UP)), rest.row];
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
  const phaseMs = bench.quick ? 12_000 : 36_000;
  const heldMs = bench.quick ? 18_000 : 60_000;
  const warm = await phase(bench, WARMING_UP, contestants, phaseMs / 4);
  const before = await phase(bench, "before", contestants, phaseMs);
  const idle = await holdSnapshot(stack.dbUrl);
  const held = await phase(bench, HELD, contestants, heldMs);
  await idle.end();
  return [...warm, ...before, ...held, ...await phase(bench, "after", contestants, phaseMs)];
}

/** Each contestant in turn, several times; `ms` is for all of it. */
async function phase(
  bench: Bench,
  name: string,
  contestants: readonly Contestant[],
  ms: number,
): Promise<Measured[]> {
  const laps = contestants.map((): Lap[] => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [place, contestant] of contestants.entries()) {
      laps[place]?.push(await contestant.work(ms / TURNS / contestants.length));
    }
  }
  return contestants.map((contestant, place) => {
    const lap = together(laps[place] ?? []);
    const rate = Math.round(lap.jobs / lap.seconds);
    bench.say(
      `${name}: ${contestant.name}, ${inWords(contestant.mode)}: ${rate} jobs a second`,
    );
    return { phase: name, name: contestant.name, mode: contestant.mode, lap };
  });
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

/** What the edge functions get of it: the same calls through the API of the local stack. */
async function throughRest(
  bench: Bench,
  stack: Stack,
  measured: readonly Measured[],
): Promise<{ measured: Measured[]; row: Row }> {
  const mode: Mode = { workers: 4, batch: 20 };
  const contestant = kernelThroughRest(stack.url, stack.keys.secret, mode);
  const bySql = measured.findLast((it) => it.name === "the kernel" && same(it.mode, mode));
  const rounds = await phase(bench, "after", [contestant], bench.quick ? 1_000 : 4_000);
  const rate = (it: Measured | undefined) => it === undefined ? 0 : it.lap.jobs / it.lap.seconds;
  return {
    measured: rounds,
    row: {
      what: `after, ${inWords(mode)}, through the REST API: jobs`,
      value: rate(rounds[0]),
      unit: "per s",
      better: "more",
      baseline: { name: "the same by SQL", value: rate(bySql) },
    },
  };
}

/** @throws Error when the queue does not hold exactly as many finished rows as were settled. */
async function nothingTwice(admin: pg.Client, measured: readonly Measured[]): Promise<void> {
  const settled = measured.filter(({ name }) => name.startsWith("the kernel"))
    .reduce((sum, { lap }) => sum + lap.jobs, 0);
  const { rows } = await admin.query(
    `select count(*)::integer as count, max(attempts) as attempts from public.${QUEUE} where status = 'completed'`,
  );
  if (rows[0]?.count !== settled || rows[0]?.attempts !== 1) {
    throw new Error(`${settled} rows were settled, ${JSON.stringify(rows[0])} are finished`);
  }
}
