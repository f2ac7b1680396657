/** What one look at the dashboard costs, and what its sampler costs a minute, on a database that is full. */
import postgres from "postgres";
import { startStack } from "../local/stack.ts";
import { fillDashboard } from "./dashboard_fill.ts";
import { explain } from "./explain.ts";
import type { Bench, Figure, Row } from "./figure.ts";
import { spread, timeEach } from "./statistics.ts";
import { short } from "./table.ts";

const OPERATOR =
  '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}';
const CAR = "00000000-0000-4000-8000-000000004711";

/** What an operator would ask without the panel, of the tables and views themselves. */
const NAIVE: Readonly<Record<string, string>> = {
  running: "select * from pipeline_status",
  cycle:
    "select * from fill_status; select * from fill_cycles order by slot desc limit 24; select date_trunc('hour', created_at), count(*) from vehicles where created_at > now() - interval '2 days' group by 1",
  supply: "select * from today_by_source; select * from listing_feed_status",
  queues:
    "select status, count(*) from import_queue group by 1; select * from dead_letters; select date_trunc('hour', processed_at), count(*) from import_queue where processed_at > now() - interval '2 days' group by 1",
  hosts: "select * from source_host_status",
  sources: "select * from source_lifecycle; select * from source_drift",
  coverage:
    "select count(*), count(vin), count(mileage), count(color), count(engine) from vehicles where created_at > now() - interval '35 days'",
  truth:
    "select * from calibration_report; select validation_status, count(*) from extraction_metadata group by 1",
  maps: "select * from learning_status",
  money:
    "select host, count(*), sum(bytes) from scraping_health where created_at > now() - interval '2 days' group by 1",
};

export const dashboard: Figure = {
  name: "dashboard",
  about: "each panel of the dashboard at 1,000,000 vehicles and 10,000,000 requests",
  onlyWhenNamed: true,
  async run(bench) {
    const sizes = bench.quick
      ? { vehicles: 20_000, health: 200_000 }
      : { vehicles: 1_000_000, health: 10_000_000 };
    const stack = await startStack({ quiet: true, cron: false });
    const admin = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    const sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
    try {
      await fillDashboard(admin, sizes, bench.say);
      const many = `${short(sizes.vehicles)} vehicles, ${short(sizes.health)} requests`;
      return await measureDashboard(bench, sql, stack.adminDbUrl, many);
    } finally {
      await admin.end();
      await sql.end();
      await stack.stop();
    }
  },
};

/** The rows of the table, on a database that is filled. */
async function measureDashboard(
  bench: Bench,
  sql: postgres.Sql,
  adminUrl: string,
  many: string,
): Promise<Row[]> {
  const rows = [...await sampler(sql, many)];
  const asOperator = (statement: string) =>
    sql.begin(async (it) => {
      await it`set local role authenticated`;
      await it`select set_config('request.jwt.claims', ${OPERATOR}, true)`;
      await it.unsafe(statement);
    });
  const times = bench.quick ? 20 : 200;
  for (const [panel, naive] of Object.entries(NAIVE)) {
    const statement = `select dashboard_${panel}('2d')`;
    bench.say(statement);
    if (bench.explain) bench.say(await explain(adminUrl, statement));
    const samples = await timeEach(times, () => asOperator(statement));
    const without = spread(await timeEach(3, () => asOperator(naive))).median;
    const { median, p95 } = spread(samples);
    for (const [name, value] of [["median", median], ["p95", p95]] as const) {
      rows.push({
        what: `${panel}, ${many}: ${name}`,
        value,
        unit: "ms",
        better: "less",
        baseline: { name: "the tables and views themselves; median", value: without },
        aim: "under 50 ms",
        note: "As an operator, through row level security; a round trip from this process.",
      });
    }
  }
  for (
    const [what, statement] of [
      ["all panels in one request", "select dashboard()"],
      ["all panels over 60 days", "select dashboard(null, '60d')"],
      ["a vehicle", `select dashboard_vehicle('${CAR}')`],
      ["the review's next fifty", "select dashboard_review(50)"],
      ["a vehicle found by words", "select dashboard_find('1973 porsche model 7')"],
    ] as const
  ) {
    bench.say(statement);
    if (bench.explain) bench.say(await explain(adminUrl, statement));
    const { median, p95 } = spread(await timeEach(times / 4, () => asOperator(statement)));
    for (const [name, value] of [["median", median], ["p95", p95]] as const) {
      rows.push({
        what: `${what}, ${many}: ${name}`,
        value,
        unit: "ms",
        better: "less",
        baseline: null,
      });
    }
  }
  return rows;
}

/** A run of the sampler as cron makes it, a minute after the last. */
async function sampler(sql: postgres.Sql, many: string): Promise<Row[]> {
  const aMinuteLater = async () => {
    await sql`
      update dashboard_parts
      set next_at = next_at - interval '1 minute', counted_to = counted_to - interval '1 minute'`;
    await sql`delete from dashboard_samples where series = 'queue_due' and step = 'minute' and at > now() - interval '2 minutes'`;
  };
  await sql`select private.sample_dashboard()`;
  const samples = await timeEach(30, () => sql`select private.sample_dashboard()`, aMinuteLater);
  const parts = await sql<{ part: string; ms: number }[]>`
    select part, took_ms::float as ms from dashboard_parts where part <> 'sampler' and took_ms is not null order by took_ms desc limit 4`;
  const { median, p95 } = spread(samples);
  return ([["median", median], ["p95", p95]] as const).map(([name, value]) => ({
    what: `the sampler, a minute later, ${many}: ${name}`,
    value,
    unit: "ms",
    better: "less",
    baseline: null,
    note: `Its dearest parts, as measured last: ${
      parts.map(({ part, ms }) => `${part} ${short(ms)} ms`).join(", ")
    }. What is dear is measured every few minutes, or more seldom.`,
  }));
}
