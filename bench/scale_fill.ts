/** A database of any size with its history: 20 rows a vehicle, written set-wise. */
import postgres from "postgres";

/** Vehicles of one statement. */
const PORTION = 50_000;
const AT_ONCE = 2;
const SITES = 200;
/** Of how long ago the oldest of what happened is: as long as steps are kept. */
const DAYS = 90;

/** Rows of history that each vehicle has: values that were read, steps, and requests. */
export const HISTORY = { readings: 12, steps: 4, requests: 4 };

/** The id of a vehicle by its number, from 1. */
export const vehicleId = (n: number): string =>
  `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** The months that cron would have made in this time. */
export async function makeMonths(sql: postgres.Sql, days: number): Promise<void> {
  await sql`set role postgres`;
  await sql`
    select private.drop_old_partitions(table_name, now() + interval '1 year') from private.partitioned_tables`;
  await sql`
    select private.make_partition(t.table_name, month)
    from private.partitioned_tables t
    cross join generate_series(
      date_trunc('month', now() - ${days} * interval '1 day', 'UTC'), now() + interval '2 months', '1 month') month`;
  await sql`reset role`;
}

/**
 * Adds the vehicles `from + 1` to `to`. Triggers, which other figures measure, are left out, and indexes are built
 * behind the rows: what is measured is the database as it then is, not how it came to be.
 * @param url a superuser's
 */
export async function fillScale(
  url: string,
  from: number,
  to: number,
  say: (message: string) => void,
): Promise<void> {
  const connection = {
    session_replication_role: "replica",
    synchronous_commit: "off",
    maintenance_work_mem: "1GB",
  };
  const loading = postgres(url, { max: AT_ONCE, onnotice: () => {}, connection });
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const indexes = await sql<{ name: string; definition: string }[]>`
      select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
      from pg_index i
      where i.indrelid in ('vehicles'::regclass, 'extraction_metadata'::regclass, 'scrape_steps'::regclass, 'scraping_health'::regclass)
        and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`;
    for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
    await each(portions(from, to), async ([first, last]) => {
      await portion(loading, first, last);
      say(`${last} vehicles with their history`);
    });
    // Of a partitioned table, and of its partitions.
    await each(
      indexes,
      ({ definition }) => loading.unsafe(definition.replace(" ON ONLY ", " ON ")),
    );
    say("indexes are built");
    for (const [first, last] of portions(from, to)) await queued(sql, first, last);
    await sql`vacuum analyze`;
    await sql`checkpoint`;
  } finally {
    await loading.end();
    await sql.end();
  }
}

const portions = (from: number, to: number): [first: number, last: number][] =>
  Array.from({ length: Math.ceil((to - from) / PORTION) }, (_, n) => [
    from + n * PORTION + 1,
    Math.min(from + (n + 1) * PORTION, to),
  ]);

/** Does it with each, some at a time. */
async function each<T>(all: readonly T[], use: (one: T) => Promise<unknown>): Promise<void> {
  const waiting = [...all];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await use(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function portion(sql: postgres.Sql, first: number, last: number): Promise<void> {
  const series = sql`generate_series(${first}::int, ${last}::int) n`;
  const id = sql`('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`;
  const host = sql`'site-' || n % ${SITES}::int || '.example'`;
  const url = sql`'https://site-' || n % ${SITES}::int || '.example/cars/' || n`;
  const at = sql`(now() - random() * ${DAYS}::int * interval '1 day')`;
  await sql`
    insert into vehicles (id, year, make, model, mileage, color, sale_status, asking_price, discovery_url, listing_url, field_state, created_at)
    select ${id}, 1950 + n % 75, (array['Porsche', 'Ford', 'BMW', 'Chevrolet', 'Mazda'])[1 + n % 5], 'Model ' || n % 400,
      n % 200000, 'Red', 'for_sale', 10000 + n % 90000, ${url}, ${url},
      (select jsonb_object_agg(f, '{"confidence": 0.8, "method": "general", "version": "v1.0.0"}'::jsonb)
       from unnest('{year,make,model,mileage,color,sale_status,asking_price}'::text[]) f),
      ${at}
    from ${series}`;
  await sql`
    insert into vehicle_quality_scores (vehicle_id, overall_score) select ${id}, 40 + n % 40 from ${series}`;
  await sql`
    insert into micro_scrape_state (vehicle_id, score, state, due_at, vehicle_created_at)
    select ${id}, 40 + n % 40, case when n % 10 = 0 then 'due' when n % 3 = 0 then 'complete' else 'waiting' end,
      now() + case when n % 10 = 0 then '-1 hour'::interval else random() * interval '7 days' end, ${at}
    from ${series}`;
  await sql`
    insert into vehicle_listings (vehicle_id, listing_url, kind, status, price, currency)
    select ${id}, ${url}, 'dealer', 'for_sale', 10000, 'USD' from ${series}`;
  // Six values that are held, and what each was before.
  await sql`
    insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, scraper_version, confidence_score,
      validation_status, source_url, evidence, extracted_at, last_confirmed_at, reading_way)
    select ${id}, f.name, case when f.name = 'color' then 'Red ' || before else (n % 75 + before)::text end, 'general', 'v1.0.0', 0.8,
      case when before = 0 then 'accepted' else 'superseded' end,
      ${url}, '.specs: ' || f.name || ' of this car', r.at, r.at, 'label'
    from ${series}, unnest('{year,make,model,mileage,color,asking_price}'::text[]) f(name),
      generate_series(0, ${HISTORY.readings / 6 - 1}::int) before, lateral (select ${at} as at) r`;
  await sql`
    insert into scrape_steps (vehicle_id, step_name, status, created_at, source, url, outcome_code, duration_ms)
    select ${id}, 'extract_data', case when n % 97 = s then 'failed' else 'success' end, ${at}, ${host}, ${url},
      case when n % 97 = s then 'timeout' else 'ok' end, 300
    from ${series}, generate_series(1, ${HISTORY.steps}::int) s`;
  await sql`
    insert into scraping_health (source, host, url, outcome, status, ms, bytes, created_at)
    select 'general', ${host}, ${url}, 'ok', 200, 300, 80000, ${at}
    from ${series}, generate_series(1, ${HISTORY.requests}::int) r`;
}

/** One vehicle in ten waits to be healed, and as many listings to be imported. */
async function queued(sql: postgres.Sql, first: number, last: number): Promise<void> {
  const series = sql`generate_series(${first}::int, ${last}::int) n where n % 10 = 5`;
  await sql`
    insert into backfill_queue (vehicle_id, reason, source_url)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'benchmark', 'https://site-' || n % ${SITES}::int || '.example/cars/' || n
    from ${series}`;
  await sql`
    insert into import_queue (listing_url)
    select 'https://site-' || (n / 10) % ${SITES}::int || '.example/new/' || n from ${series}`;
}
