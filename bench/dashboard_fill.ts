/** A database that has run for sixty days: what the dashboard reads, written set-wise. */
import type postgres from "postgres";
import { makeMonths } from "./scale_fill.ts";

/** Rows of one statement. */
const PORTION = 100_000;
const SITES = 200;

interface Sizes {
  vehicles: number;
  /** Rows of scraping_health, spread over sixty days. */
  health: number;
}

/** @param sql a superuser's: triggers, which other figures measure, are left out. */
export async function fillDashboard(
  sql: postgres.Sql,
  { vehicles, health }: Sizes,
  say: (message: string) => void,
): Promise<void> {
  await sql`set session_replication_role = replica`;
  await sql`set synchronous_commit = off`;
  await sources(sql);
  for (let from = 0; from < vehicles; from += PORTION) {
    await portion(sql, from + 1, Math.min(from + PORTION, vehicles), vehicles);
    say(`${Math.min(from + PORTION, vehicles)} vehicles`);
  }
  await makeMonths(sql, 60);
  for (let from = 0; from < health; from += 10 * PORTION) {
    await sql`
      insert into scraping_health (source, host, url, outcome, status, ms, bytes, created_at)
      select 'site_' || n % ${SITES}::int, 'site-' || n % ${SITES}::int || '.example', 'https://site.example/' || n,
        case when n % 50 = 0 then 'blocked' when n % 33 = 0 then 'timeout' else 'ok' end, 200, 300, 80000,
        now() - (1 - n / ${health}::float8) * interval '60 days'
      from generate_series(${from + 1}::int, ${Math.min(from + 10 * PORTION, health)}::int) n`;
    say(`${Math.min(from + 10 * PORTION, health)} requests`);
  }
  await cycles(sql);
  await samples(sql);
  await sql`set session_replication_role = origin`;
  await sql`vacuum analyze`;
}

async function sources(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, lifecycle, found_by, confidence_cap)
    select 'site_' || n, 'Site ' || n, 'dealer', array['site-' || n || '.example'], 'general', 'v1.0.0',
      case when n < ${
    SITES / 2
  }::int then 'active' when n < ${SITES}::int then 'probation' else 'candidate' end,
      'known_list', null
    from generate_series(0, ${5 * SITES}::int) n`;
  await sql`
    insert into source_hosts (host, breaker, opened_at, opened_because, retry_at, times_opened)
    select 'site-' || n || '.example', case when n % 20 = 0 then 'open' else 'closed' end,
      case when n % 20 = 0 then now() end, case when n % 20 = 0 then 'three refusals in a row' end,
      case when n % 20 = 0 then now() + interval '1 hour' end, case when n % 20 = 0 then 1 else 0 end
    from generate_series(0, ${5 * SITES}::int) n`;
  await sql`
    insert into listing_feeds (source, url, failures, last_outcome, last_error, last_checked_at)
    select 'site_' || n % ${SITES}::int, 'https://site-' || n % ${SITES}::int || '.example/list/' || n,
      case when n % 50 = 0 then 3 else 0 end, case when n % 50 = 0 then 'timeout' else 'ok' end,
      case when n % 50 = 0 then 'no answer in time' end, now()
    from generate_series(1, ${5 * SITES}::int) n`;
}

/** Vehicles with what hangs on each: score, state, listing, readings, pictures, snapshot, steps, and its row of the queue. */
async function portion(sql: postgres.Sql, first: number, last: number, of: number): Promise<void> {
  const series = sql`generate_series(${first}::int, ${last}::int) n`;
  const id = sql`('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`;
  const url = sql`'https://site-' || n % ${SITES}::int || '.example/cars/' || n`;
  const at = sql`(now() - (1 - n / ${of}::float8) * interval '60 days')`;
  await sql`
    insert into vehicles (id, year, make, model, vin, mileage, sale_status, asking_price, discovery_url, listing_url, field_state, created_at)
    select ${id}, 1950 + n % 75, (array['Porsche', 'Ford', 'BMW', 'Chevrolet', 'Mazda'])[1 + n % 5], 'Model ' || n % 400,
      'WBA' || lpad(n::text, 14, '0'), n % 200000, 'for_sale', 10000 + n % 90000, ${url}, ${url},
      '{"year": {"confidence": 0.9, "method": "general"}, "make": {"confidence": 0.9, "method": "general"}, "model": {"confidence": 0.9, "method": "general"}}',
      ${at}
    from ${series}`;
  await sql`
    insert into vehicle_quality_scores (vehicle_id, overall_score) select ${id}, 60 + n % 40 from ${series}`;
  await sql`
    insert into micro_scrape_state (vehicle_id, score, state, due_at, vehicle_created_at)
    select ${id}, 60 + n % 40, case when n % 10 = 0 then 'due' when n % 3 = 0 then 'complete' else 'waiting' end,
      now() + interval '1 hour', ${at}
    from ${series}`;
  await sql`
    insert into vehicle_listings (vehicle_id, listing_url, kind, status, price, currency)
    select ${id}, ${url}, 'dealer', 'for_sale', 10000, 'USD' from ${series}`;
  await sql`
    insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, scraper_version, confidence_score,
      validation_status, source_url, extracted_at, last_confirmed_at, reading_way, reviewed_at)
    select ${id}, f.name, n::text, 'general', 'v1.0.0',
      case when n % 20 = 0 then 0.4 else 0.9 end, case when f.name = 'mileage' and n % 50 = 1 then 'conflict' else 'accepted' end,
      ${url}, ${at}, ${at}, 'label', case when n % 500 = 0 then ${at} end
    from ${series}, unnest('{mileage,color}'::text[]) f(name)`;
  await sql`
    insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position, is_primary, created_at)
    select ${id}, lpad(to_hex(n), 64, '0'), 'https://i.example/' || n, 'a/' || lpad(to_hex(n), 64, '0'), 'image/jpeg', 90000, 800, 600, 0, true, ${at}
    from ${series}`;
  await sql`
    insert into image_downloads (vehicle_id, url, position, wave, status, next_attempt_at)
    select ${id}, 'https://i.example/' || n || '/2', 1, 1, 'pending', now() + interval '1 hour' from ${series}`;
  await sql`
    insert into page_snapshots (canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, content_type, bytes, stored_bytes, storage_path)
    select canonical_listing_url(${url}), ${url}, ${url}, lpad(to_hex(n), 64, '0'), ${at}, ${at}, 200, 'text/html', 400000, 80000, 'p/' || n
    from ${series}`;
  await sql`
    insert into scrape_steps (vehicle_id, step_name, status, created_at, source, outcome_code)
    select ${id}, 'extract_data', case when n % 97 = 0 then 'failed' else 'success' end, ${at}, 'site-' || n % ${SITES}::int || '.example',
      case when n % 97 = 0 then 'unreadable' else 'ok' end
    from ${series}`;
  await sql`
    insert into import_queue (listing_url, status, vehicle_id, outcome_code, error_message, attempts, created_at, processed_at)
    select ${url}, case when n % 100 < 90 then 'complete' when n % 100 < 99 then 'failed' else 'pending' end, ${id},
      case when n % 100 < 90 then 'ok' when n % 100 < 98 then 'gone' when n % 100 = 98 and n % 1000 < 300 then 'timeout' else 'not_a_listing' end,
      null, 3, ${at}, case when n % 100 < 99 then ${at} end
    from ${series}`;
}

async function cycles(sql: postgres.Sql): Promise<void> {
  await sql`
    insert into fill_cycles (cycle_id, slot, status, target, started_at, completed_at, vehicles_added, vehicles_queued, data_quality_score, on_target)
    select 'fill-' || n, s.slot, 'completed', 2000, s.slot, s.slot + interval '2 hours', 1388, 1500, 0.8, false
    from generate_series(1, 720) n
    cross join lateral (
      select to_timestamp(floor(extract(epoch from now()) / 7200) * 7200) - n * interval '2 hours' as slot
    ) s`;
  await sql`
    insert into quality_metrics (cycle_id, field_name, completeness, accuracy, sample_size, accuracy_sample_size)
    select c.cycle_id, f, 0.9, 0.95, 1388, 40
    from fill_cycles c, unnest('{year,make,model,trim,vin,mileage,color,interior_color,engine,transmission,drivetrain,body_style,sale_price,high_bid,asking_price,description,images,location,seller_name,sale_date}'::text[]) f`;
  await sql`
    insert into source_health (source_id, cycle_id, vehicles_extracted, success_rate, error_rate, avg_quality_score, status, last_checked, readings, requests)
    select s.id, c.cycle_id, 7, 0.95, 0.02, 0.8, 'healthy', c.completed_at, 20, 40
    from fill_cycles c, scrape_sources s
    where s.lifecycle in ('active', 'probation')`;
  await sql`
    insert into vehicle_score_history (day, source_id, vehicles_count, mean_score, complete_count)
    select current_date - d, s.id, 5000, 80, 2000
    from generate_series(0, 59) d, scrape_sources s
    where s.lifecycle in ('active', 'probation')`;
  await sql`
    insert into audit_readings (extraction_id, week, probability)
    select id, date_trunc('week', now())::date, 0.001 from extraction_metadata where validation_status = 'accepted' limit 50`;
}

/** The samples of these sixty days, as the sampler would have left them. */
async function samples(sql: postgres.Sql): Promise<void> {
  const steps = () =>
    sql`
      select 'hour' as step, generate_series(date_trunc('hour', now(), 'UTC') - interval '60 days', now(), '1 hour') as at
      union all
      select 'day', generate_series(date_trunc('day', now(), 'UTC') - interval '60 days', now(), '1 day')
      union all
      select 'minute', generate_series(date_trunc('minute', now()) - interval '2 days', now() - interval '3 minutes', '1 minute')`;
  await sql`
    insert into dashboard_samples (series, subject, step, at, value, samples)
    select s.series, h.subject, t.step, t.at, 100, 60
    from (
      ${steps()}
    ) t
    cross join unnest('{vehicles_added,listings_found,images_stored,requests,requests_served,requests_refused,requests_failed,bytes_fetched,bytes_stored,invocations}'::text[]) s(series)
    cross join lateral (
      select '' as subject union all
      select 'site-' || n || '.example' from generate_series(0, ${
    SITES - 1
  }::int) n where t.step <> 'minute' and s.series <> 'invocations'
    ) h
    -- Not every site in every hour.
    where h.subject = '' or t.step = 'day' or hashtext(h.subject || t.at) % 4 = 0`;
  await sql`
    insert into dashboard_samples (series, subject, step, at, value, samples)
    select s.series, q.table_name, t.step, t.at, 10, 60
    from (
      ${steps()}
    ) t, private.queues q, unnest('{queue_due,queue_waiting,queue_done,queue_oldest_seconds}'::text[]) s(series)`;
  await sql`
    insert into dashboard_parts (part, counted_to)
    select p, date_trunc('minute', now()) - interval '2 minutes' from unnest('{vehicles,listings,requests,files,invocations,work}'::text[]) p`;
}
