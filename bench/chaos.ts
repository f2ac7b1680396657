/** A thousand kills over all queues, with people beside them: nothing may be lost, doubled, stuck or written over. */
import { killAll, type Killed, type Mix } from "./chaos_kills.ts";
import { type Deeds, letPeopleWork, noDeeds } from "./chaos_people.ts";
import { type ChaosFound, verifyChaos } from "./chaos_verify.ts";
import {
  again,
  callWorkers,
  type ChaosWorld,
  openChaos,
  passTime,
  pause,
  rounds,
  stageWork,
} from "./chaos_world.ts";
import type { Bench, Figure, Row } from "./figure.ts";

const SEED = "chaos";
/** After the last kill all work must be done within so long. */
const DRAIN_MS = 300_000;
/** How much of what is wrong is said. */
const LINES = 20;

const sizes = ({ quick }: Bench): { imports: number; inserts: number; mix: Mix } =>
  quick
    ? { imports: 240, inserts: 80, mix: { backend: 24, functions: 4, postgres: 2 } }
    : { imports: 3_000, inserts: 800, mix: { backend: 890, functions: 95, postgres: 15 } };

interface Measured {
  seed: string;
  killed: Killed;
  deeds: Deeds;
  /** Rows that were put back, by why they had been given up. */
  redriven: ReadonlyMap<string, number>;
  drained: number;
  found: ChaosFound;
  staged: number;
  answers: ReadonlyMap<number, number>;
}

async function measure(bench: Bench): Promise<Measured> {
  const seed = bench.seed ?? SEED;
  const { mix, ...counts } = sizes(bench);
  bench.say(`seed: ${seed}`);
  const world = await openChaos(counts);
  const { sql, site, staged } = world;
  const deeds = noDeeds();
  let peace = false;
  let done = false;
  const working = Promise.all([
    callWorkers(world, () => done),
    rounds(() => done, 1_000, () => again(() => passTime(sql))),
  ]);
  const living = Promise.all([
    stageWork(world, seed, () => peace),
    letPeopleWork(world, deeds, seed, () => peace),
  ]);
  try {
    const kills = killAll(world, { mix, seed, say: bench.say });
    // What breaks beside the kills ends the run at once.
    const killed = await Promise.race([kills, working.then(() => kills), living.then(() => kills)]);
    peace = true;
    await living;
    bench.say("the last kill is done: all work must come to an end");
    const begun = performance.now();
    const redriven = await drained(world);
    for (const [why, n] of redriven) bench.say(`put back ${n}: ${why}`);
    for (const [said, n] of world.errors) bench.say(`answered 500, ${n} times: ${said}`);
    done = true;
    await working;
    bench.say("comparing every vehicle with its page, and with what people did");
    return {
      seed,
      killed,
      deeds,
      redriven,
      drained: (performance.now() - begun) / 1000,
      found: await verifyChaos(sql, site, staged, deeds),
      staged: staged.length,
      answers: world.answers,
    };
  } finally {
    peace = true;
    done = true;
    await Promise.allSettled([working, living]);
    await world.close();
  }
}

/**
 * Waits until nothing is open, or until the time is up: what is open then is found to be lost. Rows whose
 * workers were killed at each of their attempts are dead letters: a person puts them back, by one call.
 * @returns why what was put back had been given up, and how often.
 */
async function drained({ sql }: ChaosWorld): Promise<Map<string, number>> {
  const redriven = new Map<string, number>();
  for (const until = Date.now() + DRAIN_MS; Date.now() < until; await pause(1_000)) {
    const given = await sql<{ why: string; rows: number }>`
      select regexp_replace(why, '(https?://\\S+|\\d+)', '…', 'g') as why, count(*)::int as rows
      from (
        select error as why from dead_letters
        union all select last_error from image_downloads where status = 'failed'
        union all select last_error from micro_scrape_state where state = 'failed'
      ) given_up
      group by 1`;
    for (const { why, rows } of given) redriven.set(why, (redriven.get(why) ?? 0) + rows);
    await sql`
      select
        redrive_dead_letters(null, null, 10000),
        retry_image_downloads(array(select vehicle_id from image_downloads where status = 'failed')),
        reopen_micro_scrape(array(select vehicle_id from micro_scrape_state where state = 'failed'))`;
    const [open] = await sql<{ is: boolean }>`
      select
        exists (select from import_queue where status in ('pending', 'processing'))
        or exists (select from backfill_queue where status in ('pending', 'processing'))
        or exists (select from bat_extraction_queue where status in ('pending', 'processing'))
        or exists (select from scrape_retry_queue where status in ('pending', 'processing'))
        or exists (select from image_downloads where status in ('pending', 'leased'))
        or exists (select from micro_scrape_state
          where state in ('due', 'leased') or (state = 'waiting' and coalesce(last_outcome, '') not in ('ok', 'not_modified'))) as is`;
    if (open?.is === false) return redriven;
  }
  return redriven;
}

function rowsOf(it: Measured, say: Bench["say"]): Row[] {
  const { killed, found, deeds } = it;
  const kills = Object.values(killed.mix).reduce((sum, n) => sum + n, 0);
  const none = (what: string, lines: readonly string[], note?: string): Row => {
    for (const line of lines.slice(0, LINES)) say(`${what}: ${line}`);
    if (lines.length > LINES) say(`${what}: and ${lines.length - LINES} more`);
    return {
      what,
      value: lines.length,
      unit: "",
      better: "less",
      baseline: null,
      aim: "0",
      must: 0,
      note,
    };
  };
  const redriven = it.redriven.values().reduce((sum, n) => sum + n, 0);
  const answers = [...it.answers].sort().map(([status, n]) => `${status || "cut off"} ${n}`);
  return [
    {
      what: `kills, seed "${it.seed}"`,
      value: kills,
      unit: "",
      better: "more",
      baseline: null,
      note: `${killed.mix.backend} database backends (${killed.inStatement} of them at work), ` +
        `${killed.mix.functions} times the functions' host and ${killed.mix.postgres} times Postgres ` +
        `(${killed.leased} rows were leased then). Answers of workers: ${answers.join(", ")}.`,
    },
    none(
      "lost",
      found.lost,
      `${it.staged} listings and inserts: ${found.vehicles} vehicles at the end, ${found.values} values as ` +
        `the pages state them, ${found.auctions} auctions, ${found.images} images. ${redriven} rows had lost ` +
        "a worker, or met a fault of the site, at each of their attempts and were put back.",
    ),
    none("doubled", found.doubled),
    none("stuck leases", found.stuck),
    none(
      "overwritten hand edits",
      found.overwritten,
      `People: ${deeds.edited} edits, ${deeds.removed.size} vehicles deleted or forgotten, ${deeds.cutOff} ` +
        `statements cut off; ${found.edits} values of theirs compared.`,
    ),
    none("refused to people", deeds.refused),
    {
      what: "from the last kill until all is done",
      value: it.drained,
      unit: "s",
      better: "less",
      baseline: null,
    },
  ];
}

export const chaos: Figure = {
  name: "chaos",
  about: "a thousand kills over all queues, while people edit and delete, only when named",
  onlyWhenNamed: true,
  run: async (bench) => rowsOf(await measure(bench), bench.say),
};
