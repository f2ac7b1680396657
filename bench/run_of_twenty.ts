/** One run of micro-scrape-bandaid over 20 vehicles: its CPU and its memory. */
import { functionEnvironment } from "../local/functions/environment.ts";
import { z } from "zod";
import { microScrape } from "./call.ts";
import { startChild } from "./child.ts";
import type { Figure, Row } from "./figure.ts";
import { Naive } from "./naive.ts";
import { openScene, type Scene } from "./scene.ts";
import { quantile } from "./statistics.ts";
import { type Usage, usage } from "./usage.ts";

const ENTRY = new URL("../supabase/functions/micro-scrape-bandaid/index.ts", import.meta.url).href;
/** The heap that V8 may use, megabytes: half of what a hosted function has, so that what is needed is seen. */
const HEAP_MB = 128;
const NAIVE = "cheerio.load, one page and one value at a time";

export const run: Figure = {
  name: "run",
  about: "CPU and memory of one run of micro-scrape-bandaid over 20 auction pages",
  async run(bench) {
    const runs = bench.quick ? 3 : 10;
    const scene = await openScene(bench, 20 * (runs + 2));
    try {
      bench.say(`${runs + 1} runs of 20 vehicles`);
      const [cold, ...warm] = await usageOfRuns(scene, runs + 1);
      bench.say("the same number of pages the naive way");
      const naive = await naiveUsage(scene, 20 * (runs + 1));
      return cold === undefined ? [] : rowsOf(cold, warm, naive);
    } finally {
      await scene.close();
    }
  },
};

/** What each run took, the first one in a fresh process. */
async function usageOfRuns({ stack, site, insert }: Scene, runs: number): Promise<Usage[]> {
  const child = startChild("function_process.ts", {
    args: [ENTRY],
    v8: [`--max-old-space-size=${HEAP_MB}`],
    env: { ...functionEnvironment(stack), SOURCE_MIRROR_URL: site.url },
  });
  try {
    const { port } = z.object({ port: z.int() }).parse(await child.next());
    const url = `http://127.0.0.1:${port}/micro-scrape-bandaid`;
    const taken: Usage[] = [];
    for (let n = 0; n < runs; n++) {
      await insert(20 * n, 20 * (n + 1));
      const before = usage.parse(await child.ask("usage"));
      const { analyzed } = await microScrape(url, stack.keys.secret);
      if (analyzed !== 20) throw new Error(`a run looked at ${analyzed} vehicles`);
      const after = usage.parse(await child.ask("usage"));
      taken.push({ ...after, cpuMs: after.cpuMs - before.cpuMs });
    }
    return taken;
  } finally {
    await child.stop();
  }
}

async function naiveUsage({ stack, site, insert }: Scene, from: number): Promise<Usage> {
  const naive = new Naive(stack, site.url);
  try {
    return await naive.scrape(await insert(from, from + 20));
  } finally {
    await naive.stop();
  }
}

function rowsOf(cold: Usage, warm: Usage[], naive: Usage): Row[] {
  const cpu = { name: NAIVE, value: naive.cpuMs };
  const note =
    "The function unmodified, alone in a process: nothing else uses its CPU or memory. " +
    `V8 was given ${HEAP_MB} MB of heap. Covers are downloaded and stored too; the naive way leaves them.`;
  return [
    {
      what: "CPU of a run of 20, median",
      value: quantile(warm.map(({ cpuMs }) => cpuMs), 0.5),
      unit: "ms",
      better: "less",
      baseline: cpu,
      aim: "under 1,000 ms (limit 2,000)",
      note,
    },
    {
      what: "CPU of the first run of a fresh worker",
      value: cold.cpuMs,
      unit: "ms",
      better: "less",
      baseline: cpu,
      aim: "under 1,000 ms (limit 2,000)",
    },
    {
      what: "peak of heap and buffers, all runs",
      value: Math.max(cold.heapMb, ...warm.map(({ heapMb }) => heapMb)),
      unit: "MB",
      better: "less",
      baseline: { name: NAIVE, value: naive.heapMb },
      aim: "under 128 MB",
    },
    {
      what: "peak of the whole process, first run",
      value: cold.residentMb,
      unit: "MB",
      better: "less",
      baseline: { name: NAIVE, value: naive.residentMb },
      note: "The whole process holds Deno itself, about 75 MB before any function is loaded.",
    },
  ];
}
