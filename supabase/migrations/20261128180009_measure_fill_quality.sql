-- Measure fill quality.

-- A function may name what comes below it.
set check_function_bodies = off;

create table private.fill_quality_portions (
  cycle_id text not null,
  part text not null,
  portion integer not null,
  host text not null,
  counts jsonb not null,
  constraint fill_quality_portions_counts_check check ((jsonb_typeof(counts) = 'object'::text)),
  constraint fill_quality_portions_part_check
    check ((part = any (array['vehicles'::text, 'requests'::text, 'readings'::text]))),
  constraint fill_quality_portions_pkey primary key (cycle_id, part, portion, host)
);

alter table private.fill_quality_portions
  enable row level security;

create table public.quality_metrics (
  id uuid not null default gen_random_uuid(),
  cycle_id text not null,
  field_name text not null,
  completeness numeric(5,4),
  accuracy numeric(5,4),
  sample_size integer not null default 0,
  issues text[] not null default '{}'::text[],
  measured_at timestamp with time zone not null default now(),
  accuracy_sample_size integer not null default 0,
  constraint a_rate_has_a_sample check (((completeness is null) = (sample_size = 0))),
  constraint an_accuracy_has_audits check (((accuracy is null) = (accuracy_sample_size = 0))),
  constraint quality_metrics_accuracy_check
    check (((accuracy >= (0)::numeric) and (accuracy <= (1)::numeric))),
  constraint quality_metrics_accuracy_sample_size_check check ((accuracy_sample_size >= 0)),
  constraint quality_metrics_completeness_check
    check (((completeness >= (0)::numeric) and (completeness <= (1)::numeric))),
  constraint quality_metrics_cycle_id_field_name_key unique (cycle_id, field_name),
  constraint quality_metrics_field_name_check check ((field_name <> ''::text)),
  constraint quality_metrics_pkey primary key (id),
  constraint quality_metrics_sample_size_check check ((sample_size >= 0))
);

alter table public.quality_metrics
  enable row level security;

create table public.source_health (
  id uuid not null default gen_random_uuid(),
  source_id uuid not null,
  cycle_id text not null,
  vehicles_extracted integer,
  success_rate numeric(5,4),
  error_rate numeric(5,4),
  avg_quality_score numeric(5,4),
  status text,
  last_checked timestamp with time zone not null default now(),
  readings integer not null default 0,
  requests integer not null default 0,
  baseline_success_rate numeric(5,4),
  baseline_quality_score numeric(5,4),
  why text,
  fields jsonb not null default '{}'::jsonb,
  constraint source_health_avg_quality_score_check
    check (((avg_quality_score >= (0)::numeric) and (avg_quality_score <= (1)::numeric))),
  constraint source_health_baseline_quality_score_check
    check (((baseline_quality_score >= (0)::numeric) and (baseline_quality_score <= (1)::numeric))),
  constraint source_health_baseline_success_rate_check
    check (((baseline_success_rate >= (0)::numeric) and (baseline_success_rate <= (1)::numeric))),
  constraint source_health_cycle_id_source_id_key unique (cycle_id, source_id),
  constraint source_health_error_rate_check
    check (((error_rate >= (0)::numeric) and (error_rate <= (1)::numeric))),
  constraint source_health_fields_check check ((jsonb_typeof(fields) = 'object'::text)),
  constraint source_health_pkey primary key (id),
  constraint source_health_readings_check check ((readings >= 0)),
  constraint source_health_requests_check check ((requests >= 0)),
  constraint source_health_status_check
    check ((status = any (array['healthy'::text, 'degraded'::text, 'failing'::text]))),
  constraint source_health_success_rate_check
    check (((success_rate >= (0)::numeric) and (success_rate <= (1)::numeric))),
  constraint source_health_vehicles_extracted_check check ((vehicles_extracted >= 0)),
  constraint source_health_why_check check ((why <> ''::text))
);

alter table public.source_health
  enable row level security;

create or replace function private.audits_of_fields(p_until timestamptz)
returns table (field text, audited bigint, was_right bigint)
language sql stable
set search_path = ''
as $$
  -- Of readings only: what a person said of a person's value proves nothing of a page.
  select m.field_name, count(*), count(*) filter (where m.validation_status <> 'rejected')
  from public.extraction_metadata m
  where m.reviewed_at >= p_until - interval '14 days'
    and m.reviewed_at < p_until
    and m.extraction_method not like 'manual%'
  group by m.field_name
$$;

create or replace function private.count_quality_of_vehicles(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz, p_after uuid, p_limit integer
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_has_images boolean := (select galleries <> 'none' from public.fill_policy);
  v_last jsonb;
begin
  delete from private.fill_quality_portions where cycle_id = p_cycle_id and part = 'vehicles' and portion = p_portion;
  with next as materialized (
    select
      v.id, v.created_at, v.source_host,
      private.price_field(v.sale_status) as price,
      q.missing_fields, q.low_confidence_fields,
      v.year is not null and v.make is not null and v.model is not null
        and coalesce(v.field_state -> 'year' ->> 'method', 'manual') not like 'manual%' as landed
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where v.created_at >= p_from
      and v.created_at < p_until
      and (p_after is null or (v.created_at, v.id) > (p_from, p_after))
      and v.source_host is not null
    order by v.created_at, v.id
    limit p_limit
  ),
  counted as (
    select
      n.source_host, f.field,
      count(*) as of,
      count(*) filter (where f.field <> all (n.missing_fields || n.low_confidence_fields)) as held,
      count(*) filter (where f.field = any (n.low_confidence_fields)) as unsure
    from next n
    cross join lateral unnest(
      array['year', 'make', 'model', 'vin', n.price, 'description', 'mileage', 'color', 'engine', 'transmission']
        || case when v_has_images then array['images'] else '{}' end
    ) f(field)
    where n.landed
    group by 1, 2
  ),
  written as (
    insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
    select
      p_cycle_id, 'vehicles', p_portion, source_host,
      jsonb_build_object(
        'vehicles', max(of), -- the year applies to each
        'fields', jsonb_object_agg(field, jsonb_build_object('of', of, 'held', held, 'unsure', unsure)))
    from counted
    group by source_host
  )
  select jsonb_build_object('from', n.created_at, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.created_at desc, n.id desc
  limit 1;
  return v_last;
end
$$;

create or replace function private.count_readings_of_cycle(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz
) returns void
language sql
set search_path = ''
as $$
  insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
  select
    p_cycle_id, 'readings', p_portion, s.source,
    jsonb_build_object('read', count(*), 'worked', count(*) filter (where s.status = 'success'))
  from public.scrape_steps s
  where s.created_at >= p_from
    and s.created_at < p_until
    and s.source is not null
    and s.step_name in ('extract_data', 'read_again')
    and (s.status = 'success' or (s.status = 'failed' and not private.is_final(s.outcome_code)))
  group by s.source
  on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
$$;

create or replace function private.count_requests_of_cycle(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz
) returns void
language sql
set search_path = ''
as $$
  insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
  select
    p_cycle_id, 'requests', p_portion, h.host,
    jsonb_build_object(
      'asked', count(*),
      'failed', count(*) filter (where not private.was_read(h.outcome) and not private.is_final(h.outcome)))
  from public.scraping_health h
  where h.created_at >= p_from and h.created_at < p_until and h.host is not null
  group by h.host
  on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
$$;

create or replace function private.field_points(p_field text) returns numeric
language sql immutable parallel safe
return case
  when p_field in ('year', 'make', 'model') then 10
  when p_field in ('vin', 'sale_price', 'high_bid', 'asking_price', 'description', 'images') then 15
  when p_field in ('mileage', 'color', 'engine', 'transmission') then 2.5
end;

create or replace function private.fields_that_fell(p_cycle_id text)
returns table (source_id uuid, field text, completeness numeric, usual numeric, vehicles integer)
language sql stable
set search_path = ''
as $$
  with c as (
    select k.slot, p.quality_floor
    from public.fill_cycles k
    cross join public.fill_policy p
    where k.cycle_id = p_cycle_id
  ),
  present as (
    select h.source_id, f.key as field, (f.value ->> 'of')::integer as of, (f.value ->> 'held')::numeric as held
    from public.source_health h
    cross join lateral jsonb_each(h.fields) f
    where h.cycle_id = p_cycle_id
  ),
  usual as (
    select
      h.source_id, f.key as field,
      percentile_cont(0.5) within group (order by (f.value ->> 'held')::numeric / (f.value ->> 'of')::numeric) as median
    from c
    join public.fill_cycles k on k.slot < c.slot and k.slot >= c.slot - interval '14 days'
    join public.source_health h on h.cycle_id = k.cycle_id
    cross join lateral jsonb_each(h.fields) f
    where (h.source_id, f.key) in (select n.source_id, n.field from present n)
      and (f.value ->> 'of')::integer >= 5
    group by 1, 2
    having count(*) >= 3
  )
  select n.source_id, n.field, round(n.held / n.of, 4), round(u.median::numeric, 4), n.of
  from c, present n
  join usual u using (source_id, field)
  where n.of >= 5
    and n.held / n.of < c.quality_floor
    and n.held / n.of < u.median - 0.1
$$;

create or replace function private.finish_quality_metrics(p_cycle_id text, p_until timestamptz) returns numeric
language plpgsql
set search_path = ''
as $$
declare
  v_score numeric;
begin
  delete from public.quality_metrics where cycle_id = p_cycle_id;
  with of_field as (
    select
      f.key as field,
      sum((f.value ->> 'of')::integer)::integer as of,
      sum((f.value ->> 'held')::integer)::integer as held,
      sum((f.value ->> 'unsure')::integer)::integer as unsure
    from public.source_health h
    cross join lateral jsonb_each(h.fields) f
    where h.cycle_id = p_cycle_id
    group by 1
  )
  insert into public.quality_metrics (
    cycle_id, field_name, completeness, accuracy, sample_size, accuracy_sample_size, issues, measured_at
  )
  select
    p_cycle_id, field, round(c.held / c.of::numeric, 4), round(a.was_right / a.audited::numeric, 4),
    coalesce(c.of, 0), coalesce(a.audited, 0),
    array_remove(array[
      case when c.of > c.held + c.unsure then format('%s of %s vehicles lack it', c.of - c.held - c.unsure, c.of) end,
      case when c.unsure > 0 then format('%s of %s hold it with too little confidence', c.unsure, c.of) end,
      case when a.audited > a.was_right
        then format('persons found %s of %s readings wrong', a.audited - a.was_right, a.audited) end
    ], null),
    now()
  from of_field c
  full join private.audits_of_fields(p_until) a using (field);

  v_score := (
    select round(
      sum(m.completeness * m.sample_size * private.field_points(m.field_name))
        / nullif(sum(m.sample_size * private.field_points(m.field_name)), 0), 4)
    from public.quality_metrics m
    where m.cycle_id = p_cycle_id and m.completeness is not null
  );
  update public.fill_cycles set data_quality_score = v_score where cycle_id = p_cycle_id;
  return v_score;
end
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
    where p.cycle_id = p_cycle_id
    group by p.host
  ),
  of_host as materialized (
    select h.*, s.id as source_id
    from hosts h
    cross join lateral (
      select c.id
      from public.scrape_sources c
      left join lateral (
        select max(length(own)) as exactness
        from unnest(c.hosts) own
        where h.host = own or h.host like '%.' || own
      ) its on true
      where its.exactness is not null or c.hosts = '{}'
      order by its.exactness desc nulls last
      limit 1
    ) s
  ),
  of_source as (
    select source_id, sum(vehicles) as vehicles, sum(asked) as asked, sum(failed) as failed,
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
    readings, requests, baseline_success_rate, baseline_quality_score, fields, last_checked
  )
  select
    m.source_id, p_cycle_id, m.vehicles, m.success, m.error, m.quality, s.status, s.why,
    m.read, m.asked, m.usual_success, m.usual_quality, m.fields, now()
  from (
    select
      o.source_id,
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
      fields = excluded.fields,
      last_checked = excluded.last_checked;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.health_of_source(
  p_success numeric, p_error numeric, p_quality numeric, p_readings bigint, p_requests bigint,
  p_usual_success numeric, p_usual_quality numeric,
  out status text, out why text
)
language sql immutable parallel safe
return (
  select (
    case
      when greatest(p_readings, p_requests) < 5 then null -- too little to say
      when coalesce(p_success < least(0.5, 0.5 * coalesce(p_usual_success, 1)), false) or coalesce(p_error > 0.9, false)
        then 'failing'
      when w.why <> '' then 'degraded'
      else 'healthy'
    end,
    case when greatest(p_readings, p_requests) >= 5 then nullif(w.why, '') end
  )
  from (
    select concat_ws('; ',
      case when p_success < 0.9 * coalesce(p_usual_success, 0.9)
        then format('%s of 100 readings work%s', round(100 * p_success), case when p_usual_success is not null
          then format(', usually %s', round(100 * p_usual_success)) end)
      end,
      case when p_error > 0.5 then format('%s of 100 requests fail', round(100 * p_error)) end,
      case when p_quality < 0.9 * p_usual_quality
        then format('its vehicles are complete to %s of 100, usually %s', round(100 * p_quality), round(100 * p_usual_quality))
      end
    ) as why
  ) w
);

create or replace function private.read_again_what_fell(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  f record;
  n record;
  v_looked_at integer := 0;
  v_queued integer := 0;
begin
  for f in
    select t.*, s.slug
    from private.fields_that_fell(p_cycle_id) t
    join public.scrape_sources s on s.id = t.source_id
    where t.field <> 'images' -- pictures are downloaded by their own worker
      and not exists ( -- once a day
        select from public.fill_decisions d
        where d.lever in ('micro_scrape', 'backfill')
          and d.subject = s.slug || ' ' || t.field
          and d.decided_at > now() - interval '1 day'
      )
    order by (t.usual - t.completeness) * t.vehicles desc
    limit 10
  loop
    select * into n from private.read_field_again(p_cycle_id, f.source_id, f.field, 200);
    insert into public.fill_decisions (cycle_id, lever, subject, to_value, reason, metrics)
    select
      p_cycle_id, d.lever, f.slug || ' ' || f.field, d.count::text,
      format('%s of %s is held by %s of 100 vehicles, usually by %s: %s', f.field, f.slug,
        round(100 * f.completeness), round(100 * f.usual), d.what),
      jsonb_build_object('completeness', f.completeness, 'usual', f.usual, 'vehicles', f.vehicles)
    from (values
      ('micro_scrape', n.looked_at, n.looked_at || ' are looked at again'),
      ('backfill', n.queued, n.queued || ' that are complete without it are read again')
    ) d(lever, count, what)
    where d.count > 0;
    v_looked_at := v_looked_at + n.looked_at;
    v_queued := v_queued + n.queued;
  end loop;
  return jsonb_build_object('micro_scrape', v_looked_at, 'backfill', v_queued);
end
$$;

create or replace function private.read_field_again(p_cycle_id text, p_source_id uuid, p_field text, p_limit integer)
returns table (looked_at integer, queued integer)
language plpgsql
set search_path = ''
as $$
declare
  v_hosts text[];
  v_lacking uuid[];
  v_done uuid[];
begin
  v_hosts := (select hosts from public.scrape_sources where id = p_source_id);
  -- The newest of the slot: what is wrong shows in them.
  v_lacking := array(
    select v.id
    from public.fill_cycles c
    join public.vehicles v
      on v.created_at >= c.slot and v.created_at < c.slot + interval '2 hours'
      and v.source_host is not null
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where c.cycle_id = p_cycle_id
      and p_field = any (q.missing_fields || q.low_confidence_fields)
      and v.field_state -> p_field ->> 'why' is distinct from 'removed_by_hand'
      and case
        when v_hosts = '{}' then not exists (
          select from public.scrape_sources s, unnest(s.hosts) own
          where v.source_host = own or v.source_host like '%.' || own)
        else exists (
          select from unnest(v_hosts) own where v.source_host = own or v.source_host like '%.' || own)
      end
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

create or replace function private.utc_text(p_at timestamptz) returns text
language sql stable parallel safe
set search_path = ''
return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

create or replace function public.act_on_quality(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_again jsonb;
  v_joined integer;
begin
  if not exists (select from public.fill_cycles where cycle_id = p_cycle_id) then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  v_again := private.read_again_what_fell(p_cycle_id);
  v_joined := private.join_proven_vehicles(20);
  if v_joined > 0 then
    insert into public.fill_decisions (cycle_id, lever, to_value, reason)
    values (p_cycle_id, 'join', v_joined::text,
      'proved to be one car by their VINs: vehicle_merges says why, unmerge_vehicle() takes it back');
  end if;
  return v_again || jsonb_build_object('joined', v_joined);
end
$$;

create or replace function public.fill_cycle_report(p_cycle_id text) returns json
language plpgsql stable
set search_path = ''
as $$
declare
  c public.fill_cycles;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  return json_build_object(
    'cycle_id', c.cycle_id,
    'started_at', private.utc_text(c.started_at),
    'completed_at', private.utc_text(c.completed_at),
    'vehicles_added', c.vehicles_added,
    'vehicles_queued', c.vehicles_queued,
    'total_progress', c.vehicles_added + c.vehicles_queued,
    'target', c.target,
    'on_target', c.on_target,
    'data_quality', round(c.data_quality_score, 2),
    'sources_active', c.sources_active,
    'sources_discovered', c.sources_discovered,
    'next_cycle', private.utc_text(c.slot + interval '2 hours')
  );
end
$$;

create or replace function public.fill_daily_report(p_date date default null) returns json
language sql stable
set search_path = ''
as $$
  with day as (
    select coalesce(p_date, (now() at time zone 'UTC')::date) as date
  ),
  cycles as (
    select c.*
    from day
    join public.fill_cycles c
      on c.slot >= day.date::timestamp at time zone 'UTC'
      and c.slot < (day.date + 1)::timestamp at time zone 'UTC'
  )
  select json_build_object(
    'date', (select date from day),
    'vehicles_added', sum(c.vehicles_added),
    'vehicles_queued', sum(c.vehicles_queued),
    'cycles_completed', count(*) filter (where c.status = 'completed'),
    'cycles_on_target', count(*) filter (where c.on_target),
    'avg_quality', round(
      sum(c.data_quality_score * c.vehicles_added) filter (where c.vehicles_added > 0)
        / sum(c.vehicles_added) filter (where c.data_quality_score is not null and c.vehicles_added > 0), 2),
    'sources_active', (array_agg(c.sources_active order by c.slot desc) filter (where c.sources_active is not null))[1],
    'sources_discovered', sum(c.sources_discovered),
    'status', case
      when sum(c.vehicles_added) filter (where c.status <> 'running')
        >= sum(c.target) filter (where c.status <> 'running') then 'ON_TARGET'
      when count(*) filter (where c.status <> 'running') > 0 then 'BELOW_TARGET'
    end
  )
  from cycles c
$$;

create or replace function public.measure_fill_quality(p_cycle_id text, p_cursor jsonb default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_part text := coalesce(p_cursor ->> 'part', 'vehicles');
  v_portion integer := coalesce((p_cursor ->> 'portion')::integer, 0);
  v_from timestamptz := (p_cursor ->> 'from')::timestamptz;
  v_after uuid := (p_cursor ->> 'after')::uuid;
  v_enough timestamptz := clock_timestamp() + interval '300 milliseconds';
  v_until timestamptz;
  v_last jsonb;
  v_sources integer;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  if v_part not in ('vehicles', 'counts', 'finish') then
    raise exception 'a cursor of measure_fill_quality has no part "%"', v_part using errcode = '22023';
  end if;
  v_until := least(c.slot + interval '2 hours', now());
  if p_cursor is null then -- from its beginning, whatever was left of another time
    delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  end if;

  while v_part <> 'finish' and clock_timestamp() < v_enough loop
    if v_part = 'vehicles' then
      v_last := private.count_quality_of_vehicles(
        p_cycle_id, v_portion, coalesce(v_from, c.slot), v_until, v_after, 5000);
      v_from := (v_last ->> 'from')::timestamptz;
      v_after := (v_last ->> 'after')::uuid;
      v_portion := v_portion + 1;
      if v_last is null then
        v_part := 'counts';
        v_portion := 0;
      end if;
    else
      -- Five minutes of the slot at a time.
      v_from := c.slot + v_portion * interval '5 minutes';
      perform private.count_requests_of_cycle(
        p_cycle_id, v_portion, v_from, least(v_from + interval '5 minutes', v_until));
      perform private.count_readings_of_cycle(
        p_cycle_id, v_portion, v_from, least(v_from + interval '5 minutes', v_until));
      v_portion := v_portion + 1;
      if v_portion = 24 then
        v_part := 'finish';
      end if;
    end if;
  end loop;

  if v_part <> 'finish' then
    return jsonb_build_object('done', false, 'cursor', jsonb_strip_nulls(jsonb_build_object(
      'part', v_part, 'portion', v_portion,
      'from', case when v_part = 'vehicles' then v_from end, 'after', v_after)));
  elsif p_cursor ->> 'part' is distinct from 'finish' then
    return jsonb_build_object('done', false, 'cursor', jsonb_build_object('part', 'finish'));
  end if;

  v_sources := private.finish_source_health(p_cycle_id);
  perform private.finish_quality_metrics(p_cycle_id, v_until);
  delete from private.fill_quality_portions where cycle_id = p_cycle_id;
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
  add constraint fill_quality_portions_cycle_id_fkey foreign key (cycle_id)
    references public.fill_cycles(cycle_id) on delete cascade;

alter table public.quality_metrics
  add constraint quality_metrics_cycle_id_fkey foreign key (cycle_id)
    references public.fill_cycles(cycle_id) on delete cascade;

alter table public.source_health
  add constraint source_health_cycle_id_fkey foreign key (cycle_id) references public.fill_cycles(cycle_id)
    on delete cascade;

alter table public.source_health
  add constraint source_health_source_id_fkey foreign key (source_id) references public.scrape_sources(id)
    on delete cascade;

create index if not exists source_health_by_source on public.source_health using btree (source_id, last_checked desc);

create policy operators_read on public.quality_metrics
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.source_health
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.quality_metrics.accuracy is 'From audits of the last 14 days (accuracy_sample_size): persons'' reviews. Null where there were none.';

comment on column public.quality_metrics.completeness is 'Held with confidence 0.5 or more, among the vehicles of the cycle to which the field applies (sample_size): which price a vehicle has goes by how it is offered.';

comment on column public.quality_metrics.issues is 'What is wrong with the field, in words.';

comment on column public.source_health.avg_quality_score is 'How complete its vehicles of the cycle are, 0 to 1, weighted as the score.';

comment on column public.source_health.error_rate is 'Of the requests to its hosts (requests), the part that got no answer of use: refused, failed, unreadable.';

comment on column public.source_health.fields is 'By field: of (vehicles of the cycle to which it applies), held (with confidence 0.5 or more), unsure (held with less).';

comment on column public.source_health.status is 'healthy, degraded or failing against the median of its own last 14 days; null where too little was asked to say.';

comment on column public.source_health.success_rate is 'Of its listings that were read (readings), the part that worked; a page that is gone or offers no vehicle counts for neither.';

comment on column public.source_health.vehicles_extracted is 'Vehicles of the cycle that were found first on this source.';

comment on column public.source_health.why is 'What is wrong, in words; null when nothing is.';

comment on function private.audits_of_fields(timestamp with time zone) is 'By field, how many readings persons have reviewed in the 14 days before a time, and how many of them they found right.';

comment on function private.count_quality_of_vehicles(text, integer, timestamp with time zone, timestamp
  with time zone, uuid, integer) is 'Counts, by host and field, what the next vehicles hold that came into being in a time. Gives where to go on, as {from, after}; null after the last.';

comment on function private.count_readings_of_cycle(text, integer, timestamp with time zone, timestamp
  with time zone) is 'Counts, by host, the listings that were read in a time and how many of them could be.';

comment on function private.count_requests_of_cycle(text, integer, timestamp with time zone, timestamp
  with time zone) is 'Counts, by host, the requests of a time and how many of them brought nothing of use.';

comment on function private.field_points(text) is 'What a field is worth in the score of a vehicle to which it applies; null for a field that the score does not know.';

comment on function private.fields_that_fell(text) is 'Fields that a source''s vehicles of a cycle hold less often than the quality floor asks, and by a tenth less than is usual for this source (median of its cycles of 14 days).';

comment on function private.finish_quality_metrics(text, timestamp
  with time zone) is 'Writes quality_metrics and data_quality_score of a cycle from its source_health. Gives the score, 0 to 1; null when nothing came in.';

comment on function private.finish_source_health(text) is 'Writes source_health of a cycle from what was counted. Gives how many sources there are.';

comment on function private.health_of_source(numeric, numeric, numeric, bigint, bigint, numeric, numeric)
  is 'degraded: a tenth under what is usual for it (without a history: under 0.81 of its readings work), or more than half of its requests fail. failing: under half of that, or nearly no request works. Null with fewer than five readings and requests.';

comment on function private.read_again_what_fell(text) is 'For the ten fields and sources that fell furthest: has at most 200 vehicles of each read again, once a day. Gives {micro_scrape, backfill}: how many.';

comment on function private.read_field_again(text, uuid, text, integer) is 'Has the vehicles of a cycle and source that lack a field read again: by gap filling, or by backfill those that are complete without it. Gives how many of each.';

comment on function private.utc_text(timestamp with time zone) is 'A time as 2025-12-24T18:00:00Z.';

comment on function public.act_on_quality(text) is 'After measure_fill_quality(): has read again what fell below the floor and below what is usual for its source, and joins vehicles that are proved to be one car. Gives how many of each: {micro_scrape, backfill, joined}. Every action is a row of fill_decisions; a person''s value is never touched.';

comment on function public.fill_cycle_report(text) is 'What a cycle came to. total_progress is the sum of what was added and queued, for show: on_target goes by vehicles_added alone. What was not measured is null. (json keeps the order of the keys.)';

comment on function public.fill_daily_report(date) is 'What a day (UTC; without one: today) came to. avg_quality is the mean over the vehicles that were added, sources_active as the last cycle found it. status is ON_TARGET when the cycles that have ended added what their targets sum to, else BELOW_TARGET; null when none has ended. What was not measured is null. (json keeps the order of the keys.)';

comment on function public.measure_fill_quality(text, jsonb) is 'Measures what came in during a cycle: source_health, quality_metrics and fill_cycles.data_quality_score, a portion a call. Call it with null, then with the cursor that it gave, until done: {done, cursor, sources, vehicles, data_quality_score, healthy, degraded, failing}. Measuring again writes the same rows again.';

comment on table private.fill_quality_portions is 'What measure_fill_quality() has counted so far of a cycle, a row a portion and host: a portion that is counted twice counts once. Gone when it has finished.';

comment on table public.quality_metrics is 'One row a cycle and field: how many of the vehicles that came in hold it, and how often audits found it right.';

comment on table public.source_health is 'One row a source and cycle in which it was asked or gave a vehicle: how much of it was read, how good that is, and how that compares with its own 14 days. What was not measured is null.';

revoke all on function private.audits_of_fields(timestamp with time zone) from public;

grant execute on function private.audits_of_fields(timestamp with time zone) to postgres, service_role;

revoke all
  on function private.count_quality_of_vehicles(text, integer, timestamp with time zone, timestamp
    with time zone, uuid, integer)
  from public;

grant execute
  on function private.count_quality_of_vehicles(text, integer, timestamp with time zone, timestamp
    with time zone, uuid, integer)
  to postgres, service_role;

revoke all
  on function private.count_readings_of_cycle(text, integer, timestamp with time zone, timestamp
    with time zone)
  from public;

grant execute
  on function private.count_readings_of_cycle(text, integer, timestamp with time zone, timestamp
    with time zone)
  to postgres, service_role;

revoke all
  on function private.count_requests_of_cycle(text, integer, timestamp with time zone, timestamp
    with time zone)
  from public;

grant execute
  on function private.count_requests_of_cycle(text, integer, timestamp with time zone, timestamp
    with time zone)
  to postgres, service_role;

revoke all on function private.field_points(text) from public;

grant execute on function private.field_points(text) to postgres, service_role;

revoke all on function private.fields_that_fell(text) from public;

grant execute on function private.fields_that_fell(text) to postgres, service_role;

revoke all on function private.finish_quality_metrics(text, timestamp with time zone) from public;

grant execute
  on function private.finish_quality_metrics(text, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.finish_source_health(text) from public;

grant execute on function private.finish_source_health(text) to postgres, service_role;

revoke all
  on function private.health_of_source(numeric, numeric, numeric, bigint, bigint, numeric, numeric)
  from public;

grant execute
  on function private.health_of_source(numeric, numeric, numeric, bigint, bigint, numeric, numeric)
  to postgres, service_role;

revoke all on function private.read_again_what_fell(text) from public;

grant execute on function private.read_again_what_fell(text) to postgres, service_role;

revoke all on function private.read_field_again(text, uuid, text, integer) from public;

grant execute
  on function private.read_field_again(text, uuid, text, integer)
  to postgres, service_role;

revoke all on function private.utc_text(timestamp with time zone) from public;

grant execute
  on function private.utc_text(timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function public.act_on_quality(text) from public;

grant execute on function public.act_on_quality(text) to postgres, service_role;

revoke all on function public.fill_cycle_report(text) from public;

grant execute on function public.fill_cycle_report(text) to authenticated, postgres, service_role;

revoke all on function public.fill_daily_report(date) from public;

grant execute on function public.fill_daily_report(date) to authenticated, postgres, service_role;

revoke all on function public.measure_fill_quality(text, jsonb) from public;

grant execute on function public.measure_fill_quality(text, jsonb) to postgres, service_role;

grant all on table private.fill_quality_portions to postgres, service_role;

grant select on table public.quality_metrics to authenticated;

grant all on table public.quality_metrics to postgres, service_role;

grant select on table public.source_health to authenticated;

grant all on table public.source_health to postgres, service_role;
