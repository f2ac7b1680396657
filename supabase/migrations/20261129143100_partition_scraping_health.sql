-- Keep scraping_health by the month.
--
-- No row is copied: the table that is here becomes a partition, of all time up to the next month. What takes time is the
-- index of its new key, and one look at its rows; docs/releasing.md says how to build the index before.

-- Histories that only grow are kept by the month: one that is too old is dropped as a whole, which costs the same however
-- much it holds. Partitions are made at run time, so no comparison of schemas looks at them; they stand in `private`, where
-- the API does not reach past the policies of their table.

create table private.partitioned_tables (
  table_name text primary key,
  kept interval not null check (kept >= interval '1 day')
);
comment on table private.partitioned_tables is
  'One row a table of public that is partitioned by the month of a time: how long its rows are kept at least. kept is an operator''s to set.';

alter table private.partitioned_tables enable row level security;
grant all on private.partitioned_tables to service_role;

create view private.partitions with (security_invoker = true) as
select
  t.table_name,
  t.kept,
  key.attname as key_column,
  c.relname as partition_name,
  bound.words = 'DEFAULT' as is_default,
  -- Null of one that begins with the first row of all.
  (regexp_match(bound.words, 'FROM \(''([^'']+)''\)'))[1]::timestamptz as from_at,
  (regexp_match(bound.words, 'TO \(''([^'']+)''\)'))[1]::timestamptz as until_at
from private.partitioned_tables t
join pg_class parent on parent.relname = t.table_name and parent.relnamespace = 'public'::regnamespace
join pg_partitioned_table p on p.partrelid = parent.oid
join pg_attribute key on key.attrelid = parent.oid and key.attnum = p.partattrs[0]
join pg_inherits i on i.inhparent = parent.oid
join pg_class c on c.oid = i.inhrelid
cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as words) bound;
comment on view private.partitions is
  'Each partition of the partitioned tables, all in the schema private: the time that its rows are of, and the column that holds it. The default one takes what no other does.';

-- Making partitions ahead, so that rows fall into their month.

create function private.make_default_partition(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_name text := p_table || '_default';
begin
  execute format('create table private.%I partition of public.%I default', v_name, p_table);
  execute format('alter table private.%I enable row level security', v_name);
  execute format('comment on table private.%I is %L', v_name,
    format('Rows of public.%s that no month was made for.', p_table));
end
$$;
comment on function private.make_default_partition(text) is
  'Makes the partition of a table that takes what no other does, so that no row is ever refused.';
revoke execute on function private.make_default_partition(text) from public;

create function private.make_partition(p_table text, p_month timestamptz) returns void
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
comment on function private.make_partition(text, timestamptz) is
  'Makes the partition of a month that none covers yet, and moves there what the default one holds of it.';
revoke execute on function private.make_partition(text, timestamptz) from public;

create function private.make_partitions(p_table text, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_month timestamptz;
  v_made integer := 0;
begin
  if not exists (select from private.partitions p where p.table_name = p_table and p.is_default) then
    perform private.make_default_partition(p_table);
    v_made := 1;
  end if;
  for v_month in
    select m.month
    from generate_series(0, 2) n
    cross join lateral (
      select date_add(date_trunc('month', p_now, 'UTC'), n * interval '1 month', 'UTC') as month
    ) m
    where not exists (
      select from private.partitions p
      where p.table_name = p_table
        and (p.from_at is null or p.from_at <= m.month)
        and p.until_at > m.month)
    order by 1
  loop
    perform private.make_partition(p_table, v_month);
    v_made := v_made + 1;
  end loop;
  return v_made;
end
$$;
comment on function private.make_partitions(text, timestamptz) is
  'Makes what a partitioned table is missing of its default partition, this month and the next two. Gives how many it made.';
revoke execute on function private.make_partitions(text, timestamptz) from public;

-- Forgetting a month at a time.

create function private.drop_old_partitions(p_table text, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_name text;
  v_dropped integer := 0;
begin
  for v_name in
    select p.partition_name
    from private.partitions p
    where p.table_name = p_table and p.until_at <= p_now - p.kept
    order by p.until_at
  loop
    execute format('drop table private.%I', v_name);
    v_dropped := v_dropped + 1;
  end loop;
  return v_dropped;
end
$$;
comment on function private.drop_old_partitions(text, timestamptz) is
  'Drops the partitions of a table whose rows are all older than it keeps them. Gives how many.';
revoke execute on function private.drop_old_partitions(text, timestamptz) from public;

create function private.prune_default_partition(
  p_table text, p_now timestamptz default now(), p_portion integer default 10000
) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_default private.partitions;
  v_deleted integer;
begin
  select * into strict v_default from private.partitions p where p.table_name = p_table and p.is_default;
  execute format(
    $sql$
      delete from private.%1$I
      where ctid = any (array(select ctid from private.%1$I where %2$I < $1 order by %2$I limit $2))
    $sql$, v_default.partition_name, v_default.key_column)
  using p_now - v_default.kept, p_portion;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
comment on function private.prune_default_partition(text, timestamptz, integer) is
  'Deletes from the default partition of a table, which is never dropped, what is older than it keeps: at most a portion a call. Gives how many rows.';
revoke execute on function private.prune_default_partition(text, timestamptz, integer) from public;

create function private.look_after_partitions() returns void
language plpgsql
set search_path = ''
-- Whoever reads or writes the table waits behind this one, which therefore gives up soon: the next call tries again.
set lock_timeout = '1s'
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
comment on function private.look_after_partitions() is
  'Makes partitions ahead, drops old ones, and analyzes once a day what autovacuum does not: at most one table changes a call. Cron calls it every hour.';
revoke execute on function private.look_after_partitions() from public;

create unique index if not exists scraping_health_by_id_and_time on public.scraping_health (id, created_at);
alter table public.scraping_health drop constraint scraping_health_pkey;
alter table public.scraping_health add constraint scraping_health_pkey primary key using index scraping_health_by_id_and_time;
drop policy operators_read on public.scraping_health;
revoke all on public.scraping_health from authenticated, service_role;
alter table public.scraping_health alter column id drop identity;
alter table public.scraping_health rename to scraping_health_before;
alter table public.scraping_health_before set schema private;

create table public.scraping_health (
  id bigint generated always as identity,
  source text not null check (source <> ''),
  host text,
  url text not null,
  outcome text not null check (outcome in (
    'ok', 'not_modified', 'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network',
    'server_error', 'too_large', 'unreadable', 'not_a_listing', 'invalid'
  )),
  status integer check (status between 100 and 999),
  ms integer not null check (ms >= 0),
  bytes bigint not null default 0 check (bytes >= 0),
  message text,
  created_at timestamptz not null default now(),
  primary key (id, created_at)
) partition by range (created_at);

comment on table public.scraping_health is
  'One row an attempt at one URL: source, who answered, outcome code, HTTP status, milliseconds, decoded bytes. Partitioned by month; what is older than 60 days goes with its month.';

create index scraping_health_by_time on public.scraping_health (created_at);
create index scraping_health_by_host on public.scraping_health (host, created_at desc);

alter table public.scraping_health enable row level security;
create policy operators_read on public.scraping_health
  for select to authenticated using ((select private.is_operator()));
grant select on public.scraping_health to authenticated;
grant all on public.scraping_health to service_role;

create or replace view public.source_host_status with (security_invoker = true) as
select
  h.host,
  h.interval_ms,
  h.breaker,
  private.why_host_waits(h) as why,
  private.host_waits_until(h) as until,
  h.last_outcome,
  h.last_message,
  h.last_answered_at,
  day.attempts as attempts_24h,
  day.served as served_24h,
  case
    when h.robots_fetched_at is null then 'not read yet'
    when h.robots_error is not null then 'unreachable: ' || h.robots_error
    when h.robots_status between 200 and 299 then 'read'
    else 'none (' || h.robots_status || ')'
  end as robots,
  h.robots_fetched_at,
  private.pace_words(h) as interval_because,
  case when h.budget_until > now() then h.new_pages_budget - h.new_pages_used end as new_pages_left
from public.source_hosts h
cross join lateral (
  select
    count(*) as attempts,
    count(*) filter (where outcome in ('ok', 'not_modified', 'gone')) as served
  from public.scraping_health a
  where a.host = h.host
    and a.created_at > now() - interval '1 day'
) as day;

create or replace view public.today_by_source with (security_invoker = true) as
with found as (
  select coalesce(private.url_host(q.listing_url), 'unknown') as source, count(*) as listings
  from public.import_queue q
  where q.created_at >= date_trunc('day', now())
  group by 1
),
arrived as (
  select
    coalesce(v.source_host, 'by hand') as source,
    count(*) as vehicles,
    avg(s.overall_score) as quality,
    count(*) filter (where v.vin is not null) as with_vin,
    count(*) filter (where private.is_complete(v, s.overall_score)) as complete
  from public.vehicles v
  left join public.vehicle_quality_scores s on s.vehicle_id = v.id
  where v.created_at >= date_trunc('day', now())
  group by 1
),
learned as (
  select
    coalesce(private.url_host(m.source_url), 'by hand') as source,
    count(*) filter (where m.validation_status = 'accepted') as facts,
    count(*) filter (where m.validation_status = 'accepted' and m.confidence_score < private.sure_enough()) as unsure,
    count(*) filter (where m.validation_status = 'conflict') as conflicts,
    count(distinct m.vehicle_id) as vehicles
  from public.extraction_metadata m
  where m.extracted_at >= date_trunc('day', now())
  group by 1
),
pictured as (
  select coalesce(v.source_host, 'by hand') as source, count(*) as images, sum(i.bytes) as bytes
  from public.vehicle_images i
  join public.vehicles v on v.id = i.vehicle_id
  where i.created_at >= date_trunc('day', now())
  group by 1
),
asked as (
  select
    coalesce(a.host, a.source) as source,
    count(*) as requests,
    count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone')) as served,
    count(*) filter (where a.outcome in ('blocked', 'robots_disallowed', 'rate_limited')) as refused,
    count(*) filter (where a.outcome in ('timeout', 'network', 'server_error')) as errors,
    sum(a.bytes) as bytes
  from public.scraping_health a
  where a.created_at >= date_trunc('day', now())
  group by 1
),
kept as (
  select private.url_host(s.canonical_url) as source, sum(s.stored_bytes) as bytes
  from public.page_snapshots s
  where s.fetched_at >= date_trunc('day', now())
  group by 1
),
invoked as (
  -- A run works on several sites: it is shared out by their requests.
  select
    asked.source,
    round((select count(*) from public.worker_invocations i where i.invoked_at >= date_trunc('day', now()))
      * asked.requests / sum(asked.requests) over (), 1) as invocations
  from asked
),
rates as (
  -- Without a rate for anything there is no price, rather than one of 0.
  select
    count(*) > 0 as are_known,
    coalesce(sum(price / per) filter (where item = 'request'), 0) as request,
    coalesce(sum(price / per) filter (where item = 'gb_fetched'), 0) as gb_fetched,
    coalesce(sum(price / per) filter (where item = 'gb_stored_month'), 0) as gb_stored_month,
    coalesce(sum(price / per) filter (where item = 'invocation'), 0) as invocation
  from public.cost_rates
),
sources as (
  select source from found
  union
  select source from arrived
  union
  select source from learned
  union
  select source from pictured
  union
  select source from asked
)
select
  source,
  coalesce(found.listings, 0) as listings_found,
  coalesce(arrived.vehicles, 0) as vehicles_added,
  coalesce(learned.vehicles, 0) as vehicles_improved,
  coalesce(learned.facts, 0) as facts_added,
  coalesce(learned.unsure, 0) as facts_unsure,
  coalesce(learned.conflicts, 0) as conflicts,
  round(arrived.quality, 1) as quality_of_added,
  round(100.0 * arrived.with_vin / arrived.vehicles, 1) as vin_percent_of_added,
  coalesce(pictured.images, 0) as images_stored,
  coalesce(asked.requests, 0) as requests,
  round(100.0 * asked.served / asked.requests, 1) as served_percent,
  coalesce(asked.refused, 0) as refused,
  coalesce(asked.errors, 0) as errors,
  round(coalesce(asked.bytes, 0) / 1e6, 1) as mb_fetched,
  round((coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e6, 1) as mb_stored,
  coalesce(arrived.complete, 0) as vehicles_complete,
  coalesce(invoked.invocations, 0) as invocations,
  priced.price,
  priced.price / nullif(arrived.vehicles, 0) as price_of_a_vehicle
from sources
left join found using (source)
left join arrived using (source)
left join learned using (source)
left join pictured using (source)
left join asked using (source)
left join kept using (source)
left join invoked using (source)
cross join rates
cross join lateral (
  select case when rates.are_known then round(
    coalesce(asked.requests, 0) * rates.request
      + coalesce(asked.bytes, 0) / 1e9 * rates.gb_fetched
      + (coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e9 * rates.gb_stored_month
      + coalesce(invoked.invocations, 0) * rates.invocation, 6) end as price
) priced
order by vehicles_added desc, facts_added desc, requests desc, source;

select private.make_default_partition('scraping_health');

do $$
declare
  v_until timestamptz := date_add(date_trunc('month', now(), 'UTC'), '1 month', 'UTC');
begin
  -- Times to come are nobody's but a test's: they go where such rows go from now on.
  with moved as (delete from private.scraping_health_before where created_at >= v_until returning *)
  insert into public.scraping_health (id, source, host, url, outcome, status, ms, bytes, message, created_at)
  overriding system value
  select id, source, host, url, outcome, status, ms, bytes, message, created_at from moved;
  execute format(
    'alter table public.scraping_health attach partition private.scraping_health_before for values from (minvalue) to (%L)',
    v_until);
  execute format(
    'comment on table private.scraping_health_before is %L',
    'Rows of public.scraping_health of before it was partitioned, and of the rest of that month.');
  perform setval(
    pg_get_serial_sequence('public.scraping_health', 'id'), coalesce((select max(id) from public.scraping_health), 0) + 1, false);
end
$$;

drop function private.prune_scraping_health(interval, integer);
select cron.unschedule('prune-scraping-health');

-- supabase/schemas/partitions/cron.sql
select cron.schedule('look-after-partitions', '17 * * * *', 'select private.look_after_partitions()');

-- supabase/schemas/partitions/seed.sql
insert into private.partitioned_tables (table_name, kept)
values ('scraping_health', '60 days')
on conflict do nothing;

select private.make_partitions(table_name) from private.partitioned_tables order by table_name;
