/** Listings queued, drained by several processes while some are killed, and time moved on past all waits. */
import postgres from "postgres";
import { moveQueueTimeOn } from "../demo/driver/queue_time.ts";
import { randomOf } from "../demo/site/random.ts";
import { type Site, type SiteOptions, startSite } from "../demo/site/server.ts";
import { type Stack, startStack } from "../local/stack.ts";
import type { Planned } from "./pipeline_plan.ts";
import { watchQueue } from "./pipeline_watch.ts";
import { Crew, type Kill } from "./pipeline_workers.ts";

export const HOST = "bringatrailer.com";
/** How often the queue is looked at. */
const LOOK_MS = 100;

/** A stack whose functions are not invoked by it, the site that it reads, and a database that takes notes. */
export interface Pipeline {
  stack: Stack;
  site: Site;
  sql: postgres.Sql;
  close(): Promise<void>;
}

/** @param intervalMs least time between two requests to the site's host, over all workers. */
export async function openPipeline(options: SiteOptions, intervalMs: number): Promise<Pipeline> {
  const site = await startSite(options);
  try {
    const stack = await startStack({
      quiet: true,
      cron: false,
      functionEnv: { SOURCE_MIRROR_URL: site.url },
    });
    const sql = postgres(stack.dbUrl, { max: 4, onnotice: () => {} });
    await sql`insert into source_hosts (host, min_interval_ms) values (${HOST}, ${intervalMs})
      on conflict (host) do update set min_interval_ms = excluded.min_interval_ms`;
    await watchQueue(sql);
    return {
      stack,
      site,
      sql,
      async close() {
        await sql.end({ timeout: 5 });
        await stack.stop();
        await site.stop();
      },
    };
  } catch (error) {
    await site.stop();
    throw error;
  }
}

/** Queues listings as discovery does; `feed` says where they were found, and names them for `drain`. */
export async function enqueue(
  sql: postgres.Sql,
  urls: readonly string[],
  feed: string,
): Promise<void> {
  for (let from = 0; from < urls.length; from += 500) {
    const items = urls.slice(from, from + 500).map((url) => ({ url, source: "bringatrailer" }));
    await sql`select enqueue_listings(${sql.json(items)}, ${feed})`;
  }
}

interface DrainOptions {
  /** As they were queued. */
  feed: string;
  planned: readonly Planned[];
  workers: number;
  /** Workers to be killed, one after the other, at moments drawn from the seed. */
  kills: number;
  seed: string;
  say?: (message: string) => void;
}

export interface Drain {
  kills: Kill[];
  /** Listings that ended, those behind a bot wall not counted. */
  ended: number;
  /** How many of them a second, until 95 of a hundred had ended: the last ones wait for walls and leases. */
  perSecond: number;
  /** By how much time was moved on, seconds. */
  moved: number;
}

interface Standing {
  due: number;
  held: number;
  waiting: number;
  /** Ended, without those behind a bot wall. */
  ended: number;
  /** The host asked to be left alone, or its breaker is open. */
  barred: boolean;
}

/**
 * Drains the queue until every listing has ended. Time is moved on whenever nothing is due, so a
 * wait of days takes none, and a host that was in trouble is back at its pace at once.
 * @throws Error when a worker's function fails, or when nothing ends for two minutes.
 */
export async function drain(
  { stack, site, sql }: Pipeline,
  { feed, planned, workers, kills, seed, say = () => {} }: DrainOptions,
): Promise<Drain> {
  const open = planned.filter((it) => it.fate !== "walled").length;
  const random = randomOf(seed, "kills");
  const moments = Array.from({ length: kills }, (_, i) => ({
    worker: i % workers,
    // In the first half of the work, so that what is left behind is seen to be taken up.
    after: Math.floor(open * (0.05 + (i + random.next()) / Math.max(1, kills) * 0.4)),
    delay: random.int(0, 300),
  }));
  const killed: Kill[] = [];
  let moved = 0;
  const crew = new Crew({
    stack,
    mirror: site.url,
    workers,
    body: { batch_size: 40, max_runtime_ms: 60_000 },
    onRestart: (worker) => say(`worker ${worker + 1} stands again`),
  });
  await crew.start();
  const begun = Date.now();
  let progress = { ended: 0, at: begun };
  try {
    for (;;) {
      crew.check();
      const now = await standing(sql, feed);
      if (now.due + now.held + now.waiting === 0) {
        const perSecond = await speed(sql, feed, begun);
        return { kills: killed, ended: now.ended, perSecond, moved };
      }
      if (now.ended !== progress.ended) progress = { ended: now.ended, at: Date.now() };
      else if (Date.now() - progress.at > 120_000 && now.ended < open) {
        throw new Error(`nothing has ended for two minutes: ${JSON.stringify(now)}`);
      }
      const next = moments[0];
      if (next && now.ended >= next.after) {
        await pause(next.delay);
        // A listing whose worker dies three times is given up: no listing is hit twice here.
        const hit = new Set(killed.flatMap((it) => it.rows));
        const kill = await crew.kill(next.worker, hit);
        if (kill) {
          moments.shift();
          killed.push(kill);
          say(`worker ${kill.worker + 1} killed with ${kill.rows.length} listings leased`);
        }
      }
      // A host that answered 503 is asked less often for minutes: a wait like the others, passed by too.
      await sql`
        update source_hosts set slowed_interval_ms = null
        where host = ${HOST} and slowed_interval_ms is not null`;
      // What is due waits too when its host is not to be asked.
      if (now.due === 0 ? now.waiting > 0 : now.barred) {
        moved += (await moveQueueTimeOn(sql, moved))?.seconds ?? 0;
      }
      await pause(LOOK_MS);
    }
  } finally {
    await crew.stop();
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function standing(sql: postgres.Sql, feed: string): Promise<Standing> {
  const [row] = await sql<Standing[]>`
    select
      count(*) filter (where status = 'pending' and coalesce(next_attempt_at, now()) <= now())::int as due,
      count(*) filter (where status = 'processing')::int as held,
      count(*) filter (where status = 'pending' and next_attempt_at > now())::int as waiting,
      count(*) filter (where status in ('complete', 'failed') and outcome_code <> 'blocked')::int as ended,
      exists (
        select from source_hosts
        where retry_after > now() or breaker = 'open' and retry_at > now()
      ) as barred
    from import_queue where discovered_from = ${feed}`;
  if (!row) throw new Error("the queue gave no row");
  return row;
}

/** Listings a second from `begun` (epoch milliseconds) until 95 of a hundred had ended. */
async function speed(sql: postgres.Sql, feed: string, begun: number): Promise<number> {
  const [row] = await sql<{ count: number; at: Date }[]>`
    select count(*)::int as count, percentile_disc(0.95) within group (order by processed_at) as at
    from import_queue where discovered_from = ${feed} and outcome_code <> 'blocked'`;
  if (!row?.at) throw new Error("no listing has ended");
  return 0.95 * row.count / ((row.at.getTime() - begun) / 1000);
}
