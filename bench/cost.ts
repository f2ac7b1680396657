/** What a thousand vehicles of each kind of work take of a hosted project. */
import postgres from "postgres";
import { z } from "zod";
import { type Cost, rowsOf } from "./cost_rows.ts";
import { between, look } from "./cost_used.ts";
import { type CountingApi, startCountingApi } from "./counting_api.ts";
import type { Bench, Figure } from "./figure.ts";
import { startFunction } from "./function_child.ts";
import { forgetEngines } from "./healing.ts";
import type { PageKind } from "./page_site.ts";
import { openScene, type Scene } from "./scene.ts";

/** One kind of work, done by calling its function as the database does until all of it is done. */
interface Work {
  what: string;
  /** What it is held against: a kind of work before it. */
  against?: string;
  functionName: string;
  /** Beside `max_runtime_ms`; the size of a batch is the function's own, as it is in daily work. */
  body?: Record<string, unknown>;
  /** Makes work due, of `count` vehicles or nearly so many; gives of how many. */
  prepare(scene: Scene, count: number): Promise<number>;
}

const importOf = (kind: PageKind): Work => ({
  what: `import of new ${kind}`,
  functionName: "process-import-queue",
  async prepare({ sql, site }, count) {
    const items = site.pages.slice(0, count).map(({ url }) => ({ url }));
    await sql`select enqueue_listings(${sql.json(items)}, 'https://bench.example/')`;
    return items.length;
  },
});
const IMPORT = importOf("auctions");

/** In this order: each has what the ones before it have stored. */
const OF_AUCTIONS: readonly Work[] = [
  { ...IMPORT, against: importOf("posts").what },
  {
    what: "healing from snapshots",
    against: IMPORT.what,
    functionName: "process-backfill-queue",
    async prepare({ sql }) {
      await forgetEngines(sql);
      // One that is live has moved on since its page was kept, and is fetched.
      const queued = await sql`
        insert into backfill_queue (vehicle_id, reason, source_url)
        select id, 'scraper_improved', discovery_url from vehicles
        where sale_status is distinct from 'live'`;
      return queued.count;
    },
  },
  {
    what: "pictures, one a vehicle",
    functionName: "backfill-images",
    async prepare({ sql }, count) {
      await sql`update fill_policy set galleries = 'cover'`;
      return count;
    },
  },
  {
    what: "micro-scrape pass",
    against: IMPORT.what,
    functionName: "micro-scrape-bandaid",
    body: { triggered_by: "cron" },
    async prepare({ sql, insert }, count) {
      await sql`update fill_policy set galleries = 'none'`;
      return (await insert(count, 2 * count)).length;
    },
  },
];

const answered = z.object({
  processed: z.int().optional(),
  analyzed: z.int().optional(),
  stored: z.int().optional(),
});

async function costOf(
  bench: Bench,
  work: Work,
  scene: Scene,
  admin: postgres.Sql,
  api: CountingApi,
  most: number,
): Promise<Cost> {
  const count = await work.prepare(scene, most);
  bench.say(`${work.what}: ${count}`);
  const worker = await startFunction(work.functionName, scene, api.url);
  try {
    const [before, cpu] = [await look(scene, admin, api), await worker.usage()];
    api.take();
    let [invocations, done] = [0, 0];
    while (done < count) {
      const answer = await worker.call({ max_runtime_ms: 60_000, ...work.body });
      const { processed, analyzed, stored } = answered.parse(answer);
      const did = processed ?? analyzed ?? stored ?? 0;
      if (did === 0) {
        throw new Error(`${work.what}: ${done} of ${count}: ${JSON.stringify(answer)}`);
      }
      invocations++;
      done += did;
    }
    if (done > count) throw new Error(`${work.what}: ${done} of ${count} were worked on`);
    const calls = api.take();
    const functionSeconds = ((await worker.usage()).cpuMs - cpu.cpuMs) / 1000;
    const used = between(before, await look(scene, admin, api));
    return {
      what: work.what,
      against: work.against,
      count,
      invocations,
      calls,
      used,
      functionSeconds,
    };
  } finally {
    await worker.stop();
  }
}

/** Each kind of work in turn, over one stack. */
async function costsOf(
  bench: Bench,
  kind: PageKind,
  all: readonly Work[],
  count: number,
): Promise<Cost[]> {
  const scene = await openScene(bench, count * (kind === "auctions" ? 2 : 1), kind);
  const api = startCountingApi(scene.stack.url);
  const admin = postgres(scene.stack.adminDbUrl, { max: 1, onnotice: () => {} });
  const costs: Cost[] = [];
  try {
    await scene.sql`update fill_policy set galleries = 'none'`;
    for (const work of all) costs.push(await costOf(bench, work, scene, admin, api, count));
    return costs;
  } finally {
    await admin.end();
    await api.stop();
    await scene.close();
  }
}

export const cost: Figure = {
  name: "cost",
  about: "invocations, calls, bytes, rows and CPU of a thousand vehicles of each kind of work",
  async run(bench) {
    // Full batches of each function's own size: 20, 50 and 200.
    const count = bench.quick ? 40 : 600;
    const costs = [
      ...await costsOf(bench, "posts", [importOf("posts")], count),
      ...await costsOf(bench, "auctions", OF_AUCTIONS, count),
    ];
    return rowsOf(
      costs,
      `For 1,000 vehicles each, counted on ${count}${
        bench.quick ? ", too few for full batches" : ""
      }. Bodies are counted, not ` +
        "compressed. Posts have 27 KB, auctions 445 KB with some 110 bids and comments; the pictures are made up, of 2 KB.",
    );
  },
};
