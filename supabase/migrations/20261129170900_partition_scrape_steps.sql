-- Keep scrape_steps by the month.
--
-- No row is copied: the table that is here becomes a partition, of all time up to the next month. What takes time is the
-- index of its new key, and one look at its rows; docs/releasing.md says how to build the index before.

create function private.lock_referenced(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_table text;
begin
  for v_table in
    select distinct k.confrelid::regclass::text
    from pg_constraint k
    where k.contype = 'f' and k.conrelid = format('public.%I', p_table)::regclass
    order by 1
  loop
    execute format('lock table %s in share row exclusive mode', v_table);
  end loop;
end
$$;
comment on function private.lock_referenced(text) is
  'Locks the tables that a table refers to, as its new partitions will: first of all, as whoever writes a vehicle and then what hangs on it.';
revoke execute on function private.lock_referenced(text) from public;

create or replace function private.make_default_partition(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_name text := p_table || '_default';
begin
  perform private.lock_referenced(p_table);
  execute format('create table private.%I partition of public.%I default', v_name, p_table);
  execute format('alter table private.%I enable row level security', v_name);
  execute format('comment on table private.%I is %L', v_name,
    format('Rows of public.%s that no month was made for.', p_table));
end
$$;

create or replace function private.make_partition(p_table text, p_month timestamptz) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz := date_trunc('month', p_month, 'UTC');
  v_until timestamptz := date_add(v_from, '1 month', 'UTC');
  v_name text := p_table || to_char(v_from at time zone 'UTC', '_YYYY_MM');
  v_default private.partitions;
  v_columns text;
begin
  perform private.lock_referenced(p_table);
  execute format('create table private.%I (like public.%I including all excluding identity)', v_name, p_table);
  execute format('alter table private.%I enable row level security', v_name);
  execute format('comment on table private.%I is %L', v_name,
    format('Rows of public.%s of %s (UTC).', p_table, to_char(v_from at time zone 'UTC', 'YYYY-MM')));

  -- What was written before its month was made is moved there.
  select * into strict v_default from private.partitions p where p.table_name = p_table and p.is_default;
  select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into strict v_columns
  from pg_attribute a
  where a.attrelid = format('public.%I', p_table)::regclass
    and a.attnum > 0
    and not a.attisdropped
    and a.attgenerated = '';
  execute format('lock table private.%I in access exclusive mode', v_default.partition_name);
  execute format(
    $sql$
      with moved as (delete from private.%1$I where %2$I >= $1 and %2$I < $2 returning *)
      insert into private.%3$I (%4$s) select %4$s from moved
    $sql$, v_default.partition_name, v_default.key_column, v_name, v_columns)
  using v_from, v_until;
  execute format(
    'alter table public.%I attach partition private.%I for values from (%L) to (%L)', p_table, v_name, v_from, v_until);
end
$$;

create or replace function private.look_after_partitions() returns void
language plpgsql
set search_path = ''
-- Whoever reads or writes the table waits behind this one, which therefore gives up soon: the next call tries again.
-- And sooner than deadlock_timeout (a second): where two wait for each other, the other one goes on.
set lock_timeout = '900ms'
as $$
declare
  v_table text;
begin
  -- One change a call: with locks of two kinds or of two tables it would stand in the way of who takes them in another
  -- order.
  for v_table in select t.table_name from private.partitioned_tables t order by t.table_name loop
    if private.make_partitions(v_table) > 0 or private.drop_old_partitions(v_table) > 0 then
      return;
    end if;
    perform private.prune_default_partition(v_table);
  end loop;
  -- Autovacuum looks at each partition alone: what the whole holds the planner knows from here.
  for v_table in
    select t.table_name
    from private.partitioned_tables t
    join pg_stat_user_tables s on s.schemaname = 'public' and s.relname = t.table_name
    where s.last_analyze is null or s.last_analyze < now() - interval '1 day'
    order by t.table_name
  loop
    execute format('analyze public.%I', v_table);
  end loop;
end
$$;

create or replace function private.prune_history() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.prune_queues();
  -- Oldest first, found by the index: never one delete that holds up everything else.
  delete from public.worker_invocations
  where id in (
    -- Ids grow with the time, so the first are the oldest: without an old one no more than these are read.
    select id
    from (select id, invoked_at from public.worker_invocations order by id limit 10000) oldest
    where invoked_at < now() - interval '3 days'
  );
  delete from public.fill_decisions
  where id in (
    select id
    from public.fill_decisions
    where decided_at < now() - interval '90 days'
    order by decided_at
    limit 10000
  );
  delete from private.host_metrics
  where (host, began_at) in (
    select host, began_at
    from private.host_metrics
    where began_at < now() - interval '14 days'
    order by began_at
    limit 10000
  );
  delete from public.outside_workers where seen_at < now() - interval '1 day';
  delete from private.leases_to_release where created_at < now() - interval '1 day'; -- of rows that are gone
  delete from public.listing_looks
  where id in (
    select id
    from public.listing_looks
    where at < now() - interval '14 days'
    order by at
    limit 10000
  );
  delete from cron.job_run_details
  where runid in (
    select runid
    from cron.job_run_details
    where end_time < now() - interval '7 days'
    order by runid
    limit 10000
  );
end
$$;

-- Vehicles first, as whoever writes them and then their steps.
do $$
begin
  lock table public.vehicles in share row exclusive mode;
end
$$;

create unique index if not exists scrape_steps_by_id_and_time on public.scrape_steps (id, created_at);
update public.scrape_steps set created_at = coalesce(completed_at, now()) where created_at is null;
alter table public.scrape_steps drop constraint scrape_steps_pkey;
alter table public.scrape_steps add constraint scrape_steps_pkey primary key using index scrape_steps_by_id_and_time;
drop trigger queue_failed_steps on public.scrape_steps;
drop policy operators_read on public.scrape_steps;
revoke all on public.scrape_steps from authenticated, service_role;
alter table public.scrape_steps rename to scrape_steps_before;
alter table public.scrape_steps_before set schema private;

create table public.scrape_steps (
  id uuid not null default gen_random_uuid(),
  vehicle_id uuid references public.vehicles (id) on delete cascade,
  step_name text not null check (step_name <> ''),
  status text not null check (status in ('pending', 'success', 'failed', 'skipped')),
  error_message text,
  metadata jsonb,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  source text,
  url text,
  outcome_code text,
  duration_ms integer check (duration_ms >= 0),
  primary key (id, created_at)
) partition by range (created_at);
comment on table public.scrape_steps is
  'One row a step and attempt: what was tried on a vehicle and how it ended. Partitioned by month; what is older than 90 days goes with its month.';
comment on column public.scrape_steps.vehicle_id is
  'Null for a listing that became no vehicle: url says which.';
comment on column public.scrape_steps.source is 'Host of the page.';
comment on column public.scrape_steps.metadata is
  'What else is known of the attempt. retried_by: the queue that tries this step again by itself.';

create index scrape_steps_by_vehicle on public.scrape_steps (vehicle_id, created_at desc);

-- Each holds what a view below asks of the many, so that only the few it shows are read from the table.
create index scrape_steps_by_time on public.scrape_steps (created_at)
  include (step_name, source, status, outcome_code, duration_ms);
create index scrape_steps_failed on public.scrape_steps (created_at)
  include (id, vehicle_id, step_name, outcome_code) where status = 'failed';
create index scrape_steps_worked on public.scrape_steps (vehicle_id, step_name, created_at)
  where status = 'success';

alter table public.scrape_steps enable row level security;
create policy operators_read on public.scrape_steps
  for select to authenticated using ((select private.is_operator()));
grant select on public.scrape_steps to authenticated;
grant all on public.scrape_steps to service_role;

create or replace view public.step_success_rates with (security_invoker = true) as
select
  c.step_name,
  c.source,
  c.succeeded_1d,
  c.failed_1d,
  round(100.0 * c.succeeded_1d / nullif(c.succeeded_1d + c.failed_1d, 0), 1) as success_rate_1d,
  c.succeeded_7d,
  c.failed_7d,
  round(100.0 * c.succeeded_7d / nullif(c.succeeded_7d + c.failed_7d, 0), 1) as success_rate_7d,
  c.nothing_there_7d,
  c.skipped_7d,
  round(t.ms[1])::integer as median_ms_1d,
  round(t.ms[2])::integer as p95_ms_1d,
  coalesce(t.timed, 0) as timed_1d,
  c.last_success_at,
  c.last_failure_at
from (
  select
    s.step_name,
    s.source,
    count(*) filter (where s.status = 'success' and s.created_at > now() - interval '1 day') as succeeded_1d,
    count(*) filter (
      where s.status = 'failed' and not private.is_final(s.outcome_code)
        and s.created_at > now() - interval '1 day') as failed_1d,
    count(*) filter (where s.status = 'success') as succeeded_7d,
    count(*) filter (where s.status = 'failed' and not private.is_final(s.outcome_code)) as failed_7d,
    count(*) filter (where s.status = 'failed' and private.is_final(s.outcome_code)) as nothing_there_7d,
    count(*) filter (where s.status = 'skipped') as skipped_7d,
    max(s.created_at) filter (where s.status = 'success') as last_success_at,
    max(s.created_at) filter (where s.status = 'failed' and not private.is_final(s.outcome_code)) as last_failure_at
  from public.scrape_steps s
  where s.created_at > now() - interval '7 days'
  group by s.step_name, s.source
) c
left join (
  select
    s.step_name,
    s.source,
    percentile_cont(array[0.5, 0.95]::double precision[]) within group (order by s.duration_ms) as ms,
    count(*) as timed
  from public.scrape_steps s
  where s.created_at > now() - interval '1 day'
    and s.duration_ms is not null
  group by s.step_name, s.source
) t on t.step_name = c.step_name and t.source is not distinct from c.source
order by success_rate_7d nulls last, c.failed_7d desc, c.step_name, c.source;

create or replace view public.recent_step_failures with (security_invoker = true) as
select
  f.created_at as failed_at,
  f.step_name,
  f.source,
  f.vehicle_id,
  nullif(concat_ws(' ', v.year, v.make, v.model), '') as vehicle,
  coalesce(f.url, v.discovery_url) as url,
  f.outcome_code,
  f.error_message as error,
  f.duration_ms,
  now_is.state,
  case when now_is.state = 'is tried again' then coalesce(retry.queue, f.metadata ->> 'retried_by') end as retried_by,
  case when now_is.state = 'is tried again' and retry.is_open then coalesce(retry.due_at, now()) end as next_retry_at,
  case now_is.state
    when 'given up' then private.redrive_words(retry.queue, retry.id)
    when 'not tried again' then private.redo_words(f.step_name, f.vehicle_id, f.url)
  end as what_to_type
from (
  select *
  from public.scrape_steps
  where status = 'failed'
  order by created_at desc
  limit 500
) f
left join public.vehicles v on v.id = f.vehicle_id
-- What waits to try it again, or has stopped trying: the step's own retry, or the import of what is no vehicle yet.
left join lateral (
  (
    select
      'scrape_retry_queue' as queue, r.id, r.status in ('pending', 'processing') as is_open,
      r.status = 'failed' as has_failed, r.next_retry_at as due_at
    from public.scrape_retry_queue r
    where r.vehicle_id = f.vehicle_id
      and r.step_name = f.step_name
      and r.status in ('pending', 'processing', 'failed')
    order by r.status = 'failed', r.created_at desc
    limit 1
  )
  union all
  select 'import_queue' as queue, i.id, i.status in ('pending', 'processing'), i.status = 'failed', i.next_attempt_at
  from public.import_queue i
  where f.vehicle_id is null
    and i.canonical_url = public.canonical_listing_url(f.url)
) retry on true
cross join lateral (
  select case
    when exists (
      select from public.scrape_steps s
      where s.vehicle_id = f.vehicle_id
        and s.step_name = f.step_name
        and s.created_at > f.created_at
        and s.status = 'success') then 'worked since'
    when f.vehicle_id is null and not retry.is_open and not retry.has_failed then 'worked since'
    when private.is_final(f.outcome_code) then 'final'
    when retry.is_open then 'is tried again'
    when retry.has_failed then 'given up'
    when f.metadata ? 'retried_by' then 'is tried again'
    else 'not tried again'
  end as state
) now_is
order by f.created_at desc;

create or replace view public.vehicles_with_partial_failures with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  v.source_host as source,
  f.failed_steps,
  w.worked_steps,
  f.failures,
  f.last_failed_at,
  -- An import may have written anything there.
  case
    when pg_input_is_valid(v.origin_metadata ->> 'image_count', 'integer') then (v.origin_metadata ->> 'image_count')::integer
    when jsonb_typeof(v.origin_metadata -> 'image_urls') = 'array' then jsonb_array_length(v.origin_metadata -> 'image_urls')
  end as image_urls,
  (select count(*) from public.vehicle_images i where i.vehicle_id = v.id) as images_stored,
  f.retried_steps,
  f.next_retry_at,
  f.what_to_type
from (
  select
    l.vehicle_id,
    array_agg(l.step_name order by l.step_name) as failed_steps,
    jsonb_object_agg(l.step_name, concat_ws(': ', l.outcome_code, l.error_message)) as failures,
    max(l.created_at) as last_failed_at,
    coalesce(
      array_agg(l.step_name order by l.step_name)
        filter (where r.id is not null or l.metadata ? 'retried_by'), '{}') as retried_steps,
    min(r.next_retry_at) as next_retry_at,
    string_agg(private.redo_words(l.step_name, l.vehicle_id, l.url), e'\n' order by l.step_name)
      filter (where r.id is null and not coalesce(l.metadata ? 'retried_by', false)) as what_to_type
  from (
    select distinct on (s.vehicle_id, s.step_name) s.id, s.vehicle_id, s.step_name, s.outcome_code, s.created_at
    from public.scrape_steps s
    where s.status = 'failed'
      and s.vehicle_id is not null
      and s.created_at > now() - interval '30 days'
    order by s.vehicle_id, s.step_name, s.created_at desc
  ) last
  join public.scrape_steps l on l.id = last.id and l.created_at = last.created_at
  left join public.scrape_retry_queue r
    on r.vehicle_id = l.vehicle_id and r.step_name = l.step_name and r.status in ('pending', 'processing')
  join public.vehicles held on held.id = l.vehicle_id
  where not private.is_final(last.outcome_code)
    and not exists (
      select from public.scrape_steps s
      where s.vehicle_id = last.vehicle_id
        and s.step_name = any (private.steps_that_heal(last.step_name))
        and s.created_at > last.created_at
        and s.status = 'success')
    and case last.step_name
      when 'extract_vin' then held.vin is null
      when 'generate_description' then held.description is null
      when 'backfill_images'
        then not exists (select from public.vehicle_images i where i.vehicle_id = last.vehicle_id)
          or exists (
            select from public.image_downloads d
            where d.vehicle_id = last.vehicle_id and d.status in ('pending', 'leased', 'failed'))
      else true
    end
  group by l.vehicle_id
) f
join public.vehicles v on v.id = f.vehicle_id
cross join lateral (
  select array_agg(distinct s.step_name order by s.step_name) as worked_steps
  from public.scrape_steps s
  where s.vehicle_id = f.vehicle_id
    and s.status = 'success'
    and s.step_name <> all (f.failed_steps)
) w
where w.worked_steps is not null
order by f.last_failed_at desc;

create or replace view public.source_drift with (security_invoker = true) as
select
  v.source_host,
  count(*) as pages_read,
  count(*) filter (where s.outcome_code = 'unreadable') as unreadable,
  round(100.0 * count(*) filter (where s.outcome_code = 'unreadable') / count(*), 1)
    as unreadable_percent,
  count(*) filter (where s.outcome_code = 'unreadable') >= 5
    and count(*) filter (where s.outcome_code = 'unreadable') >= 0.2 * count(*)
    as is_drifting,
  max(s.created_at) filter (where s.outcome_code = 'unreadable') as last_unreadable_at,
  (array_agg(v.discovery_url order by s.created_at desc) filter (where s.outcome_code = 'unreadable'))[1]
    as example_url,
  (array_agg(s.error_message order by s.created_at desc) filter (where s.outcome_code = 'unreadable'))[1]
    as example_reason
from public.scrape_steps s
join public.vehicles v on v.id = s.vehicle_id
where s.step_name = 'extract_data'
  and s.created_at > now() - interval '7 days'
  and (s.status = 'success' or s.outcome_code = 'unreadable')
group by v.source_host
order by unreadable desc;

select private.make_default_partition('scrape_steps');

do $$
declare
  v_until timestamptz := date_add(date_trunc('month', now(), 'UTC'), '1 month', 'UTC');
begin
  -- Times to come are nobody's but a test's: they go where such rows go from now on.
  with moved as (delete from private.scrape_steps_before where created_at >= v_until returning *)
  insert into public.scrape_steps (
    id, vehicle_id, step_name, status, error_message, metadata, created_at, completed_at, source, url, outcome_code, duration_ms)
  select
    id, vehicle_id, step_name, status, error_message, metadata, created_at, completed_at, source, url, outcome_code, duration_ms
  from moved;
  execute format(
    'alter table public.scrape_steps attach partition private.scrape_steps_before for values from (minvalue) to (%L)', v_until);
  execute format(
    'comment on table private.scrape_steps_before is %L',
    'Rows of public.scrape_steps of before it was partitioned, and of the rest of that month.');
end
$$;

create trigger queue_failed_steps
  after insert on public.scrape_steps
  referencing new table as added
  for each statement execute function private.queue_failed_steps();

-- supabase/schemas/partitions/seed.sql
insert into private.partitioned_tables (table_name, kept)
values ('scraping_health', '60 days'), ('scrape_steps', '90 days')
on conflict do nothing;

select private.make_partitions(table_name) from private.partitioned_tables order by table_name;
