/** A version that adds one field, drained from snapshots; against fetching the pages again. */
import postgres from "postgres";
import { z } from "zod";
import { startSite } from "../demo/site/server.ts";
import { functionEnvironment } from "../local/functions/environment.ts";
import { type Stack, startStack } from "../local/stack.ts";
import { type Child, startChild } from "./child.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { usage } from "./usage.ts";

const ENTRY =
  new URL("../supabase/functions/process-backfill-queue/index.ts", import.meta.url).href;
const HOST = "cars.ksl.com";
/** Vehicles of one call. */
const BATCH = 50;
/** Calls at work at the same time. */
const AT_ONCE = 2;

const answer = z.object({
  processed: z.int(),
  completed: z.int(),
  changed: z.int(),
  from_snapshots: z.int(),
});

interface Drained {
  vehicles: number;
  changed: number;
  fromSnapshots: number;
  seconds: number;
  cpuMs: number;
  statements: number;
}

/** The function alone in a process, so that its CPU is all that is counted. */
function startProcessor(stack: Stack, mirror: string): Child {
  return startChild("function_process.ts", {
    args: [ENTRY],
    env: { ...functionEnvironment(stack), SOURCE_MIRROR_URL: mirror },
  });
}

/** Transactions that the database has committed: each call of the API is one. */
async function transactions(sql: postgres.Sql): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<{ count: number }[]>`
    select xact_commit::integer as count from pg_stat_database where datname = current_database()`;
  return row?.count ?? 0;
}

async function drain(
  { stack, sql, child, url, bench }: {
    stack: Stack;
    sql: postgres.Sql;
    child: Child;
    url: string;
    bench: Bench;
  },
): Promise<Drained> {
  const sum = { vehicles: 0, changed: 0, fromSnapshots: 0 };
  const before = usage.parse(await child.ask("usage"));
  const statements = await transactions(sql);
  const start = performance.now();
  const work = async () => {
    for (;;) {
      const response = await fetch(url, {
        method: "POST",
        headers: { apikey: stack.keys.secret, "content-type": "application/json" },
        body: JSON.stringify({ batch_size: BATCH, max_runtime_ms: 60_000 }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`process-backfill-queue: ${response.status}: ${text}`);
      const one = answer.parse(JSON.parse(text));
      if (one.completed !== one.processed) throw new Error(`not all completed: ${text}`);
      if (one.processed === 0) return;
      sum.vehicles += one.processed;
      sum.changed += one.changed;
      sum.fromSnapshots += one.from_snapshots;
      if (sum.vehicles % 1000 === 0) bench.say(`${sum.vehicles} vehicles`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - start) / 1000;
  const after = usage.parse(await child.ask("usage"));
  return {
    ...sum,
    seconds,
    cpuMs: after.cpuMs - before.cpuMs,
    statements: await transactions(sql) - statements,
  };
}

/** The engine of every vehicle, as if no version had ever read it. */
export async function forgetEngines(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('vehicles.writer', 'apply_extractions', true)`;
    await tx`update vehicles set engine = null, field_state = field_state - 'engine'`;
    await tx`delete from extraction_metadata where field_name = 'engine'`;
  });
  await sql`vacuum analyze vehicles, extraction_metadata`;
}

function rowsOf(size: number, kept: Drained, fetched: Drained, registeredMs: number): Row[] {
  const per = (one: Drained, what: "cpuMs" | "statements") => one[what] / one.vehicles;
  const many = size.toLocaleString("en-US");
  const name = "the pages fetched again";
  return [
    {
      what: `a version registered: ${many} vehicles found and queued`,
      value: registeredMs,
      unit: "ms",
      better: "less",
      baseline: null,
    },
    {
      what: `vehicles healed a second, ${many} snapshots`,
      value: kept.vehicles / kept.seconds,
      unit: "per s",
      better: "more",
      baseline: { name, value: fetched.vehicles / fetched.seconds },
      note:
        `No request to the site. ${AT_ONCE} calls of ${BATCH} at once. The site that is fetched ` +
        "from is on this machine and answers at once at any rate; a real one is asked once a second, " +
        `which makes ${Math.round(size / 3600 * 10) / 10} hours of ${many} vehicles.`,
    },
    {
      what: "CPU of the function for a vehicle",
      value: per(kept, "cpuMs"),
      unit: "ms",
      better: "less",
      baseline: { name, value: per(fetched, "cpuMs") },
    },
    {
      what: "transactions for a hundred vehicles",
      value: 100 * per(kept, "statements"),
      unit: "",
      better: "less",
      baseline: { name, value: 100 * per(fetched, "statements") },
      note: "Storage on this machine asks the database too, once or twice a page.",
    },
  ];
}

export const healing: Figure = {
  name: "healing",
  about: "a better scraper heals what is held, from snapshots",
  async run(bench) {
    const size = bench.quick ? 500 : 10_000;
    const site = await startSite({ counts: { [HOST]: size } });
    const stack = await startStack({
      quiet: true,
      cron: false,
      functionEnv: { SOURCE_MIRROR_URL: site.url },
    });
    const sql = postgres(stack.dbUrl, { max: 4, onnotice: () => {} });
    const child = startProcessor(stack, site.url);
    try {
      const { port } = z.object({ port: z.int() }).parse(await child.next());
      const url = `http://127.0.0.1:${port}/process-backfill-queue`;
      const tools = { stack, sql, child, url, bench };
      await sql`alter table source_hosts alter column min_interval_ms set default 0`;
      const urls = Array.from({ length: size }, (_, n) => site.catalogue.at(HOST, n)?.url ?? "");
      bench.say(`${size} vehicles inserted, read for the first time`);
      await sql`insert into vehicles (discovery_url) select unnest(${urls}::text[])`;
      const queue = (reason: string) =>
        sql`insert into backfill_queue (vehicle_id, reason, source_url)
          select id, ${reason}, discovery_url from vehicles`;
      await queue("import");
      await drain(tools);

      bench.say("the pages fetched again");
      await forgetEngines(sql);
      await queue("fetch_again");
      const fetched = await drain(tools);

      bench.say("a version registered and drained from snapshots");
      await forgetEngines(sql);
      site.clearLog();
      // The version that the functions have: a newer one would wait until it is deployed.
      const start = performance.now();
      const [registered] = await sql<{ r: { queued: number } }[]>`
        select register_scraper_version(scraper_name, scraper_version, '{engine}', 1) as r
        from scrape_sources
        where ${HOST} = any (hosts)`;
      const registeredMs = performance.now() - start;
      if (registered?.r.queued !== size) throw new Error(`${registered?.r.queued} were queued`);
      const kept = await drain(tools);
      if (site.requests.length > 0) throw new Error(`${site.requests.length} requests to the site`);
      for (const one of [kept, fetched]) {
        if (one.changed !== size) throw new Error(`${one.changed} of ${size} vehicles were healed`);
      }
      return rowsOf(size, kept, fetched, registeredMs);
    } finally {
      await child.stop();
      await sql.end();
      await stack.stop();
      await site.stop();
    }
  },
};
