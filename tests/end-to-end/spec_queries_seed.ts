/** What the queries of the specification are asked about. */
import type postgres from "postgres";

const names = [
  "complete",
  "rests",
  "missing_vin",
  "missing_price",
  "missing_images",
  "other_site",
  "without_urls",
  "empty_urls",
] as const;

interface Vehicle {
  origin_metadata?: { image_urls: string[]; image_count: number };
  [column: string]: unknown;
}

/** The id of a seeded vehicle. */
export function id(name: string): string {
  const place = names.findIndex((known) => known === name) + 1;
  return `00000000-0000-4000-8000-${String(place).padStart(12, "0")}`;
}

/** Column name to type, in order. */
export async function columnsOf(
  sql: postgres.Sql | postgres.TransactionSql,
  relation: string,
): Promise<Record<string, string>> {
  const rows = await sql`
    select attname, format_type(atttypid, atttypmod) as type
    from pg_attribute
    where attrelid = ${relation}::regclass and attnum > 0 and not attisdropped
    order by attnum`;
  return Object.fromEntries(rows.map((row) => [row.attname, row.type]));
}

/**
 * Vehicles in each state that the queries tell apart, 60 that know nothing, 25 runs, and a queue of
 * vehicles to read again.
 */
export async function seed(sql: postgres.Sql): Promise<void> {
  const all = {
    year: 1990,
    make: "BMW",
    model: "M3",
    vin: "WBSBA91070AE84214",
    sale_price: 28000,
    mileage: 1,
    color: "Red",
    engine: "2.3 l",
    transmission: "manual",
    description: "It runs.",
  };
  const some = { year: all.year, make: all.make, model: all.model };
  const bat = (name: string) => `https://bringatrailer.com/listing/${name}/`;
  const urls = (...images: string[]) => ({ image_urls: images, image_count: images.length });
  const one = (name: string, values: Vehicle): Vehicle => ({
    id: id(name),
    discovery_url: bat(name),
    ...values,
  });
  const vehicles: Vehicle[] = [
    one("complete", { ...all, origin_metadata: urls("https://i.example/0.jpg") }),
    one("rests", { ...some, discovery_url: "https://cars.example/rests" }),
    one("missing_vin", { ...some, sale_price: 1 }),
    one("missing_price", { ...some, vin: "WBSBA91070AE84215" }),
    one("missing_images", {
      ...some,
      vin: "WBSBA91070AE84216",
      sale_price: 1,
      origin_metadata: urls("https://i.example/1.jpg", "https://i.example/2.jpg"),
    }),
    one("other_site", {
      ...some,
      discovery_url: "https://cars.example/other",
      created_at: "2020-01-01T00:00:00Z",
      origin_metadata: urls("https://i.example/3.jpg"),
    }),
    one("without_urls", { ...some, vin: "WBSBA91070AE84217", sale_price: 1 }),
    one("empty_urls", {
      ...some,
      vin: "WBSBA91070AE84218",
      sale_price: 1,
      discovery_url: "https://cars.example/empty",
      origin_metadata: urls(),
    }),
  ];
  for (const vehicle of vehicles) {
    const values = { ...vehicle, origin_metadata: sql.json(vehicle.origin_metadata ?? {}) };
    await sql`insert into vehicles ${sql(values)}`;
  }
  await sql`
    insert into vehicles (discovery_url)
    select 'https://many.example/' || n from generate_series(1, 60) n`;
  await sql`
    insert into vehicle_images (
      vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
    select v, md5(v::text) || md5(v::text), 'https://i.example/0.jpg',
      md5(v::text) || md5(v::text) || '.jpg', 'image/jpeg', 1, 1, 1, 0
    from unnest(${[id("complete"), id("missing_vin")]}::uuid[]) v`;
  await sql`
    update micro_scrape_state set state = 'exhausted', last_checked_at = now()
    where vehicle_id = ${id("rests")}`;

  // Two good runs and a failed one today, 22 idle ones yesterday, one eight days ago.
  await sql`
    insert into micro_scrape_runs (
      started_at, completed_at, status, runtime_ms, vehicles_analyzed, vehicles_improved,
      vehicles_marked_complete, actions_executed, actions_succeeded, actions_failed)
    values
      (current_date, now(), 'completed', 1000, 20, 3, 1, 10, 7, 2),
      (current_date, now(), 'completed', 2001, 20, 4, 2, 0, 0, 0),
      (current_date, now(), 'failed', 9999, 20, 9, 9, 9, 9, 0),
      (current_date - 8, now(), 'completed', 1, 1, 1, 1, 1, 1, 0)`;
  await sql`
    insert into micro_scrape_runs (started_at, completed_at, status, runtime_ms)
    select current_date - interval '1 second' * n, now(), 'completed', 100
    from generate_series(1, 22) n`;

  await sql`
    insert into backfill_queue (vehicle_id, reason, status, created_at, processed_at)
    select v.id, x.reason, x.status, x.day, now()
    from (
      values ('scraper_improved', 'completed', current_date, 1),
        ('scraper_improved', 'completed', current_date, 2),
        ('scraper_improved', 'failed', current_date, 3),
        ('scraper_improved', 'pending', current_date, 4),
        ('scraper_improved', 'completed', current_date - 3, 5),
        ('low_quality_score', 'failed', current_date, 6)
    ) as x (reason, status, day, place)
    join (
      select id, row_number() over (order by id) as place from vehicles
      where discovery_url like 'https://many.%'
    ) v using (place)`;
}
