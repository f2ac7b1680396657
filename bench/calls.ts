/** How many calls to API and Storage one run of each worker makes. */
import { z } from "zod";
import { type Calls, type CountingApi, isObject, startCountingApi } from "./counting_api.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { startFunction } from "./function_child.ts";
import { openScene, type Scene } from "./scene.ts";

/** Vehicles of a run. */
const MANY = 20;

/** One run of one function, and what must lie ready for it. */
interface Run {
  what: string;
  functionName: string;
  /** Makes the work for one run; gives the body to call the function with. */
  prepare(scene: Scene, from: number): Promise<Record<string, unknown>>;
  /** Pages of a run. */
  pages: number;
}

/** From then on the robots.txt of the sites is known, as it is in daily work. */
const FIRST: Run = {
  what: "import of one URL with its pictures",
  functionName: "import-bat-listing",
  pages: 1,
  prepare: ({ site }, from) => Promise.resolve({ url: site.pages[from]?.url }),
};

const RUNS: readonly Run[] = [
  {
    what: "import of one URL",
    functionName: "import-bat-listing",
    pages: 1,
    prepare: ({ site }, from) =>
      Promise.resolve({ url: site.pages[from]?.url, download_images: false }),
  },
  {
    what: "import of 20 queued listings",
    functionName: "process-import-queue",
    pages: MANY,
    async prepare({ sql, site }, from) {
      const urls = site.pages.slice(from, from + MANY).map(({ url }) => url);
      await sql`insert into import_queue (listing_url) select unnest(${urls}::text[])`;
      return {};
    },
  },
  {
    what: "micro-scrape of 20",
    functionName: "micro-scrape-bandaid",
    pages: MANY,
    async prepare(scene, from) {
      await scene.insert(from, from + MANY);
      return { batch_size: MANY, triggered_by: "cron" };
    },
  },
  {
    what: "healing of 20 from their sites",
    functionName: "process-backfill-queue",
    pages: MANY,
    async prepare(scene, from) {
      await queueForHealing(scene, await scene.insert(from, from + MANY), "manual");
      return { batch_size: MANY };
    },
  },
  {
    what: "healing of 20 from snapshots",
    functionName: "process-backfill-queue",
    pages: MANY,
    async prepare(scene) {
      // Those that the import above has read: their snapshots are there.
      const held = await scene.sql<{ id: string }[]>`
        select v.id from vehicles v join page_snapshots s using (canonical_url)
        order by v.created_at, v.id limit ${MANY}`;
      await queueForHealing(scene, held, "scraper_improved");
      return { batch_size: MANY };
    },
  },
];

async function queueForHealing(
  { sql }: Scene,
  vehicles: readonly { id: string }[],
  reason: string,
): Promise<void> {
  const ids = vehicles.map(({ id }) => id);
  await sql`
    insert into backfill_queue (vehicle_id, reason, source_url)
    select id, ${reason}, discovery_url from vehicles where id = any (${ids}::uuid[])`;
}

/** Calls of a run in a process that has just started, and of the next one in the same process. */
async function callsOf(
  run: Run,
  scene: Scene,
  api: CountingApi,
  from: number,
): Promise<[Calls, Calls]> {
  const worker = await startFunction(run.functionName, scene, api.url);
  try {
    const counted: Calls[] = [];
    for (const start of [from, from + run.pages]) {
      const body = await run.prepare(scene, start);
      api.take();
      mustHaveRead(run, await worker.call({ max_runtime_ms: 60_000, ...body }));
      counted.push(api.take());
    }
    const [first = new Map(), second = new Map()] = counted;
    return [first, second];
  } finally {
    await worker.stop();
  }
}

const answered = z.object({
  processed: z.int().optional(),
  analyzed: z.int().optional(),
  outcome: z.string().optional(),
});

/** @throws Error when the run did not do all of its work: then its calls are not those of 20. */
function mustHaveRead(run: Run, answer: unknown): void {
  const { processed, analyzed, outcome } = answered.parse(answer);
  const done = processed ?? analyzed ?? (outcome === "ok" ? 1 : 0);
  if (done !== run.pages) {
    throw new Error(`${run.what}: ${done} of ${run.pages} done: ${JSON.stringify(answer)}`);
  }
}

function rowsOf(what: string, [fresh, warm]: [Calls, Calls]): Row[] {
  const total = (calls: Calls) =>
    [...calls].reduce((sum, [kind, count]) => isObject(kind) ? sum : sum + count, 0);
  const row = (name: string, value: number, warmValue: number): Row => ({
    what: name,
    value,
    unit: "",
    better: "less",
    baseline: { name: "the next run of the worker", value: warmValue },
  });
  const kinds = [...new Set([...fresh.keys(), ...warm.keys()])];
  return [
    row(what, total(fresh), total(warm)),
    ...kinds.map((kind) => row(`  ${kind}`, fresh.get(kind) ?? 0, warm.get(kind) ?? 0)),
  ];
}

async function count(bench: Bench, intervalMs: number): Promise<Row[]> {
  const pages = 2 * RUNS.reduce((sum, run) => sum + run.pages, 0);
  const scene = await openScene(bench, FIRST.pages * 2 + pages);
  const api = startCountingApi(scene.stack.url);
  const rows: Row[] = [];
  let from = 0;
  try {
    await scene.sql.unsafe(
      `alter table source_hosts alter column min_interval_ms set default ${intervalMs}`,
    );
    for (const run of [FIRST, ...RUNS]) {
      bench.say(`${run.what}, a host asked every ${intervalMs} ms`);
      const counted = await callsOf(run, scene, api, from);
      if (run !== FIRST) rows.push(...rowsOf(`${run.what}, every ${intervalMs} ms`, counted));
      from += 2 * run.pages;
    }
    return rows;
  } finally {
    await api.stop();
    await scene.close();
  }
}

export const calls: Figure = {
  name: "calls",
  about: "calls to API and Storage of one run of each worker, by address",
  async run(bench) {
    const rows = await count(bench, 0);
    // As hosts are really asked: once a second.
    return bench.quick ? rows : [...rows, ...await count(bench, 1_000)];
  },
};
