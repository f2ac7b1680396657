/** graphile-worker as its manual says to run it fast: its runner, a local queue, completions in batches. */
import { Logger, run, type Runner } from "graphile-worker";
import pg from "pg";
import { type Contestant, type Lap, type Mode } from "./queues_lap.ts";

const TASK = "benchmark";
/** Jobs of one call that adds them. */
const PORTION = 10_000;
const silent = new Logger(() => () => {});
const taskList = { [TASK]: () => {} };

/** Makes its schema and queues `jobs` by its own `add_jobs`. */
export async function fillGraphile(url: string, admin: pg.Client, jobs: number): Promise<void> {
  const runner = await start(new Stopwatch(url, 2), 1);
  await runner.stop();
  for (let from = 0; from < jobs; from += PORTION) {
    await admin.query(
      `select count(*) from graphile_worker.add_jobs(array(
        select row($3, json_build_object('vehicle_id', md5(n::text)::uuid,
          'url', 'https://bringatrailer.com/listing/benchmark-' || n || '/'), null,
          now() - ($4::integer - n) * interval '10 milliseconds', null, null, null, null
        )::graphile_worker.job_spec
        from generate_series($1::integer, $2::integer) n
      ))`,
      [from + 1, Math.min(from + PORTION, jobs), TASK, jobs],
    );
  }
  await admin.query("vacuum analyze graphile_worker._private_jobs");
}

/**
 * In batches: a runner for each worker with one connection to work with, a local queue of the batch's size, all of it
 * run at once and completed together. One at a time: one runner with as many jobs at once, and connections, as there
 * are workers. Each runner holds one connection more, which listens.
 */
export function graphile(url: string, mode: Mode): Contestant {
  const { workers, batch } = mode;
  return {
    name: "graphile-worker",
    mode,
    async work(ms) {
      const watches = batch === 1
        ? [new Stopwatch(url, workers + 1)]
        : Array.from({ length: workers }, () => new Stopwatch(url, 2));
      const runners = await Promise.all(
        watches.map((watch) => start(watch, batch === 1 ? workers : batch, batch)),
      );
      const from = performance.now();
      watches.forEach((watch) => watch.start());
      await new Promise((resolve) => setTimeout(resolve, ms));
      const laps = watches.map((watch) => watch.take());
      const seconds = (performance.now() - from) / 1000;
      await Promise.all(runners.map((runner) => runner.stop()));
      await Promise.all(watches.map((watch) => watch.end()));
      return {
        jobs: laps.reduce((sum, lap) => sum + lap.jobs, 0),
        seconds,
        claims: laps.flatMap((lap) => lap.claims),
        perJob: laps.flatMap((lap) => lap.perJob),
      };
    },
  };
}

function start(watch: Stopwatch, concurrentJobs: number, batch = 1): Promise<Runner> {
  return run({
    noHandleSignals: true,
    pgPool: watch.pool,
    taskList,
    crontab: "",
    logger: silent,
    preset: {
      worker: {
        concurrentJobs,
        preparedStatements: true,
        ...(batch === 1 ? {} : { localQueue: { size: batch }, completeJobBatchDelay: 0 }),
      },
    },
  });
}

/** A pool that times what its runner asks: the claims, and each job from its claim to its completion. */
class Stopwatch {
  readonly pool: pg.Pool;
  #lap: Omit<Lap, "seconds"> | null = null;
  #claimedAt = new Map<string, number>();

  constructor(url: string, max: number) {
    this.pool = new pg.Pool({ connectionString: url, max });
    this.pool.on("error", () => {}); // the runner looks after itself
    this.pool.on("connect", (client) => {
      client.on("error", () => {});
      this.#watch(client);
    });
  }

  start(): void {
    this.#lap = { jobs: 0, claims: [], perJob: [] };
  }

  take(): Omit<Lap, "seconds"> {
    const lap = this.#lap;
    this.#lap = null;
    if (lap === null) throw new Error("not started");
    return lap;
  }

  async end(): Promise<void> {
    if (!this.pool.ended) await this.pool.end();
  }

  #watch(client: pg.PoolClient): void {
    const query = client.query.bind(client) as (asked: unknown, ...more: unknown[]) => unknown;
    const timed = async (asked: pg.QueryConfig) => {
      const before = performance.now();
      const result = await (query(asked) as Promise<pg.QueryResult>);
      this.#note(asked, result, before);
      return result;
    };
    Object.assign(client, {
      query: (asked: unknown, ...more: unknown[]) =>
        isJobQuery(asked) ? timed(asked) : query(asked, ...more),
    });
  }

  #note(asked: pg.QueryConfig, { rows }: pg.QueryResult, before: number): void {
    const now = performance.now();
    if (asked.name?.startsWith("get_job")) {
      if (rows.length > 0) this.#lap?.claims.push(now - before);
      for (const { id } of rows) this.#claimedAt.set(String(id), before);
      return;
    }
    for (const id of [asked.values?.[0] ?? []].flat()) {
      const claimedAt = this.#claimedAt.get(String(id));
      this.#claimedAt.delete(String(id));
      if (this.#lap === null || claimedAt === undefined) continue;
      this.#lap.jobs++;
      this.#lap.perJob.push(now - claimedAt);
    }
  }
}

/** The statements have names: get_job…, complete_job…, with the schema behind them. */
const isJobQuery = (asked: unknown): asked is pg.QueryConfig =>
  typeof asked === "object" && asked !== null && "name" in asked &&
  typeof asked.name === "string" && /^(get_job|complete_job)/.test(asked.name);
