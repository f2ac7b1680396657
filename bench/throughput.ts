/** Vehicles a second from claim to stored comments, all layers at work. */
import { microScrape } from "./call.ts";
import type { Bench, Figure } from "./figure.ts";
import { Naive } from "./naive.ts";
import { openScene, type Scene } from "./scene.ts";

/** Runs at work at the same time. */
const AT_ONCE = 4;

export const throughput: Figure = {
  name: "throughput",
  about: "vehicles a second end to end, comments and bids stored",
  async run(bench) {
    const [pages, sample] = bench.quick ? [200, 5] : [2_000, 20];
    const scene = await openScene(bench, 20 + pages + sample);
    try {
      await scene.insert(0, 20);
      await microScrape(endpoint(scene), scene.stack.keys.secret); // warm
      await scene.insert(20, 20 + pages);
      const perSecond = await drain(bench, scene, pages);
      const note = await whatIsStored(scene, 20 + pages);
      bench.say("a sample the naive way");
      const naive = new Naive(scene.stack, scene.site.url);
      const vehicles = await scene.insert(20 + pages, 20 + pages + sample);
      const { seconds } = await naive.scrape(vehicles).finally(() => naive.stop());
      return [{
        what: `vehicles a second, ${pages.toLocaleString("en-US")} auction pages`,
        value: perSecond,
        unit: "per s",
        better: "more",
        baseline: { name: "one at a time, one value a request", value: sample / seconds },
        aim: "100 on two cores",
        note,
      }];
    } finally {
      await scene.close();
    }
  },
};

const endpoint = ({ stack }: Scene) => `${stack.url}/functions/v1/micro-scrape-bandaid`;

/** Runs until nothing is due; gives vehicles a second. */
async function drain(bench: Bench, scene: Scene, pages: number): Promise<number> {
  let done = 0;
  const start = performance.now();
  const work = async () => {
    for (;;) {
      const { analyzed } = await microScrape(endpoint(scene), scene.stack.keys.secret);
      if (analyzed === 0) return;
      done += analyzed;
      if (done % 200 === 0) bench.say(`${done} of ${pages} vehicles`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (done !== pages) throw new Error(`${done} of ${pages} vehicles were worked on`);
  return done / (performance.now() - start) * 1000;
}

/** @throws Error when something that the pages show is not stored: then the speed is worth nothing. */
async function whatIsStored({ sql, site }: Scene, pages: number): Promise<string> {
  const [held] = await sql<{ comments: number; bids: number; images: number; covers: number }[]>`
    select
      (select count(*)::integer from auction_comments) as comments,
      (select count(*)::integer from auction_bids) as bids,
      (select count(*)::integer from image_downloads) as images,
      (select count(*)::integer from vehicle_images) as covers`;
  const shown = site.pages.slice(0, pages);
  const sum = (key: "comments" | "bids" | "images") =>
    shown.reduce((total, page) => total + page[key], 0);
  for (const key of ["comments", "bids", "images"] as const) {
    if (held?.[key] !== sum(key)) {
      throw new Error(`${held?.[key]} ${key} are stored, the pages show ${sum(key)}`);
    }
  }
  const kilobytes = Math.round(site.bytes / site.pages.length / 1024);
  return `Pages of ${kilobytes} KB on average; ${AT_ONCE} runs at once. Stored: ${held?.comments} comments, ` +
    `${held?.bids} bids, ${held?.images} image URLs, ${held?.covers} covers: all that the pages show. ` +
    "The pages are served, and the API stands, on the same cores.";
}
