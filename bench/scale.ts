/** Whether what is done all day stays as fast as the database grows, with all that happened in it. */
import postgres from "postgres";
import type { Stack } from "../local/stack.ts";
import { startStack } from "../local/stack.ts";
import { explain } from "./explain.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { reading } from "./items.ts";
import { fillScale, HISTORY, makeMonths, vehicleId } from "./scale_fill.ts";
import { spread, timeEach } from "./statistics.ts";
import { short } from "./table.ts";

const OPERATOR = '{"app_metadata": {"role": "operator"}}';
const BATCH = 20;
const WARMING = 10;

export const scale: Figure = {
  name: "scale",
  about:
    "claims, look-ups and writes at 10,000, 100,000 and 1,000,000 vehicles with 20 rows of history each, beside the smallest",
  onlyWhenNamed: true,
  async run(bench) {
    const sizes = bench.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];
    const stack = await startStack({ quiet: true, cron: false });
    const admin = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
    const rows: Row[] = [];
    const smallest = new Map<string, number>();
    let held = 0;
    try {
      await makeMonths(admin, 95);
      for (const size of sizes) {
        await fillScale(stack.adminDbUrl, held, size, bench.say);
        held = size;
        bench.say(await sizeOf(admin, size));
        for (const [name, samples] of await measureScale(bench, stack, sql, size)) {
          const { median, p95 } = spread(samples);
          for (const [which, value] of [["median", median], ["p95", p95]] as const) {
            const what = `${name}: ${which}`;
            const first = smallest.get(what);
            if (first === undefined) smallest.set(what, value);
            rows.push({
              what: `${short(size)} vehicles, ${what}`,
              value,
              unit: "ms",
              better: "less",
              baseline: first === undefined
                ? null
                : { name: `at ${short(sizes[0] ?? 0)}`, value: first },
              note:
                `Each vehicle has ${HISTORY.readings} rows of provenance, ${HISTORY.steps} steps and ${HISTORY.requests} requests of 90 days behind it; ` +
                "one in ten is due, one in ten waits to be healed. Round trips from this process; times better: below 1 is slower.",
            });
          }
        }
      }
    } finally {
      await admin.end();
      await sql.end();
      await stack.stop();
    }
    return rows;
  },
};

/** What each thing that is done all day takes, in milliseconds, some hundred times. */
async function measureScale(
  bench: Bench,
  stack: Stack,
  sql: postgres.Sql,
  size: number,
): Promise<[string, number[]][]> {
  const times = bench.quick ? 30 : 200;
  const anyVehicle = (n: number) => vehicleId(1 + (n * 104_729) % size);
  const asOperator = (ask: (sql: postgres.Sql) => Promise<unknown>) =>
    sql.begin(async (transaction) => {
      await transaction`set local role authenticated`;
      await transaction`select set_config('request.jwt.claims', ${OPERATOR}, true)`;
      await ask(transaction as unknown as postgres.Sql);
    });
  if (bench.explain) {
    for (
      const statement of [
        "select claim_micro_scrape(20)",
        `select * from get_extraction_history('${vehicleId(17)}')`,
        "select claim_queue('backfill_queue', 20)",
      ]
    ) bench.say(`${short(size)}: ${statement}\n${await explain(stack.adminDbUrl, statement)}`);
  }
  const claims = 30; // at every size: what was claimed is walked past until it is vacuumed away
  const giveBack = () =>
    sql`
      update micro_scrape_state set state = 'due', lease_token = null, lease_expires_at = null
      where lease_token is not null`;
  const claim = (queue: string) => () => sql`select claim_queue(${queue}, ${BATCH})`;
  return [
    ["claim of 20", await warm(times, () => sql`select claim_micro_scrape(${BATCH})`, giveBack)],
    ["healing claim of 20", await warm(claims, claim("backfill_queue"))],
    ["import claim of 20", await warm(claims, claim("import_queue"))],
    [
      "the needing view, first 50",
      await warm(
        50,
        () => asOperator((it) => it`select * from vehicles_needing_micro_scrape limit 50`),
      ),
    ],
    [
      "a vehicle and its provenance",
      await warm(times, (n) =>
        sql`
          select v.*, (select jsonb_agg(h) from get_extraction_history(v.id) h) as history
          from vehicles v where v.id = ${anyVehicle(n)}`),
    ],
    [
      "a vehicle's page of the dashboard",
      await warm(times, (n) => asOperator((it) => it`select dashboard_vehicle(${anyVehicle(n)})`)),
    ],
    [
      "a vehicle's last 20 steps",
      await warm(times, (n) =>
        sql`
          select * from scrape_steps
          where vehicle_id = ${anyVehicle(n)}
          order by created_at desc
          limit 20`),
    ],
    ["writing a batch of 20", await writes(bench, sql, size)],
  ];
}

/** Without the first ones, which plan and read what all others need. */
async function warm(
  times: number,
  call: (index: number) => Promise<unknown>,
  between?: () => Promise<unknown>,
): Promise<number[]> {
  return (await timeEach(times + WARMING, call, between)).slice(WARMING);
}

/** Batches of 20 that say something else than what is held: a value replaced is a row more of history. */
async function writes(bench: Bench, sql: postgres.Sql, size: number): Promise<number[]> {
  const samples: number[] = [];
  for (let batch = 0; batch < (bench.quick ? 10 : 35); batch++) {
    const rows = await sql<{ id: string; url: string; token: string }[]>`
      select w ->> 'vehicle_id' as id, w ->> 'source_url' as url, w ->> 'lease_token' as token
      from jsonb_array_elements(claim_micro_scrape(${BATCH})) w`;
    const items = rows.map((row, n) => ({
      ...reading(row, 10 * size + batch * BATCH + n),
      ...{ images: [], bids: [], comments: [], auction: undefined },
    }));
    const start = performance.now();
    const [{ outcome } = {}] = await sql<{ outcome: string }[]>`
      select string_agg(distinct r ->> 'outcome', ', ') as outcome
      from jsonb_array_elements(apply_extractions(${sql.json(items)})) r`;
    if (batch >= 5) samples.push(performance.now() - start);
    if (outcome !== "ok") throw new Error(`a batch was ${outcome}`);
  }
  return samples;
}

async function sizeOf(sql: postgres.Sql, size: number): Promise<string> {
  const [row] = await sql<{ bytes: string }[]>`
    select pg_size_pretty(pg_database_size(current_database())) as bytes`;
  return `${short(size)} vehicles with ${short(20 * size)} rows of history: ${row?.bytes}`;
}
