-- Report weeks and months.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.today_by_source;

alter table private.fill_quality_portions
  drop constraint fill_quality_portions_part_check;

create table public.cost_rates (
  item text not null,
  price numeric not null,
  per numeric not null default 1,
  note text,
  updated_at timestamp with time zone not null default now(),
  constraint cost_rates_item_check
    check
    ((item = any (array['request'::text, 'gb_fetched'::text, 'gb_stored_month'::text, 'invocation'::text]))),
  constraint cost_rates_note_check check ((note <> ''::text)),
  constraint cost_rates_per_check check ((per > (0)::numeric)),
  constraint cost_rates_pkey primary key (item),
  constraint cost_rates_price_check check ((price >= (0)::numeric))
);

alter table public.cost_rates
  enable row level security;

create table public.vehicle_score_history (
  day date not null,
  source_id uuid not null,
  vehicles_count integer not null,
  mean_score numeric(4,1) not null,
  complete_count integer not null,
  measured_at timestamp with time zone not null default now(),
  constraint vehicle_score_history_check
    check (((complete_count >= 0) and (complete_count <= vehicles_count))),
  constraint vehicle_score_history_mean_score_check
    check (((mean_score >= (0)::numeric) and (mean_score <= (100)::numeric))),
  constraint vehicle_score_history_pkey primary key (day, source_id),
  constraint vehicle_score_history_vehicles_count_check check ((vehicles_count > 0))
);

alter table public.vehicle_score_history
  enable row level security;

alter table public.source_health
  add column hosts text[] not null default '{}'::text[];

create or replace function private.count_scores(p_cycle_id text, p_portion integer, p_host text, p_after uuid, p_limit integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_last jsonb;
begin
  delete from private.fill_quality_portions where cycle_id = p_cycle_id and part = 'history' and portion = p_portion;
  with next as materialized (
    -- Of the wide row only what stands in the index.
    select v.source_host, v.id
    from public.vehicles v
    where v.source_host is not null
      and (p_host is null or (v.source_host, v.id) > (p_host, p_after))
    order by v.source_host, v.id
    limit p_limit
  ),
  written as (
    insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
    select
      p_cycle_id, 'history', p_portion, n.source_host,
      jsonb_build_object(
        'count', count(*), 'score', sum(s.score), 'complete', count(*) filter (where s.state = 'complete'))
    from next n
    join public.micro_scrape_state s on s.vehicle_id = n.id
    group by n.source_host
  )
  select jsonb_build_object('from', n.source_host, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.source_host desc, n.id desc
  limit 1;
  return v_last;
end
$$;

create or replace function private.fill_by_period(p_period text)
returns table (
  starts_on date, vehicles_added bigint, vehicles_target bigint, on_target boolean,
  sources_added bigint, avg_quality numeric, quality_target numeric, source_uptime numeric, cycle_success_rate numeric,
  cycles bigint, cycles_missed bigint, cycles_capacity_limited bigint
)
language sql stable
set search_path = ''
as $$
  with cycles as (
    select
      date_trunc(p_period, c.slot at time zone 'UTC')::date as starts_on,
      sum(c.vehicles_added) as added,
      sum(c.target) as target,
      sum(c.data_quality_score * c.vehicles_added) filter (where c.vehicles_added > 0)
        / sum(c.vehicles_added) filter (where c.data_quality_score is not null and c.vehicles_added > 0) as quality,
      count(*) as cycles,
      count(*) filter (where c.status = 'missed') as missed,
      count(*) filter (where c.status = 'completed' and c.verdict is distinct from 'faulty') as worked,
      count(*) filter (where c.verdict = 'capacity_limited') as capacity_limited
    from public.fill_cycles c
    where c.status <> 'running'
    group by 1
  ),
  up as (
    select
      date_trunc(p_period, c.slot at time zone 'UTC')::date as starts_on,
      count(*) filter (where h.status <> 'failing') / count(*)::numeric as share
    from public.source_health h
    join public.fill_cycles c using (cycle_id)
    where h.status is not null
    group by 1
  ),
  taken_in as (
    -- A source that was found is taken in when its vehicles come in, the first time.
    select date_trunc(p_period, f.at at time zone 'UTC')::date as starts_on, count(*) as sources
    from (
      select e.source_id, min(e.at) as at
      from public.source_lifecycle_events e
      where e.to_lifecycle = 'probation'
      group by e.source_id
    ) f
    group by 1
  )
  select
    c.starts_on, c.added, c.target, coalesce(c.added, 0) >= c.target, coalesce(t.sources, 0),
    round(c.quality, 2), round(p.quality_floor, 2), round(u.share, 3), round(c.worked / c.cycles::numeric, 3),
    c.cycles, c.missed, c.capacity_limited
  from cycles c
  cross join public.fill_policy p
  left join up u using (starts_on)
  left join taken_in t using (starts_on)
$$;

create or replace function private.finish_score_history(p_cycle_id text, p_day date) returns void
language sql
set search_path = ''
as $$
  insert into public.vehicle_score_history as held (day, source_id, vehicles_count, mean_score, complete_count)
  select
    p_day, s.id,
    sum((p.counts ->> 'count')::integer),
    round(sum((p.counts ->> 'score')::numeric) / sum((p.counts ->> 'count')::integer), 1),
    sum((p.counts ->> 'complete')::integer)
  from private.fill_quality_portions p
  cross join lateral private.source_that_reads(p.host) s(id)
  where p.cycle_id = p_cycle_id and p.part = 'history' and s.id is not null
  group by s.id
  on conflict (day, source_id) do update
  set vehicles_count = excluded.vehicles_count,
      mean_score = excluded.mean_score,
      complete_count = excluded.complete_count,
      measured_at = now()
$$;

create or replace function private.finish_source_health(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with hosts as (
    select
      p.host,
      sum((p.counts ->> 'vehicles')::integer) as vehicles,
      sum((p.counts ->> 'asked')::integer) as asked,
      sum((p.counts ->> 'failed')::integer) as failed,
      sum((p.counts ->> 'read')::integer) as read,
      sum((p.counts ->> 'worked')::integer) as worked
    from private.fill_quality_portions p
    where p.cycle_id = p_cycle_id and p.part <> 'history'
    group by p.host
  ),
  of_host as materialized (
    select h.*, s.id as source_id
    from hosts h
    cross join lateral private.source_that_reads(h.host) s(id)
    where s.id is not null
  ),
  of_source as (
    select source_id, array_agg(host order by host) as hosts, sum(vehicles) as vehicles, sum(asked) as asked, sum(failed) as failed,
      sum(read) as read, sum(worked) as worked
    from of_host
    group by source_id
  ),
  of_field as (
    select
      o.source_id, f.key as field,
      sum((f.value ->> 'of')::integer) as of,
      sum((f.value ->> 'held')::integer) as held,
      sum((f.value ->> 'unsure')::integer) as unsure
    from private.fill_quality_portions p
    join of_host o using (host)
    cross join lateral jsonb_each(p.counts -> 'fields') f
    where p.cycle_id = p_cycle_id and p.part = 'vehicles'
    group by 1, 2
  ),
  quality as (
    select
      source_id,
      sum(held * private.field_points(field)) / sum(of * private.field_points(field)) as quality,
      jsonb_object_agg(field, jsonb_build_object('of', of, 'held', held, 'unsure', unsure)) as fields
    from of_field
    group by source_id
  ),
  usual as (
    select
      h.source_id,
      percentile_cont(0.5) within group (order by h.success_rate) filter (where h.readings >= 5) as success,
      percentile_cont(0.5) within group (order by h.avg_quality_score) filter (where h.vehicles_extracted >= 5) as quality,
      count(*) filter (where h.readings >= 5) as readings_n,
      count(*) filter (where h.vehicles_extracted >= 5) as quality_n
    from public.source_health h
    join public.fill_cycles c using (cycle_id)
    where h.source_id in (select source_id from of_source)
      and c.slot < (select slot from public.fill_cycles where cycle_id = p_cycle_id)
      and c.slot >= (select slot from public.fill_cycles where cycle_id = p_cycle_id) - interval '14 days'
    group by h.source_id
  )
  insert into public.source_health as held (
    source_id, cycle_id, vehicles_extracted, success_rate, error_rate, avg_quality_score, status, why,
    readings, requests, baseline_success_rate, baseline_quality_score, hosts, fields, last_checked
  )
  select
    m.source_id, p_cycle_id, m.vehicles, m.success, m.error, m.quality, s.status, s.why,
    m.read, m.asked, m.usual_success, m.usual_quality, m.hosts, m.fields, now()
  from (
    select
      o.source_id, o.hosts,
      coalesce(o.vehicles, 0) as vehicles, coalesce(o.read, 0) as read, coalesce(o.asked, 0) as asked,
      round(o.worked / nullif(o.read, 0)::numeric, 4) as success,
      round(o.failed / nullif(o.asked, 0)::numeric, 4) as error,
      round(q.quality, 4) as quality,
      coalesce(q.fields, '{}') as fields,
      -- What is usual shows after three cycles.
      case when u.readings_n >= 3 then round(u.success::numeric, 4) end as usual_success,
      case when u.quality_n >= 3 then round(u.quality::numeric, 4) end as usual_quality
    from of_source o
    left join quality q using (source_id)
    left join usual u using (source_id)
  ) m
  cross join lateral private.health_of_source(
    m.success, m.error, m.quality, m.read::bigint, m.asked::bigint, m.usual_success, m.usual_quality) s
  on conflict (cycle_id, source_id) do update
  set vehicles_extracted = excluded.vehicles_extracted,
      success_rate = excluded.success_rate,
      error_rate = excluded.error_rate,
      avg_quality_score = excluded.avg_quality_score,
      status = excluded.status,
      why = excluded.why,
      readings = excluded.readings,
      requests = excluded.requests,
      baseline_success_rate = excluded.baseline_success_rate,
      baseline_quality_score = excluded.baseline_quality_score,
      hosts = excluded.hosts,
      fields = excluded.fields,
      last_checked = excluded.last_checked;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.read_field_again(p_cycle_id text, p_source_id uuid, p_field text, p_limit integer)
returns table (looked_at integer, queued integer)
language plpgsql
set search_path = ''
as $$
declare
  v_lacking uuid[];
  v_done uuid[];
begin
  -- The newest of the slot: what is wrong shows in them.
  v_lacking := array(
    select v.id
    from public.fill_cycles c
    join public.source_health h on h.cycle_id = c.cycle_id and h.source_id = p_source_id
    join public.vehicles v
      on v.created_at >= c.slot and v.created_at < c.slot + interval '2 hours'
      and v.source_host = any (h.hosts)
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where c.cycle_id = p_cycle_id
      and p_field = any (q.missing_fields || q.low_confidence_fields)
      and v.field_state -> p_field ->> 'why' is distinct from 'removed_by_hand'
    order by v.created_at desc, v.id
    limit p_limit
  );
  -- Gap filling looks at all but those that are complete without this field.
  v_done := array(
    select vehicle_id from public.micro_scrape_state
    where vehicle_id = any (v_lacking) and state = 'complete'
  );
  looked_at := public.reopen_micro_scrape(array(
    select vehicle_id from public.micro_scrape_state
    where vehicle_id = any (v_lacking) and state in ('waiting', 'exhausted')
  ));
  queued := public.queue_vehicles_for_backfill(v_done, 'quality_fell', 8, 'database-fill-agent');
  return next;
end
$$;

create or replace function private.source_that_reads(p_host text) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    private.source_of_host(p_host),
    (select id from public.scrape_sources where hosts = '{}' order by created_at limit 1));
end
$$;

create or replace function public.measure_fill_quality(p_cycle_id text, p_cursor jsonb default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_part text := coalesce(p_cursor ->> 'part', 'vehicles');
  v_portion integer := coalesce((p_cursor ->> 'portion')::integer, 0);
  v_from text := p_cursor ->> 'from';
  v_after uuid := (p_cursor ->> 'after')::uuid;
  v_enough timestamptz := clock_timestamp() + interval '300 milliseconds';
  v_until timestamptz;
  v_start timestamptz;
  v_day date;
  v_last jsonb;
  v_sources integer;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  if v_part not in ('vehicles', 'counts', 'history', 'finish') then
    raise exception 'a cursor of measure_fill_quality has no part "%"', v_part using errcode = '22023';
  end if;
  v_day := (c.slot at time zone 'UTC')::date;
  v_until := least(c.slot + interval '2 hours', now());
  if p_cursor is null then -- from its beginning, whatever was left of another time
    delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  end if;

  while v_part <> 'finish' and clock_timestamp() < v_enough loop
    if v_part = 'counts' then -- five minutes of the slot at a time
      v_start := c.slot + v_portion * interval '5 minutes';
      perform private.count_requests_of_cycle(p_cycle_id, v_portion, v_start, least(v_start + interval '5 minutes', v_until));
      perform private.count_readings_of_cycle(p_cycle_id, v_portion, v_start, least(v_start + interval '5 minutes', v_until));
      v_last := case when v_portion < 23 then '{}' end;
    elsif v_part = 'vehicles' then
      v_last := private.count_quality_of_vehicles(
        p_cycle_id, v_portion, coalesce(v_from::timestamptz, c.slot), v_until, v_after, 5000);
    else
      v_last := private.count_scores(p_cycle_id, v_portion, v_from, v_after, 10000);
    end if;
    v_from := v_last ->> 'from';
    v_after := (v_last ->> 'after')::uuid;
    v_portion := v_portion + 1;
    if v_last is null then
      v_part := case
        when v_part = 'vehicles' then 'counts'
        when v_part = 'counts' and not exists (select from public.vehicle_score_history where day = v_day) then 'history'
        else 'finish'
      end;
      v_portion := 0;
    end if;
  end loop;

  if v_part <> 'finish' then
    return jsonb_build_object('done', false, 'cursor', jsonb_strip_nulls(jsonb_build_object(
      'part', v_part, 'portion', v_portion,
      'from', v_from, 'after', v_after)));
  elsif p_cursor ->> 'part' is distinct from 'finish' then
    return jsonb_build_object('done', false, 'cursor', jsonb_build_object('part', 'finish'));
  end if;

  v_sources := private.finish_source_health(p_cycle_id);
  perform private.finish_quality_metrics(p_cycle_id, v_until);
  perform private.finish_score_history(p_cycle_id, v_day);
  delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  delete from public.source_health where last_checked < now() - interval '90 days';
  return jsonb_build_object('done', true, 'cursor', null, 'sources', v_sources) || (
    select jsonb_build_object(
      'data_quality_score', k.data_quality_score,
      'vehicles', (select coalesce(sum(vehicles_extracted), 0) from public.source_health where cycle_id = p_cycle_id),
      'healthy', count(*) filter (where h.status = 'healthy'),
      'degraded', count(*) filter (where h.status = 'degraded'),
      'failing', count(*) filter (where h.status = 'failing'))
    from public.fill_cycles k
    left join public.source_health h using (cycle_id)
    where k.cycle_id = p_cycle_id
    group by k.data_quality_score
  );
end
$$;

alter table private.fill_quality_portions
  add constraint fill_quality_portions_part_check
    check ((part = any (array['vehicles'::text, 'requests'::text, 'readings'::text, 'history'::text])));

alter table public.vehicle_score_history
  add constraint vehicle_score_history_source_id_fkey foreign key (source_id)
    references public.scrape_sources(id) on delete cascade;

create view public.fill_monthly with (security_invoker = true) as
select
  m.starts_on as month,
  m.vehicles_added, m.vehicles_target, m.on_target,
  lag(m.vehicles_added) over by_month as vehicles_added_before,
  h.vehicles as vehicles_at_end,
  m.sources_added,
  m.avg_quality, m.quality_target,
  lag(m.avg_quality) over by_month as avg_quality_before,
  m.source_uptime, 0.95 as source_uptime_target,
  m.cycle_success_rate, 0.95 as cycle_success_target,
  m.cycles, m.cycles_missed, m.cycles_capacity_limited
from private.fill_by_period('month') m
left join lateral (
  select sum(s.vehicles_count) as vehicles
  from public.vehicle_score_history s
  where s.day = (
    select max(l.day)
    from public.vehicle_score_history l
    where l.day >= m.starts_on and l.day < m.starts_on + interval '1 month'
  )
) h on true
window by_month as (order by m.starts_on)
order by month desc;

create view public.fill_weekly with (security_invoker = true) as
select
  starts_on as week,
  vehicles_added, vehicles_target, on_target,
  sources_added, 10 as sources_target,
  avg_quality, quality_target,
  source_uptime, 0.95 as source_uptime_target,
  cycle_success_rate, 0.95 as cycle_success_target,
  cycles, cycles_missed
from private.fill_by_period('week')
order by week desc;

create view public.today_by_source with (security_invoker = true) as
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
    count(*) filter (where m.validation_status = 'accepted' and m.confidence_score < 0.6) as unsure,
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

create index if not exists vehicle_score_history_by_source on public.vehicle_score_history using btree (source_id, day);

create trigger touch_updated_at
  before update on public.cost_rates
  for each row
  execute function private.touch_updated_at();

create policy operators_read on public.cost_rates
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.vehicle_score_history
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.cost_rates.per is 'For how many the price is: 2 per 1000000 invocations.';

comment on column public.source_health.hosts is 'The hosts of which this is the sum.';

comment on function private.count_scores(text, integer, text, uuid, integer) is 'Counts the next vehicles, by host, with their scores. Gives where to go on, as {from, after}; null after the last.';

comment on function private.fill_by_period(text) is 'The cycles that have ended, a row a week or month (UTC): what came in, against their targets. A source is up in a cycle in which it is not failing; a cycle succeeds that was run, and not for errors of ours missed its target.';

comment on function private.finish_score_history(text, date) is 'Writes vehicle_score_history of a day from what was counted.';

comment on function private.source_that_reads(text) is 'The source that a host belongs to, else the one that is for any host.';

comment on function public.measure_fill_quality(text, jsonb) is 'Measures what came in during a cycle: source_health, quality_metrics and fill_cycles.data_quality_score, and once a day vehicle_score_history; a portion a call. Call it with null, then with the cursor that it gave, until done: {done, cursor, sources, vehicles, data_quality_score, healthy, degraded, failing}. Measuring again writes the same rows again.';

comment on table public.cost_rates is 'An operator''s: what a request, a gigabyte fetched, a gigabyte kept for a month and an invocation cost, all in one currency. today_by_source has no price without a row here.';

comment on table public.source_health is 'One row a source and cycle in which it was asked or gave a vehicle: how much of it was read, how good that is, and how that compares with its own 14 days. What was not measured is null. Kept 90 days.';

comment on table public.vehicle_score_history is 'One row a day and source: how many vehicles were found there first, whenever that was, their mean score, and how many are complete. Written by the first cycle of the day (UTC), so that a trend is one.';

comment on view public.fill_monthly is 'A row a month (UTC), the newest first: what came in against the target and the month before (growth), how many vehicles there were at its last count, quality and the month before''s, uptime of the sources, success of the cycles, and how many cycles the workers were too slow for (scale). Null was not measured.';

comment on view public.fill_weekly is 'A row a week (from Monday, UTC), the newest first: vehicles added, sources taken in, mean quality, uptime of the sources (reliability) and success of the cycles (uptime), each beside what is wanted. Cycles that have not ended do not count; null was not measured.';

comment on view public.today_by_source is 'Since midnight (UTC), by site: listings found, vehicles added and improved, facts and how sure they are, images, and what it cost: requests, megabytes fetched and stored, invocations (shared out by requests), and their price by cost_rates, null without a rate. mb_fetched is decoded.';

revoke all on function private.count_scores(text, integer, text, uuid, integer) from public;

grant execute
  on function private.count_scores(text, integer, text, uuid, integer)
  to postgres, service_role;

revoke all on function private.fill_by_period(text) from public;

grant execute on function private.fill_by_period(text) to authenticated, postgres, service_role;

revoke all on function private.finish_score_history(text, date) from public;

grant execute on function private.finish_score_history(text, date) to postgres, service_role;

revoke all on function private.is_complete(public.vehicles, numeric) from authenticated;

grant execute on function private.is_complete(public.vehicles, numeric) to authenticated;

revoke all on function private.source_that_reads(text) from public;

grant execute on function private.source_that_reads(text) to postgres, service_role;

grant select on table public.cost_rates to authenticated;

grant all on table public.cost_rates to postgres, service_role;

grant select on table public.vehicle_score_history to authenticated;

grant all on table public.vehicle_score_history to postgres, service_role;

grant select on table public.fill_monthly to authenticated;

grant all on table public.fill_monthly to postgres, service_role;

grant select on table public.fill_weekly to authenticated;

grant all on table public.fill_weekly to postgres, service_role;

grant select on table public.today_by_source to authenticated;

grant all on table public.today_by_source to postgres, service_role;
