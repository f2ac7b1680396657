/** A stack whose clock can be moved, the forty sites, and what an operator says once. */
import postgres from "postgres";
import { type Clock } from "../../../local/clock.ts";
import { type Stack, startStack } from "../../../local/stack.ts";
import { FILL_SITES } from "../sites/plan.ts";
import { type FillSites, startFillSites } from "../sites/server.ts";

export interface FillWorld {
  stack: Stack;
  clock: Clock;
  sites: FillSites;
  sql: postgres.Sql;
  /** Midnight UTC, at which the day begins: epoch milliseconds. */
  dayStart: number;
  /** Milliseconds that the stack took to start. */
  startedInMs: number;
  stop(): Promise<void>;
}

/** Least time between two requests to one of the sites. They are on this machine and allow it: a day takes minutes. */
export const HOST_INTERVAL_MS = 10;

/** Starts stack and sites. Nothing is left running when either cannot be started. */
export async function startFillWorld(): Promise<FillWorld> {
  const begun = Date.now();
  const sites = await startFillSites();
  try {
    const stack = await startStack({
      quiet: true,
      movableClock: true,
      functionEnv: { SOURCE_MIRROR_URL: sites.url, CONTACT_URL: "https://demo.example/contact" },
    });
    const { clock } = stack;
    if (clock === null) throw new Error("the stack has no clock that can be moved");
    const sql = postgres(stack.dbUrl, { max: 4, onnotice: () => {} });
    const day = 86_400_000;
    return {
      stack,
      clock,
      sites,
      sql,
      dayStart: (Math.floor(Date.now() / day) + 1) * day,
      startedInMs: Date.now() - begun,
      stop: async () => {
        await sql.end({ timeout: 1 });
        await stack.stop();
        sites.stop();
      },
    };
  } catch (error) {
    sites.stop();
    throw error;
  }
}

/**
 * What an operator does before the day: the policy, the pace, and the sites that are known to him.
 * @param target vehicles that are wanted of each cycle.
 */
export async function sayWhatIsWanted({ sql }: FillWorld, target: number): Promise<void> {
  await sql`
    update fill_policy
    set target = ${target},
        workers_floor = 3, workers_ceiling = 6,
        batch_size_floor = 50, batch_size_ceiling = 100,
        requests_floor = ${Math.ceil(target * 1.15)}, requests_ceiling = ${2 * target},
        feed_interval_floor = '10 minutes',
        galleries = 'none',
        new_sources_ceiling = 150`;
  await sql.unsafe(
    `alter table source_hosts alter column min_interval_ms set default ${HOST_INTERVAL_MS}`,
  );
  for (const { host } of FILL_SITES.filter(({ isSeed }) => isSeed)) {
    await sql`select add_source_candidate(${`https://${host}/`})`;
  }
}
