/** How long it takes to look up one car among a million, and to claim the listings that are looked at next. */
import postgres from "postgres";
import { startStack } from "../local/stack.ts";
import { explain } from "./explain.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { spread, timeEach } from "./statistics.ts";
import { short } from "./table.ts";

/** Vehicles of one statement. */
const PORTION = 50_000;

export const history: Figure = {
  name: "history",
  about:
    "a car's history, its followed listing, and a claim of 20 checks, at 1,000,000 vehicles with 2,500,000 listings",
  onlyWhenNamed: true,
  async run(bench) {
    const vehicles = bench.quick ? 20_000 : 1_000_000;
    const stack = await startStack({ quiet: true, cron: false });
    const sql = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    try {
      await fill(sql, vehicles, bench);
      const calls = {
        "vehicle_history": (id: string) => sql`select * from vehicle_history(${id})`,
        "private.current_listing": (id: string) =>
          sql`select private.current_listing(array[${id}::uuid])`,
      };
      if (bench.explain) {
        for (
          const statement of [
            `select * from vehicle_history('${idOf(17)}')`,
            `select private.current_listing(array['${idOf(17)}'::uuid])`,
          ]
        ) bench.say(await explain(stack.adminDbUrl, statement));
      }
      const rows: Row[] = [];
      for (const [name, call] of Object.entries(calls)) {
        const samples = await timeEach(500, (n) => call(idOf(1 + (n * 7919) % vehicles)));
        const { median, p99 } = spread(samples);
        for (const [which, value] of [["median", median], ["p99", p99]] as const) {
          rows.push({
            what: `${name}, ${short(vehicles)} vehicles: ${which}`,
            ...{ value, unit: "ms", better: "less", baseline: null, aim: "under 5 ms" },
          });
        }
      }
      return [...rows, ...await claims(sql, vehicles, bench), await freshnessStatus(sql)];
    } finally {
      await sql.end();
      await stack.stop();
    }
  },
};

/** Claims of twenty, until 10,000 of the checks that are due are claimed. */
async function claims(sql: postgres.Sql, vehicles: number, bench: Bench): Promise<Row[]> {
  await sql`select private.promote_due_listing_checks(20000)`;
  const claim = (limit: number) => sql`select claim_queue('listing_checks', ${limit})`;
  if (bench.explain) {
    bench.say(
      await sql`explain (analyze, buffers) select claim_queue('listing_checks', 20)`
        .then((lines) => lines.map((line) => Object.values(line)[0]).join("\n")),
    );
  }
  const { median, p99 } = spread(await timeEach(bench.quick ? 10 : 500, () => claim(20)));
  const [checks] = await sql<{ count: number }[]>`select count(*)::int from listing_checks`;
  return ([["median", median], ["p99", p99]] as const).map(([which, value]) => ({
    what: `claim of 20 checks, ${short(checks?.count ?? 0)} listings of ${
      short(vehicles)
    } vehicles: ${which}`,
    ...{ value, unit: "ms", better: "less" as const, baseline: null, aim: "under 5 ms" },
  }));
}

async function freshnessStatus(sql: postgres.Sql): Promise<Row> {
  const { median } = spread(await timeEach(3, () => sql`select * from freshness_status`));
  return {
    what: "freshness_status of all of them: median",
    ...{
      value: median,
      unit: "ms",
      better: "less",
      baseline: null,
      aim: "under 8,000 ms, the API's limit",
    },
  };
}

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** Two or three listings a vehicle, two events each; without the triggers, which other figures measure. */
async function fill(sql: postgres.Sql, vehicles: number, bench: Bench): Promise<void> {
  await sql`set session_replication_role = replica`;
  await sql`set synchronous_commit = off`;
  for (let from = 0; from < vehicles; from += PORTION) {
    const [first, last] = [from + 1, Math.min(vehicles, from + PORTION)];
    await sql`
      insert into vehicles (id, year, make, model, discovery_url, listing_url)
      select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 2009, 'Porsche', '911',
        'https://site-0.example/' || n, 'https://site-0.example/' || n
      from generate_series(${first}::int, ${last}::int) n`;
    await sql`
      insert into vehicle_listings (vehicle_id, listing_url, kind, status, price, currency, listed_at, first_seen_at, page_at)
      select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'https://site-' || i || '.example/' || n,
        'classified', 'for_sale', 1000, 'USD', now() - interval '9 days', now() - interval '9 days', now()
      from generate_series(${first}::int, ${last}::int) n, generate_series(0, 1 + n % 2) i`;
    if ((from / PORTION) % 4 === 3) bench.say(`${last} vehicles`);
  }
  await sql`
    insert into listing_events (listing_id, event, status_from, status_to, price_from, price_to, currency)
    select id, e.event, null, 'for_sale', e.price_from, e.price_to, 'USD'
    from vehicle_listings
    cross join (values ('seen', null, 1100), ('price_changed', 1100, 1000)) e(event, price_from, price_to)`;
  // One in fifty is due.
  await sql`
    insert into listing_checks (listing_id, vehicle_id, listing_url, requeue_at, known_at)
    select id, vehicle_id, listing_url, now() + (id % 50) * interval '1 hour' - interval '30 minutes',
      now() - interval '1 day'
    from vehicle_listings`;
  await sql`set session_replication_role = origin`;
  await sql`vacuum analyze vehicles, vehicle_listings, listing_events, listing_checks`;
}
