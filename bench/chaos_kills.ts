/** Kills, in an order drawn from a seed, each of them while work is under way. */
import { randomOf } from "../demo/site/random.ts";
import { type LastingSql, lastingSql } from "../local/postgres/sql.ts";
import { again, type ChaosWorld, pause, portOf } from "./chaos_world.ts";

export const KINDS = ["backend", "functions", "postgres"] as const;
type Kind = typeof KINDS[number];

/** How many of each. */
export type Mix = Readonly<Record<Kind, number>>;

export interface Killed {
  mix: Record<Kind, number>;
  /** Backends that were in the middle of a statement or of a transaction. */
  inStatement: number;
  /** Rows that were leased when the functions' host, or Postgres, was killed. */
  leased: number;
}

/** How long a kill waits for somebody who is at work. */
const PATIENCE_MS = 3_000;
/** Every table with leases, as `leased_tables` names them. */
const LEASED = `
  select (
    (select count(*) from import_queue where lease_token is not null)
    + (select count(*) from backfill_queue where lease_token is not null)
    + (select count(*) from bat_extraction_queue where lease_token is not null)
    + (select count(*) from scrape_retry_queue where lease_token is not null)
    + (select count(*) from micro_scrape_state where lease_token is not null)
    + (select count(*) from image_downloads where lease_token is not null))::int as leased`;

/** The kinds of all kills in their order: each spread evenly over the whole, and then shaken. */
export function orderOfKills(mix: Mix, seed: string): Kind[] {
  const random = randomOf(seed, "order");
  return KINDS
    .flatMap((kind) =>
      Array.from({ length: mix[kind] }, (_, i) => ({ kind, at: (i + random.next()) / mix[kind] }))
    )
    .sort((a, b) => a.at - b.at)
    .map(({ kind }) => kind);
}

/** @throws Error when Postgres or the functions' host does not come back within a minute. */
export async function killAll(
  world: ChaosWorld,
  { mix, seed, say }: { mix: Mix; seed: string; say(message: string): void },
): Promise<Killed> {
  const { stack } = world;
  const admin = lastingSql("supabase_admin", portOf(stack), 1);
  const random = randomOf(seed, "kills");
  const killed: Killed = {
    mix: { backend: 0, functions: 0, postgres: 0 },
    inStatement: 0,
    leased: 0,
  };
  const order = orderOfKills(mix, seed);
  try {
    for (const [n, kind] of order.entries()) {
      await pause(random.int(200, 1_100));
      if (kind === "backend") {
        const inStatement = await again(() => killBackend(admin, random.next()));
        if (inStatement) killed.inStatement++;
      } else {
        killed.leased += await again(() => untilLeased(admin));
        const pid = kind === "functions" ? stack.functionsPid() : stack.postgresPid();
        Deno.kill(pid, "SIGKILL");
        await untilReplaced(
          pid,
          () => kind === "functions" ? stack.functionsPid() : stack.postgresPid(),
        );
        if (kind === "postgres") await again(() => admin`select 1`);
      }
      killed.mix[kind]++;
      if ((n + 1) % Math.ceil(order.length / 10) === 0) say(`${n + 1} of ${order.length} kills`);
    }
    return killed;
  } finally {
    await admin.end();
  }
}

/** Ends a connection other than the own; whether it was in a statement. */
async function killBackend(admin: LastingSql, draw: number): Promise<boolean> {
  for (const until = Date.now() + PATIENCE_MS;;) {
    const late = Date.now() > until;
    const victims = await admin<{ pid: number; state: string }>`
      select pid, state from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() and query not ilike 'listen %'
        and (${late} or state <> 'idle')
      order by pid`;
    const victim = victims[Math.floor(draw * victims.length)];
    const [ended] = victim === undefined
      ? []
      : await admin<{ ended: boolean }>`select pg_terminate_backend(${victim.pid}) as ended`;
    if (ended?.ended) return victim?.state !== "idle";
    await pause(10);
  }
}

/** Waits for a row to be leased; how many are. */
async function untilLeased(admin: LastingSql): Promise<number> {
  for (const until = Date.now() + PATIENCE_MS;;) {
    const [row] = await admin.unsafe<{ leased: number }>(LEASED);
    if (row && (row.leased > 0 || Date.now() > until)) return row.leased;
    await pause(20);
  }
}

async function untilReplaced(pid: number, now: () => number): Promise<void> {
  for (const until = Date.now() + 60_000; now() === pid || now() === 0;) {
    if (Date.now() > until) throw new Error(`process ${pid} was killed and never replaced`);
    await pause(50);
  }
}
