/** Looking again at listings: how fresh what is held is, and what that costs, against one interval for all. */
import postgres from "postgres";
import { startStack } from "../local/stack.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { type Freshness, play, type Scheduler } from "./freshness_run.ts";
import { ours, uniform } from "./freshness_scheduler.ts";
import { simulatedListings, simulatedSites } from "./freshness_world.ts";

const DAYS = 90;
const LISTINGS = 50_000;

const shareOf = ({ all, inTime }: { all: number; inTime: number }) => inTime / Math.max(1, all);
const bothShares = ({ status, price }: Freshness) =>
  shareOf({ all: status.all + price.all, inTime: status.inTime + price.inTime });

export const freshness: Figure = {
  name: "freshness",
  onlyWhenNamed: true,
  about: "90 days of looking again at 50,000 listings of 20 sites, against one interval for all",
  async run(bench) {
    const days = bench.quick ? 30 : DAYS;
    const count = bench.quick ? 10_000 : LISTINGS;
    const sites = simulatedSites();
    const listings = simulatedListings(sites, count, days, 1);
    const playing = (scheduler: Scheduler) => play(sites, listings, days, scheduler);
    const stack = await startStack({ quiet: true, cron: false });
    const sql = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    try {
      bench.say(`${count} listings, ${days} days`);
      const we = await playing(await ours(sql, sites));
      bench.say(inWords("ours", we));
      const alone = await playing(await ours(sql, sites, false));
      bench.say(inWords("ours, without index pages", alone));
      const as = (usesIndex: boolean, fits: Fits) => sameAs(bench, playing, usesIndex, fits);
      const asFresh = (it: Freshness) => bothShares(it) - bothShares(we);
      const fresh = await as(false, asFresh);
      const freshWithIndex = await as(true, asFresh);
      const asDear = await as(false, (it) => it.requests - we.requests);
      const freshAlone = await as(false, (it) => bothShares(it) - bothShares(alone));
      return rows(we, alone, { fresh, freshWithIndex, asDear, freshAlone });
    } finally {
      await sql.end();
      await stack.stop();
    }
  },
};

function inWords(name: string, it: Freshness): string {
  return `${name}: status ${shareOf(it.status).toFixed(4)}, price ${
    shareOf(it.price).toFixed(4)
  }, right ${
    it.timeRight.toFixed(4)
  }, ${it.requests} requests, ${it.indexLooks} index looks, busiest ${it.busiest.toFixed(2)}`;
}

type Fits = (it: Freshness) => number;
interface Uniform extends Freshness {
  hours: number;
}
/** What was played already. */
const played = new Map<string, Uniform>();

/** The interval at which a uniform scheduler comes to the same, by bisection: `fits` falls as it grows. */
async function sameAs(
  bench: Bench,
  playing: (scheduler: Scheduler) => Promise<Freshness>,
  usesIndex: boolean,
  fits: Fits,
): Promise<Uniform> {
  let [low, high] = [24, 104];
  let best: Uniform | undefined;
  for (let i = 0; i < 6; i++) {
    const hours = (low + high) / 2;
    const name = `${hours} ${usesIndex}`;
    const it = played.get(name) ?? { ...await playing(uniform(hours, usesIndex)), hours };
    played.set(name, it);
    if (best === undefined || Math.abs(fits(it)) < Math.abs(fits(best))) best = it;
    if (fits(it) > 0) low = hours;
    else high = hours;
  }
  if (best === undefined) throw new Error("no interval was tried");
  bench.say(
    inWords(`every ${best.hours.toFixed(1)} h${usesIndex ? " with index pages" : ""}`, best),
  );
  return best;
}

function rows(
  we: Freshness,
  alone: Freshness,
  to: Record<"fresh" | "freshWithIndex" | "asDear" | "freshAlone", Uniform>,
): Row[] {
  const every = ({ hours }: Uniform) => `all every ${hours.toFixed(0)} h`;
  const dear = `as many requests, ${every(to.asDear)}`;
  const row = (
    what: string,
    better: Row["better"],
    value: number,
    name: string,
    baseline: number,
    aim?: string,
  ): Row => ({ what, value, unit: "", better, baseline: { name, value: baseline }, aim });
  return [
    row(
      "status changes known within 48 h",
      "more",
      shareOf(we.status),
      dear,
      shareOf(to.asDear.status),
      "0.95 or more",
    ),
    row(
      "price changes known within 48 h",
      "more",
      shareOf(we.price),
      dear,
      shareOf(to.asDear.price),
      "0.9 or more",
    ),
    row("share of the time right", "more", we.timeRight, dear, to.asDear.timeRight),
    row(
      "requests",
      "less",
      we.requests,
      `as fresh, ${every(to.fresh)}`,
      to.fresh.requests,
      "0.6 of it",
    ),
    row(
      "requests",
      "less",
      we.requests,
      `as fresh, with index pages, ${every(to.freshWithIndex)}`,
      to.freshWithIndex.requests,
    ),
    row(
      "requests without index pages",
      "less",
      alone.requests,
      `as fresh, ${every(to.freshAlone)}`,
      to.freshAlone.requests,
    ),
    {
      what: "the most a host was asked in an hour, of its limit",
      value: we.busiest,
      unit: "",
      better: "less",
      baseline: null,
      aim: "1 or less",
    },
  ];
}
