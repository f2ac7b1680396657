import type postgres from "postgres";

/** Vehicles of one insert: as an import would send them. */
const PORTION = 10_000;

/**
 * Inserts the vehicles `from + 1` to `to` in portions, with every trigger at work as in production.
 * Eight in ten know little more than year, make and model; none is complete.
 */
export async function fill(
  sql: postgres.Sql,
  from: number,
  to: number,
  say: (message: string) => void,
): Promise<void> {
  for (let start = from; start < to; start += PORTION) {
    await insertVehicles(sql, start + 1, Math.min(start + PORTION, to));
    if ((start + PORTION) % (10 * PORTION) === 0) say(`${start + PORTION} vehicles inserted`);
  }
}

/** Inserts vehicles by number, both ends included, in one statement. */
export async function insertVehicles(sql: postgres.Sql, first: number, last: number) {
  await sql.begin(async (sql) => {
    await sql`select set_config('vehicles.writer', 'import', true)`; // a load, not a person's words
    await sql`
    insert into vehicles (
      year, make, model, vin, mileage, color, sale_status, sale_price, description, discovery_url,
      field_state, created_at
    )
    select
      1950 + n % 75,
      (array['Porsche', 'Ford', 'BMW', 'Chevrolet', 'Mazda'])[1 + n % 5],
      'Model ' || n % 400,
      case when n % 10 < 2 then 'WBA' || lpad(n::text, 14, '0') end,
      case when n % 3 = 0 then n % 200000 end,
      case when n % 4 = 0 then 'Red' end,
      case when n % 10 < 2 then 'sold' end,
      case when n % 10 < 2 then 10000 + n % 90000 end,
      case when n % 10 < 2 then repeat('Driven on Sundays only. ', 20) end,
      'https://bringatrailer.com/listing/benchmark-' || n || '/',
      '{"year": {"confidence": 0.9, "method": "import"}, "make": {"confidence": 0.9, "method": "import"}}',
      now() - n * interval '1 second'
    from generate_series(${first}::integer, ${last}::integer) n`;
  });
}

/** What autovacuum does soon after a large change: statistics, and index entries of dead rows removed. */
export async function settleDown(sql: postgres.Sql): Promise<void> {
  await sql`vacuum analyze vehicles, vehicle_quality_scores, micro_scrape_state`;
}

/**
 * Makes the `share` with the lowest scores wait for a due time in the next week. Done at once, and
 * not over days as in production, so it is followed by the vacuum that production has had by then.
 */
export async function letWait(sql: postgres.Sql, share: number): Promise<void> {
  await sql`
    update micro_scrape_state
    set state = 'waiting',
        no_gain_passes = 1,
        due_at = now() + interval '1 day' + random() * interval '6 days'
    where vehicle_id in (
      select vehicle_id
      from micro_scrape_state
      order by score, vehicle_created_at desc
      limit (select (count(*) * ${share}::float8)::bigint from micro_scrape_state)
    )`;
  await settleDown(sql);
}
