-- With many rows behind them: none of the views walks through the tables to find the few rows that it shows.
begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into vehicles (id, make) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'BMW' from generate_series(1, 500) n;
alter table scrape_steps disable trigger queue_failed_steps;
-- The months that cron would have made in this time.
select private.drop_old_partitions('scrape_steps', now() + interval '1 year');
select private.make_partition('scrape_steps', month)
from generate_series(date_trunc('month', now() - interval '70 days', 'UTC'), now() + interval '2 months', '1 month') month;
insert into scrape_steps (vehicle_id, step_name, source, status, outcome_code, error_message, created_at, duration_ms)
select ('00000000-0000-4000-8000-' || lpad((1 + n % 500)::text, 12, '0'))::uuid, (array['extract_data', 'extract_images', 'extract_comments'])[1 + n % 3], 'cars.example',
  case n % 20 when 0 then 'failed' else 'success' end, case n % 20 when 0 then 'timeout' else 'ok' end, 'x', now() - n * interval '120 seconds', n % 900
from generate_series(1, 50000) n;
insert into scrape_retry_queue (vehicle_id, step_name, status, outcome_code, created_at, processed_at)
select ('00000000-0000-4000-8000-' || lpad((1 + n % 500)::text, 12, '0'))::uuid, (array['extract_data', 'extract_images', 'extract_comments'])[1 + n % 3], 'completed', 'ok', now() - n * interval '60 seconds', now() - n * interval '60 seconds'
from generate_series(1, 20000) n;
analyze scrape_steps, scrape_retry_queue, vehicles;

create function pg_temp.walks(p_query text) returns text[] language plpgsql as $$
declare
  v_plan json;
begin
  execute 'explain (format json) ' || p_query into v_plan;
  return array(
    select distinct regexp_replace(r #>> '{}', '^scrape_steps_.*', 'scrape_steps')
    from jsonb_path_query(v_plan::jsonb, 'strict $.** ? (@."Node Type" == "Seq Scan")."Relation Name"') r
    -- Partitions, but for those without a row.
    where r #>> '{}' = 'scrape_retry_queue'
      or exists (
        select from scrape_steps s
        where s.tableoid in (select c.oid from pg_class c where c.relname = r #>> '{}' and starts_with(c.relname, 'scrape_steps'))));
end
$$;
select is(pg_temp.walks('select * from scrape_steps'), '{scrape_steps}', 'a query that walks through scrape_steps is found to do so');
select is(pg_temp.walks('select * from step_success_rates'), '{}', 'step_success_rates reads neither scrape_steps nor scrape_retry_queue whole');
select is(pg_temp.walks('select * from retry_queue_status'), '{}', 'retry_queue_status reads neither scrape_steps nor scrape_retry_queue whole');
select is(pg_temp.walks('select * from recent_step_failures'), '{}', 'recent_step_failures reads neither scrape_steps nor scrape_retry_queue whole');
select is(pg_temp.walks('select * from vehicles_with_partial_failures limit 100'), '{}', 'vehicles_with_partial_failures reads neither scrape_steps nor scrape_retry_queue whole');
select cmp_ok((select count(*) from recent_step_failures), '=', 500::bigint, 'recent_step_failures shows 500 failures at most');
select cmp_ok(
  (with t as materialized (select clock_timestamp() as at), r as materialized (select count(*) from recent_step_failures, t) select clock_timestamp() - t.at from t, r),
  '<', interval '2 seconds', 'recent_step_failures takes less than two seconds over 50,000 steps');

select * from finish();
rollback;
