/** A stack with its cron, a site with faults, all workers called over and over, and work that never ends. */
import { randomOf } from "../demo/site/random.ts";
import { type Site, startSite } from "../demo/site/server.ts";
import { type LastingSql, lastingSql } from "../local/postgres/sql.ts";
import { type Stack, startStack } from "../local/stack.ts";
import { HOST } from "./pipeline_drain.ts";
import { type Planned, planPipeline } from "./pipeline_plan.ts";

const DEALER = "classics.example";
/** Shorter than in production, so that what a dead worker held is free soon; heartbeats come each 10 s. */
const LEASE = "15 seconds";
const WORKERS = [
  "process-import-queue",
  "process-backfill-queue",
  "process-bat-extraction-queue",
  "retry-failed-steps",
  "micro-scrape-bandaid",
  "backfill-images",
] as const;
/** Who is called asks for so few rows that many runs are under way in a minute. */
const BATCH = 10;
/** Of each hundred vehicles that a person inserts, so many come with a colour that was typed. */
const TYPED_PERCENT = 30;

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A listing that was queued, or that a person inserted as a vehicle, and how it must end. */
export interface Staged extends Planned {
  by: "import_queue" | "a person";
  /** The colour that the person typed. */
  typed: string | null;
}

export interface ChaosWorld {
  stack: Stack;
  site: Site;
  /** Survives kills: a statement that is cut off throws, the next one connects anew. */
  sql: LastingSql;
  staged: Staged[];
  /** Answers of workers, by status; 0 where the connection broke. */
  answers: Map<number, number>;
  /** What workers that answered 500 said of it, without ids. */
  errors: Map<string, number>;
  close(): Promise<void>;
}

interface Sizes {
  imports: number;
  inserts: number;
}

export async function openChaos(sizes: Sizes): Promise<ChaosWorld> {
  const site = await startSite({
    counts: { [HOST]: sizes.imports, [DEALER]: sizes.inserts },
    images: [1, 2],
    nonVehicles: 0,
    relistings: 0,
  });
  try {
    const stack = await startStack({
      quiet: true,
      functionEnv: { SOURCE_MIRROR_URL: site.url },
    });
    const sql = lastingSql("postgres", portOf(stack), 6);
    await sql.unsafe(`
      alter table source_hosts alter column min_interval_ms set default 0;
      update source_hosts set min_interval_ms = 0;
      update listing_feeds set enabled = false; -- all that is imported was queued here
      update private.leased_tables set lease = '${LEASE}';
    `);
    return {
      stack,
      site,
      sql,
      staged: [],
      answers: new Map(),
      errors: new Map(),
      async close() {
        await sql.end();
        await stack.stop();
        await site.stop();
      },
    };
  } catch (error) {
    await site.stop();
    throw error;
  }
}

export const portOf = (stack: Pick<Stack, "dbUrl">) => Number(new URL(stack.dbUrl).port);

/**
 * Tries what may be tried again until it succeeds: connections are cut all the time.
 * @throws Error of the last attempt after a minute.
 */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(100);
    }
  }
}

/** Something that goes on beside the kills, round after round; resolves when it was stopped. */
export async function rounds(stopped: () => boolean, ms: number, round: () => Promise<unknown>) {
  while (!stopped()) {
    await round();
    await pause(ms);
  }
}

/** Calls every worker over and over, as invocations and cron do, only more often. */
export async function callWorkers(world: ChaosWorld, stopped: () => boolean): Promise<void> {
  const { stack, answers, errors } = world;
  const count = <Key>(all: Map<Key, number>, key: Key) => all.set(key, (all.get(key) ?? 0) + 1);
  const call = async (worker: string) => {
    let status = 0;
    try {
      const answer = await fetch(`${stack.url}/functions/v1/${worker}`, {
        method: "POST",
        headers: { apikey: stack.keys.secret, "content-type": "application/json" },
        body: JSON.stringify({
          max_runtime_ms: 10_000,
          ...(worker === "backfill-images" ? {} : { batch_size: BATCH }),
        }),
        signal: AbortSignal.timeout(40_000),
      });
      const said = await answer.text();
      status = answer.status;
      if (status === 500) {
        count(errors, `${worker}: ${said.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")}`);
      }
    } catch { /* cut off by a kill: counted as 0 */ }
    count(answers, status);
  };
  await Promise.all(WORKERS.map((worker) => rounds(stopped, 300, () => call(worker))));
}

/** Keeps every queue at work: new listings while there are any, and vehicles that are read once more. */
export async function stageWork(
  world: ChaosWorld,
  seed: string,
  stopped: () => boolean,
): Promise<void> {
  const { sql, site, staged } = world;
  const plan = (host: string) => {
    const urls = [...site.catalogue.all()].filter((it) => it.host === host).map((it) => it.url);
    return planPipeline(site, urls, {
      seed,
      transient: 0.15,
      removed: 0.03,
      walled: 0,
      timeouts: 0,
    });
  };
  const auctions = plan(HOST);
  const offers = plan(DEALER);
  for (const { url, trouble, fate } of [...auctions, ...offers]) {
    const random = randomOf(seed, "slow", url);
    if (fate !== "vehicle" || trouble !== null || !random.chance(0.3)) continue;
    site.setFault(url, { kind: "slow", ms: random.int(200, 1_200) });
  }
  await rounds(stopped, 500, () => again(() => stageMore({ sql, staged, seed, auctions, offers })));
}

interface Supply {
  sql: LastingSql;
  staged: Staged[];
  seed: string;
  auctions: Planned[];
  offers: Planned[];
}

async function stageMore({ sql, staged, seed, auctions, offers }: Supply): Promise<void> {
  const [open] = await sql<{ imports: number; backfills: number; retries: number; looks: number }>`
    select
      (select count(*)::int from import_queue where status in ('pending', 'processing')) as imports,
      (select count(*)::int from backfill_queue where status in ('pending', 'processing')) as backfills,
      (select count(*)::int from scrape_retry_queue where status in ('pending', 'processing')) as retries,
      (select count(*)::int from micro_scrape_state where state in ('due', 'leased')) as looks`;
  if (open === undefined) return;
  if (open.imports < 30) {
    // Queued before it is noted down, and noted down once: a repetition finds the rows there.
    const next = auctions.slice(0, 30);
    const items = next.map(({ url }) => ({ url, source: "bringatrailer" }));
    await sql`select enqueue_listings(${JSON.stringify(items)}::jsonb, 'chaos')`;
    staged.push(...next.map((it) => ({ ...it, by: "import_queue" as const, typed: null })));
    auctions.splice(0, next.length);
  }
  if (open.looks < 30 && offers.length > 0) {
    const next = offers.slice(0, 10).map((it): Staged => {
      const typed = randomOf(seed, "typed", it.url).chance(TYPED_PERCENT / 100);
      return { ...it, by: "a person", typed: typed ? `typed ${it.url.length}` : null };
    });
    await sql`
      insert into vehicles (discovery_url, color)
      select * from unnest(${next.map((it) => it.url)}::text[], ${
      next.map((it) => it.typed)
    }::text[])
      on conflict (canonical_url) do nothing`;
    staged.push(...next);
    offers.splice(0, next.length);
  }
  if (open.backfills < 15) {
    await sql`
      insert into backfill_queue (vehicle_id, reason)
      select id, 'chaos' from vehicles order by random() limit 15
      on conflict do nothing`;
    await sql`
      select reopen_micro_scrape(array(select id from vehicles order by random() limit 10))`;
    await sql`
      update bat_extraction_queue set status = 'pending'
      where id in (
        select id from bat_extraction_queue where status = 'complete'
        order by random() limit 10 for update skip locked)`;
  }
  if (open.retries < 10) {
    await sql`
      insert into scrape_retry_queue (vehicle_id, step_name)
      select id, 'extract_data' from vehicles order by random() limit 10
      on conflict do nothing`;
  }
}

/** Moves the time of everything that waits after a failure to now: what takes hours takes none here. */
export async function passTime(sql: LastingSql): Promise<void> {
  for (
    const [table, key, column, state] of [
      ["import_queue", "id", "next_attempt_at", "status = 'pending'"],
      ["backfill_queue", "id", "next_attempt_at", "status = 'pending'"],
      ["bat_extraction_queue", "id", "next_attempt_at", "status = 'pending'"],
      ["scrape_retry_queue", "id", "next_retry_at", "status = 'pending'"],
      ["image_downloads", "(vehicle_id, url)", "next_attempt_at", "status = 'pending'"],
      [
        "micro_scrape_state",
        "vehicle_id",
        "due_at",
        "state = 'waiting' and coalesce(last_outcome, '') not in ('ok', 'not_modified')",
      ],
    ] as const
  ) {
    await sql.unsafe(`
      update ${table} set ${column} = now()
      where ${key} in (
        select ${key.replace(/[()]/g, "")} from ${table}
        where ${state} and ${column} > now() and ${column} < 'infinity'
        for update skip locked)`);
  }
  await sql`
    update source_hosts
    set retry_after = retry_after - interval '1 day',
        retry_at = retry_at - interval '1 day',
        opened_at = opened_at - interval '1 day',
        probe_until = probe_until - interval '1 day'
    where greatest(retry_after, retry_at, probe_until) > now()`;
}
