/** Listings found become vehicles: with faults of the site, and workers that are killed. */
import type { Bench, Figure, Row } from "./figure.ts";
import { type Drain, drain, enqueue, HOST, openPipeline, type Pipeline } from "./pipeline_drain.ts";
import { storeImages } from "./pipeline_images.ts";
import { type NaiveImport, naiveImport } from "./pipeline_naive.ts";
import { type Planned, planPipeline, USUAL } from "./pipeline_plan.ts";
import { type Asked, asked, type Verified, verify } from "./pipeline_verify.ts";
import { type Orphans, orphans } from "./pipeline_watch.ts";

const SEED = "pipeline";
const WORKERS = 4;
const KILLS = 2;
/** A hundred requests a second: faster than four workers are. */
const QUICK_RATE_MS = 10;
/** Twenty-five a second: slower than they are, so that the rate is what holds them. */
const SLOW_RATE_MS = 40;
/** The lease of a queue row. */
const LEASE_S = 30;

/** Sizes in listings: the drain, and each of the runs beside it. */
const sizes = ({ quick }: Bench) =>
  quick ? { all: 300, beside: 60, timeouts: 0 } : { all: 5_000, beside: 300, timeouts: 4 };

interface Measured {
  size: number;
  drained: Drain;
  orphans: Orphans;
  verified: Verified;
  asked: Asked;
  images: number;
  one: Drain;
  slow: Asked;
  naive: NaiveImport & { pages: number };
}

/** A further run on listings that no other has seen, checked for its states only. */
async function beside(
  pipeline: Pipeline,
  urls: readonly string[],
  options: { feed: string; workers: number; rateMs: number },
): Promise<{ drained: Drain; asked: Asked }> {
  const { site, sql } = pipeline;
  const planned = planPipeline(site, urls, { seed: SEED, ...USUAL, timeouts: 0 });
  await sql`update source_hosts set min_interval_ms = ${options.rateMs} where host = ${HOST}`;
  site.clearLog();
  await enqueue(sql, urls, options.feed);
  const drained = await drain(pipeline, { ...options, planned, kills: 0, seed: SEED });
  const must = planned.filter((it) => it.fate !== "walled").length;
  if (drained.ended !== must) throw new Error(`${drained.ended} of ${must} listings ended`);
  return { drained, asked: asked(site, options.rateMs) };
}

async function measure(bench: Bench): Promise<Measured> {
  const { all, beside: some, timeouts } = sizes(bench);
  const pipeline = await openPipeline(
    { counts: { [HOST]: all + 3 * some }, images: [1, 2] },
    QUICK_RATE_MS,
  );
  const { site, sql, stack } = pipeline;
  try {
    const extras = site.catalogue.extras().map((it) => it.url);
    const numbered = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => site.catalogue.at(HOST, from + i)?.url ?? "");
    const urls = [...numbered(0, all - extras.length), ...extras];
    const planned: Planned[] = planPipeline(site, urls, { seed: SEED, ...USUAL, timeouts });
    await enqueue(sql, urls, "all");
    bench.say(`${urls.length} listings queued, ${WORKERS} workers start`);
    const drained = await drain(pipeline, {
      feed: "all",
      planned,
      workers: WORKERS,
      kills: KILLS,
      seed: SEED,
      say: bench.say,
    });
    const requests = asked(site, QUICK_RATE_MS);
    const left = await orphans(sql, drained.kills);
    bench.say("comparing every vehicle with its page");
    const verified = await verify(sql, site, planned);
    const problems = [...verified.problems];
    if (requests.most > requests.allowed) problems.push("the host was asked faster than its rate");
    if (problems.length > 0) {
      throw new Error(`${problems.length} are not right:\n${problems.slice(0, 20).join("\n")}`);
    }
    bench.say("images of the listings that had trouble, or lost their worker");
    const images = await storeImages(pipeline, planned, drained.kills);

    bench.say("one worker that nobody kills");
    const one = await beside(pipeline, numbered(all, all + some), {
      feed: "one worker",
      workers: 1,
      rateMs: QUICK_RATE_MS,
    });
    bench.say("a rate that is slower than the workers");
    const slow = await beside(pipeline, numbered(all + some, all + 2 * some), {
      feed: "slow rate",
      workers: WORKERS,
      rateMs: SLOW_RATE_MS,
    });
    if (slow.asked.most > slow.asked.allowed) {
      throw new Error(`${slow.asked.most} requests in 5 s, the rate allows ${slow.asked.allowed}`);
    }
    bench.say("the naive way");
    const last = numbered(all + 2 * some, all + 3 * some);
    planPipeline(site, last, { seed: SEED, ...USUAL, timeouts: 0 });
    site.clearLog();
    const naive = await naiveImport(stack, site.url, last);
    return {
      size: all,
      drained,
      orphans: left,
      verified,
      asked: requests,
      images,
      one: one.drained,
      slow: slow.asked,
      naive: { ...naive, pages: asked(site, 1).pages },
    };
  } finally {
    await pipeline.close();
  }
}

function rowsOf(it: Measured): Row[] {
  const { drained, verified, one, naive, slow } = it;
  const many = it.size.toLocaleString("en-US");
  return [
    {
      what: `listings a second, ${many} of them, ${WORKERS} workers, ${KILLS} killed`,
      value: drained.perSecond,
      unit: "per s",
      better: "more",
      baseline: { name: "one worker, none killed", value: one.perSecond },
      note:
        `All right at the end: ${verified.vehicles} vehicles with ${verified.values} values as the pages ` +
        `state them, ${verified.relistings} of them auctioned twice, ${verified.bids} bids, ${verified.comments} comments, ` +
        `${verified.imageUrls} image URLs, ${it.images} images stored of the listings that had trouble; ` +
        `${verified.gone} removed, ${verified.walled} behind a bot wall (given up on the third day), ` +
        `${verified.nonVehicles} no vehicles. Waits of ${
          Math.round(drained.moved / 86_400)
        } days were passed by moving time on.`,
    },
    {
      what: "listings a second, one worker",
      value: one.perSecond,
      unit: "per s",
      better: "more",
      baseline: {
        name: "one listing after the other, a value a request",
        value: (naive.imported + naive.failed) / naive.seconds,
      },
    },
    {
      what: "requests for a vehicle, faults and kills included",
      value: it.asked.pages / verified.vehicles,
      unit: "",
      better: "less",
      baseline: { name: "a fetch a step, again at once", value: naive.pages / naive.imported },
      note:
        `The naive way lost ${naive.failed} listings that were removed or walled, and knows nothing of them.`,
    },
    {
      what: "longest time from a kill to a listing leased again",
      value: it.orphans.longest,
      unit: "s",
      better: "less",
      baseline: { name: "the lease that has to run out", value: LEASE_S },
      aim: "at most 60 s",
      note:
        `${it.orphans.rows} listings were left behind by ${KILLS} workers killed in the middle of their work.`,
    },
    {
      what: `most requests in 5 s over ${WORKERS} workers, at ${1000 / SLOW_RATE_MS} a second`,
      value: slow.most,
      unit: "",
      better: "less",
      baseline: { name: "what the rate allows", value: slow.allowed },
    },
  ];
}

export const pipeline: Figure = {
  name: "pipeline",
  about: "listings become vehicles, with faults, bot walls and killed workers",
  run: async (bench) => rowsOf(await measure(bench)),
};
