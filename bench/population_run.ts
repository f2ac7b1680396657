/** A made population, imported, judged and taken back, beside the same in a database that joins nothing. */
import postgres from "postgres";
import { type Stack, startStack } from "../local/stack.ts";
import { makePopulation, type Population } from "./population.ts";
import {
  beginning,
  check,
  type Imported,
  importPopulation,
  judge,
  standAgain,
  takeBackAll,
  type Verdict,
} from "./population_import.ts";
import { states } from "./population_state.ts";

interface PopulationRun {
  population: Population;
  verdict: Verdict;
  joining: Imported;
  apart: Imported;
  /** Milliseconds of each join that was taken back. */
  undone: number[];
  /** Listings whose vehicle is not as in the database that joined nothing, with both states. */
  different: { url: string; held: string | undefined; expected: string | undefined }[];
}

export async function runPopulation(
  cars: number,
  listings: number,
  seed: number,
  say: (message: string) => void = () => {},
): Promise<PopulationRun> {
  const population = makePopulation(cars, listings, seed);
  const begin = beginning();
  const [one, other] = [await open(true), await open(false)];
  try {
    say("importing, and joining what is proved");
    const joining = await importPopulation(one.sql, population, seed, begin, say);
    const verdict = await judge(one.sql, population);
    say(`${verdict.joins} joins are taken back`);
    await standAgain(one.sql);
    const undone = await takeBackAll(one.sql, seed);
    await settle(one.sql);
    say("importing without joining");
    const apart = await importPopulation(other.sql, population, seed, begin, say);
    await standAgain(other.sql);
    await settle(other.sql);
    const [held, expected] = [await states(one.sql), await states(other.sql)];
    const urls = [...new Set([...held.keys(), ...expected.keys()])]
      .filter((url) => held.get(url) !== expected.get(url));
    const [are, were] = [await states(one.sql, urls), await states(other.sql, urls)];
    const different = urls.map((url) => ({ url, held: are.get(url), expected: were.get(url) }));
    return { population, verdict, joining, apart, undone, different };
  } finally {
    await one.close();
    await other.close();
  }
}

interface Opened {
  stack: Stack;
  sql: postgres.Sql;
  close(): Promise<void>;
}

async function open(joins: boolean): Promise<Opened> {
  const stack = await startStack({ quiet: true, cron: false });
  const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  if (!joins) {
    await sql`
      create or replace function private.why_same_car(a public.vehicles, b public.vehicles) returns text
      language sql as 'select null'`;
  }
  return {
    stack,
    sql,
    async close() {
      await sql.end();
      await stack.stop();
    },
  };
}

/** VINs that are many vehicles' again are suspect again, and nothing is joined anew. */
async function settle(sql: postgres.Sql): Promise<void> {
  await sql`delete from vehicle_merge_candidates where status = 'open'`;
  await check(sql);
}
