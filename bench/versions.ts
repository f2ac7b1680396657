/** A scraper version registered with many vehicles in the database. */
import type postgres from "postgres";
import type { Bench, Row } from "./figure.ts";
import { spread, timeEach } from "./statistics.ts";
import { short } from "./table.ts";

const SOURCE = [{
  slug: "bringatrailer",
  name: "Bring a Trailer",
  kind: "auction",
  hosts: ["bringatrailer.com"],
  scraper_name: "bat_scraper",
  scraper_version: "v1.0.0",
}];

/** Registers one that eight in ten vehicles lack a field of; the queue is left empty. */
export async function registering(bench: Bench, sql: postgres.Sql, size: number): Promise<Row[]> {
  const many = `${short(size)} vehicles`;
  bench.say(`${many}: a scraper version is registered`);
  await sql`select sync_scrape_sources(${sql.json(SOURCE)})`;
  const naive = await timeEach(300, (n) =>
    sql`
      insert into backfill_queue (vehicle_id, reason, source_url)
      select id, 'one at a time', discovery_url from vehicles
      where vin is null order by id offset ${n} limit 1`);
  await sql`truncate backfill_queue`;

  const { queued, portions } = await register(sql, `v${size / 1000}.0.0`);
  await sql`vacuum analyze backfill_queue`;
  const claims = spread(
    await timeEach(bench.quick ? 50 : 200, () => sql`select claim_queue('backfill_queue', 50)`),
  );
  await sql`truncate backfill_queue`;
  const total = portions.reduce((sum, it) => sum + it, 0) / 1000;
  return [
    {
      what: `a version queues ${short(queued)} of ${many}`,
      value: total,
      unit: "s",
      better: "less",
      baseline: { name: "one insert a vehicle, scaled up", value: queued * mean(naive) / 1000 },
    },
    {
      what: `the longest of its portions of 10,000, ${many}`,
      value: Math.max(...portions),
      unit: "ms",
      better: "less",
      baseline: null,
      aim: "under 8,000 ms, the API's limit",
    },
    {
      what: `claim of 50 of ${short(queued)} queued: median`,
      value: claims.median,
      unit: "ms",
      better: "less",
      baseline: null,
    },
  ];
}

async function register(
  sql: postgres.Sql,
  version: string,
): Promise<{ queued: number; portions: number[] }> {
  const portions: number[] = [];
  let id: string | null = null;
  for (;;) {
    const start = performance.now();
    const rows: { r: { id: string; queued: number; finished: boolean } }[] = id === null
      ? await sql`select register_scraper_version('bat_scraper', ${version}, '{vin}') as r`
      : await sql`select continue_scraper_version(${id}) as r`;
    portions.push(performance.now() - start);
    const answer = rows[0]?.r;
    if (answer === undefined) throw new Error("no answer to a registration");
    if (answer.finished) return { queued: answer.queued, portions };
    id = answer.id;
  }
}

const mean = (values: number[]) => values.reduce((sum, it) => sum + it, 0) / values.length;
