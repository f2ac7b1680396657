/** New pages into the database: our import, Crawlee, and one page after the other, over one site. */
import { type CpuSeconds, cpuSeconds, usedSince } from "../demo/fill/driver/cpu.ts";
import { type Crawled, type Lap, mustBeAll, rowsOf, together } from "./crawl_rows.ts";
import { AT_ONCE, crawlee, oneByOne, ourImport, type Way } from "./crawl_ways.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import type { PageKind } from "./page_site.ts";
import { openScene, type Scene } from "./scene.ts";

/** So often each way gets its turn, so that what else the machine does meets all of them. */
const LAPS = 2;

/** Pages that are not counted, pages that are, and those of the slow way. */
interface Sizes {
  warm: number;
  pages: number;
  sample: number;
}

const sizes = ({ quick }: Bench, kind: PageKind): Sizes =>
  kind === "posts"
    ? { warm: 16, pages: quick ? 80 : 2_000, sample: quick ? 2 : 40 }
    : { warm: 8, pages: quick ? 32 : 600, sample: quick ? 1 : 10 };

export const crawl: Figure = {
  name: "crawl",
  about: "new pages to rows, small and large, against Crawlee with one transaction a page",
  async run(bench) {
    const rows: Row[] = [];
    for (const kind of ["posts", "auctions"] as const) rows.push(...await crawlOf(bench, kind));
    return rows;
  },
};

async function crawlOf(bench: Bench, kind: PageKind): Promise<Row[]> {
  const { warm, pages, sample } = sizes(bench, kind);
  const scene = await openScene(bench, warm + pages + 1 + sample, kind);
  const ways: Way[] = [];
  try {
    await scene.sql`update fill_policy set galleries = 'none'`;
    const urls = scene.site.pages.map(({ url }) => url);
    const [first, counted, slowly] = [
      urls.slice(0, warm),
      urls.slice(warm, warm + pages),
      urls.slice(warm + pages),
    ];
    ways.push(await ourImport(scene), await crawlee(scene));
    for (const way of ways) await way.work(first);
    const laps = ways.map((): Lap[] => []);
    for (let turn = 0; turn < LAPS; turn++) {
      const part = counted.slice(turn * pages / LAPS, (turn + 1) * pages / LAPS);
      for (const [place, way] of ways.entries()) {
        bench.say(`${part.length} ${kind}: ${way.name}`);
        laps[place]?.push(await lap(scene, way, part));
      }
    }
    const slow = oneByOne(scene, await scene.insert(warm + pages, urls.length));
    ways.push(slow);
    const last = slowly.slice(1);
    await slow.work(slowly.slice(0, 1));
    bench.say(`${sample} ${kind}: ${slow.name}`);
    const [ours, ...others] = await Promise.all([
      ...ways.slice(0, 2).map((way, place) => counting(way, counted, laps[place] ?? [])),
      counting(slow, last, [await lap(scene, slow, last)]),
    ]);
    if (ours === undefined) throw new Error("nothing was crawled");
    return rowsOf(kind, ours, others, noteOf(scene, kind, { pages, sample, warm }));
  } finally {
    for (const way of ways) await way.stop();
    await scene.close();
  }
}

/** One way over these pages; checks that the site was asked for each of them once, and for no picture. */
async function lap({ stack, site }: Scene, way: Way, urls: readonly string[]): Promise<Lap> {
  const [use, before] = [await site.use(), await cpuSeconds(stack, site)];
  const start = performance.now();
  const worker = await way.work(urls);
  const seconds = (performance.now() - start) / 1000;
  const after = await cpuSeconds(stack, site);
  const { pages, images } = await site.use();
  mustBeAll(way.name, urls.length, urls.length, pages - use.pages);
  if (images !== use.images) throw new Error(`${way.name} asked for pictures`);
  const used: CpuSeconds | null = before === null || after === null
    ? null
    : usedSince(before, after);
  return {
    pages: urls.length,
    seconds,
    worker,
    postgresMs: used === null ? null : used.postgres * 1000,
    apiMs: used === null ? null : way.usesApi ? used.api * 1000 : 0,
  };
}

/** @throws Error when not every page is stored. */
async function counting(way: Way, urls: readonly string[], laps: readonly Lap[]): Promise<Crawled> {
  const { pages, values } = await way.stored(urls);
  mustBeAll(way.name, urls.length, pages, urls.length);
  return { ...together(laps), name: way.name, values };
}

function noteOf({ site }: Scene, kind: PageKind, { pages, sample }: Sizes): string {
  const kilobytes = Math.round(site.bytes / site.pages.length / 1024);
  return `${
    pages.toLocaleString("en-US")
  } new ${kind} of ${kilobytes} KB, each asked for once by each way and all of them ` +
    `stored; ${AT_ONCE} at once, ${sample} one at a time; no pictures, no pause between requests. Crawlee parses with ` +
    "cheerio what plain selectors read, its queue is in memory, and it writes a row a page in a transaction of its own, without provenance. " +
    "All run on Deno; site, API and Postgres share the cores.";
}
