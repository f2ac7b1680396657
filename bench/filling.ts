/** Sixty thousand listings of sites that nobody tuned for, in one cycle of two hours. */
import postgres from "postgres";
import { callFunction } from "../demo/driver/call.ts";
import { cpuSeconds, msEach, totalOf, usedSince } from "../demo/fill/driver/cpu.ts";
import { listingOf } from "../demo/fill/sites/listing.ts";
import { FILL_SITES, SLOTS, standing } from "../demo/fill/sites/plan.ts";
import { type FillSites, startFillSites } from "../demo/fill/sites/server.ts";
import { type Stack, startStack } from "../local/stack.ts";
import type { Bench, Figure, Row } from "./figure.ts";

/** Runs of the import queue's worker at the same time, and the listings of each. */
const WORKERS = 4;
const BATCH = 50;
/** At this rate a month's target, 720,000, comes in within one cycle. */
const MONTH_IN_A_CYCLE = 720_000 / 7_200;
const HOST_INTERVAL_MS = 50;

export const filling: Figure = {
  name: "fill",
  about: "sixty thousand listings of forty sites in one cycle",
  onlyWhenNamed: true,
  async run(bench) {
    const sites = await startFillSites();
    sites.setTime({ slot: SLOTS - 1, dayStart: Date.now() });
    const stack = await startStack({
      quiet: true,
      cron: false,
      functionEnv: { SOURCE_MIRROR_URL: sites.url },
    }).catch((error) => {
      sites.stop();
      throw error;
    });
    const sql = postgres(stack.dbUrl, { max: 2, onnotice: () => {} });
    try {
      return await measure(bench, stack, sites, sql);
    } finally {
      await sql.end();
      await stack.stop();
      sites.stop();
    }
  },
};

async function measure(
  bench: Bench,
  stack: Stack,
  sites: FillSites,
  sql: postgres.Sql,
): Promise<Row[]> {
  await sql`alter table source_hosts alter column min_interval_ms set default ${
    sql.unsafe(String(HOST_INTERVAL_MS))
  }`;
  await sql`update fill_policy set galleries = 'none'`;
  const asked = await enqueue(sql, bench.quick ? 2_000 : Infinity);
  const importSome = () =>
    callFunction(stack, "process-import-queue", { batch_size: BATCH, max_runtime_ms: 60_000 });
  await importSome(); // warm
  const [from, cpuBefore] = [await vehicles(sql), await cpuSeconds(stack, sites)];
  const begun = performance.now();
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    while (await isOpen(sql)) await importSome();
  }));
  const seconds = (performance.now() - begun) / 1000;
  const added = await vehicles(sql) - from;
  const cpuAfter = await cpuSeconds(stack, sites);
  const what = `vehicles a second, ${
    asked.toLocaleString("en-US")
  } listings of ${FILL_SITES.length} sites`;
  const baseline = { name: "a month's target in one cycle", value: MONTH_IN_A_CYCLE };
  const rows: Row[] = [{
    what,
    value: added / seconds,
    unit: "per s",
    better: "more",
    baseline,
    note:
      `${WORKERS} workers of ${BATCH} listings at once; pages of 4 to 9 KB, served on the same cores.`,
  }];
  if (cpuBefore === null || cpuAfter === null) return rows;
  const used = usedSince(cpuBefore, cpuAfter);
  const each = msEach(used, added);
  const cores = navigator.hardwareConcurrency;
  const busy = totalOf(used) / seconds;
  return [...rows, {
    what: "CPU a vehicle, all parts together",
    value: totalOf(each),
    unit: "ms",
    better: "less",
    baseline: {
      name: `what ${cores} cores have at that rate`,
      value: cores * 1000 / MONTH_IN_A_CYCLE,
    },
    note: `Functions ${each.functions.toFixed(1)}, Postgres ${each.postgres.toFixed(1)}, API ${
      each.api.toFixed(1)
    }, sites ${each.sites.toFixed(1)} ms; ${busy.toFixed(1)} of ${cores} cores were busy with it: ${
      busy > cores * 0.85 ? "CPU stops it" : "it waits, or others use the cores"
    }.`,
  }];
}

/** Queues what stands on the sites, a listing of each in turn; gives how many. */
async function enqueue(sql: postgres.Sql, most: number): Promise<number> {
  const counts = FILL_SITES.map((site) => ({ site, count: standing(site, SLOTS - 1) }));
  const longest = Math.max(...counts.map(({ count }) => count));
  const urls: string[] = [];
  for (let n = 0; n < longest && urls.length < most; n++) {
    for (const { site, count } of counts) if (n < count) urls.push(listingOf(site, n).url);
  }
  for (let at = 0; at < urls.length; at += 500) {
    const items = urls.slice(at, at + 500).map((url) => ({ url }));
    await sql`select enqueue_listings(${sql.json(items)}, 'https://autohalle.example/')`;
  }
  return urls.length;
}

async function vehicles(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from vehicles`;
  return row?.count ?? 0;
}

/** Whether something is due. What waits for its host to be asked again belongs to a later cycle. */
async function isOpen(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql<{ open: boolean }[]>`
    select exists (
      select from import_queue
      where status = 'pending' and coalesce(next_attempt_at, now()) <= now()
    ) as open`;
  return row?.open ?? false;
}
