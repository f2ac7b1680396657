/** Cars that are offered, auctioned twice and offered again, joined as they are found, and taken apart in every order. */
import assert from "node:assert/strict";
import type postgres from "postgres";
import type { Listing } from "../../bench/population.ts";
import {
  beginning,
  importPopulation,
  standAgain,
  takeBack,
} from "../../bench/population_import.ts";
import { states } from "../../bench/population_state.ts";
import { sql as connect, withStack } from "../support/stack.ts";

const CAR = {
  ...{ car: 0, vin: "1HGCM82633A004352", vinConfidence: 0.8, year: 2012, make: "Honda" },
  ...{ model: "Pilot", trim: "Limited", color: "Black", mileage: 161_496, seller: "Dealer 8" },
};

/** One of its listings, sold on the day it is found, or there for a month. */
function listing(url: string, day: number, price: number, isAuction = false): Listing {
  return { ...CAR, url, day, gone: isAuction ? day : day + 30, price, isAuction };
}

/** None of its offers ends: what became of a listing since is no part of what a join changed. */
const STAYING = [
  listing("https://dealer-8.example/0", 165, 88_200),
  listing("https://auction-2.example/1", 172, 78_700, true),
  listing("https://dealer-8.example/2", 187, 84_200, true),
  listing("https://dealer-8.example/3", 188, 84_900),
  { ...listing("https://market-2.example/4", 245, 89_900), mileage: 163_496, seller: "Ann" },
].map((one) => ({ ...one, gone: one.isAuction ? one.day : 9999 }));

/** The same, whose offers had ended when the next listing was found: its first status comes to stand twice. */
const ENDED_BETWEEN = [
  listing("https://dealer-6.example/0", 69, 41_400),
  listing("https://auction-1.example/1", 150, 41_700, true),
  listing("https://auction-2.example/2", 165, 41_700, true),
  listing("https://market-5.example/3", 169, 42_000),
  listing("https://market-3.example/4", 272, 41_200),
];

function orders<T>(of: readonly T[]): T[][] {
  if (of.length < 2) return [[...of]];
  return of.flatMap((one, at) =>
    orders(of.filter((_, other) => other !== at)).map((rest) => [one, ...rest])
  );
}

/** Imports them as new listings, one found after the other; gives how many were joined. */
async function importFound(
  sql: postgres.Sql,
  listings: readonly Listing[],
  begin: Date,
): Promise<number> {
  let joined = 0;
  for (const found of listings) {
    await sql`
      update vehicle_listings
      set status = 'removed', ended_at = seen.gone, ended_because = 'gone'
      from (
        select e ->> 'url' as url, ${begin}::timestamptz + (e ->> 'gone')::int * interval '1 day' as gone
        from jsonb_array_elements(${sql.json(listings.map(({ url, gone }) => ({ url, gone })))}) e
      ) seen
      where canonical_url = seen.url
        and kind <> 'auction'
        and ended_at is null
        and seen.gone < ${begin}::timestamptz + ${found.day} * interval '1 day'`;
    joined += (await importPopulation(sql, { cars: [], listings: [found] }, 1, begin)).joined;
  }
  return joined;
}

for (const [name, listings] of [["stay", STAYING], ["end in between", ENDED_BETWEEN]] as const) {
  Deno.test(`a car's listings that ${name}, taken apart in every order, are as if they had never been joined`, () =>
    withStack({ cron: false }, async (stack) => {
      const sql = connect(stack);
      const begin = beginning();
      const urls = listings.map(({ url }) => url);
      const imported = async () => {
        await sql`truncate vehicles, vehicle_merges, suspect_vins, import_queue cascade`;
        const joined = await importFound(sql, listings, begin);
        await standAgain(sql);
        return joined;
      };
      try {
        const rule = await sql<{ text: string }[]>`
          select pg_get_functiondef(
            'private.why_same_car(public.vehicles, public.vehicles)'::regprocedure) as text`;
        await sql`
          create or replace function private.why_same_car(a public.vehicles, b public.vehicles) returns text
          language sql as 'select null'`;
        await imported();
        const apart = await states(sql, urls);
        await sql.unsafe(rule[0]?.text ?? "");

        for (const order of orders([0, 1, 2, 3])) {
          assert.equal(await imported(), 4);
          const merges = await sql<{ id: string }[]>`
            select merged_vehicle_id as id from vehicle_merges order by number`;
          for (const at of order) await takeBack(sql, merges[at]?.id ?? "");
          assert.deepEqual(await states(sql, urls), apart, `taken back in the order ${order}`);
        }
      } finally {
        await sql.end();
      }
    }));
}
