-- What the past says of how a source is best read and asked.

create function private.successes_by_wait(p_until timestamptz)
returns table (source_id uuid, outcome text, wait interval, tried bigint, worked bigint)
language sql stable
set search_path = ''
as $$
  with failed as materialized (
    select s.vehicle_id, s.step_name, s.created_at, s.outcome_code
    from public.scrape_steps s
    where s.status = 'failed'
      and s.created_at > p_until - interval '30 days'
      and s.created_at <= p_until
      and s.vehicle_id is not null
      and private.can_heal(s.outcome_code)
    order by s.created_at desc
    limit 100000
  ),
  tried_again as (
    select n.source as host, f.outcome_code, n.created_at - f.created_at as wait, n.status = 'success' as worked
    from failed f
    cross join lateral (
      select s.source, s.created_at, s.status
      from public.scrape_steps s
      where s.vehicle_id = f.vehicle_id
        and s.step_name = f.step_name
        and s.created_at > f.created_at
        and s.status in ('success', 'failed')
      order by s.created_at
      limit 1
    ) n
    where n.source is not null
  ),
  hosts as materialized ( -- a source is looked up once a host
    select h.host, private.source_of_host(h.host) as source_id from (select distinct host from tried_again) h
  )
  select
    h.source_id, t.outcome_code, date_trunc('second', percentile_cont(0.5) within group (order by t.wait)),
    count(*), count(*) filter (where t.worked)
  from tried_again t
  join hosts h using (host)
  where h.source_id is not null
    and t.wait < interval '7 days'
  group by h.source_id, t.outcome_code, width_bucket(extract(epoch from t.wait), array[60, 120, 300, 900, 3600, 21600, 86400])
$$;
comment on function private.successes_by_wait(timestamptz) is
  'Of the steps that failed in the 30 days before a time and were tried again: by source, outcome and how long was waited (median of what lies between 1, 2, 5, 15 minutes, 1, 6 and 24 hours), how many were and how many worked.';

create function private.waits_worth_it(p_until timestamptz) returns table (source_id uuid, retry_waits jsonb)
language sql stable
set search_path = ''
as $$
  with rates as (
    select s.*, s.worked / s.tried::numeric as success,
      max(s.worked / s.tried::numeric) over (partition by s.source_id, s.outcome) as best,
      count(*) over (partition by s.source_id, s.outcome) as waits
    from private.successes_by_wait(p_until) s
    where s.tried >= 20
  ),
  first as (
    select distinct on (r.source_id, r.outcome) r.*
    from rates r
    where r.waits >= 2 -- of a single one nobody knows whether another is better
      and r.best > 0
      and r.success >= 0.9 * r.best
    order by r.source_id, r.outcome, r.wait
  )
  select f.source_id, jsonb_object_agg(f.outcome, jsonb_build_object(
    'wait', greatest(f.wait, interval '30 seconds')::text, 'success', round(f.success, 3), 'best', round(f.best, 3), 'n', f.tried))
  from first f
  group by f.source_id
$$;
comment on function private.waits_worth_it(timestamptz) is
  'By source and outcome the first wait, tried at least 20 times, whose success is within 90 % of the best.';

create function private.best_ways(p_until timestamptz) returns table (source_id uuid, best_ways jsonb)
language sql stable
set search_path = ''
as $$
  with ways as (
    select
      l.source_id, l.field_name, l.reading_way,
      sum(l.stands_for * l.counts * l.accepted) / sum(l.stands_for * l.counts) as precision,
      sum(l.stands_for * l.counts) ^ 2 / sum(l.stands_for ^ 2 * l.counts) as n
    from private.calibration_labels(p_until) l
    where l.source_id is not null
    group by 1, 2, 3
  ),
  best as (
    select distinct on (w.source_id, w.field_name) w.*
    from ways w
    where w.n >= 5
    order by w.source_id, w.field_name, private.wilson_lower_bound(w.precision, w.n) desc, w.reading_way
  )
  select b.source_id, jsonb_object_agg(b.field_name, jsonb_build_object(
    'way', b.reading_way, 'precision', round(b.precision, 3), 'n', round(b.n, 1)))
  from best b
  group by b.source_id
$$;
comment on function private.best_ways(timestamptz) is
  'By source and field the way of reading, of at least five labels'' worth, whose precision is surest (lower 95 % bound).';

create function private.pace_of_lists() returns table (source_id uuid, new_per_hour numeric, revisit_interval interval)
language sql stable
set search_path = ''
as $$
  select f.source_id, sum(f.new_per_hour), min(private.revisit_interval(f.new_per_hour, p.feed_interval_floor))
  from (
    select coalesce(s.id, private.source_of_host(private.url_host(f.url))) as source_id, f.new_per_hour
    from public.listing_feeds f
    left join public.scrape_sources s on s.slug = f.source
    where f.new_per_hour is not null and f.enabled
  ) f
  cross join public.fill_policy p
  where f.source_id is not null
  group by f.source_id
$$;
comment on function private.pace_of_lists() is
  'By source how many new listings an hour its lists show, and how soon the quickest shows five.';

create function private.learn_strategies() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_changed integer;
begin
  with learned as materialized (
    select source_id, coalesce(b.best_ways, '{}') as best_ways, coalesce(w.retry_waits, '{}') as retry_waits,
      p.new_per_hour, p.revisit_interval
    from private.best_ways(now()) b
    full join private.waits_worth_it(now()) w using (source_id)
    full join private.pace_of_lists() p using (source_id)
  ),
  known as (
    select * from learned
    union all -- of which nothing is known any more
    select s.source_id, '{}', '{}', null, null
    from public.source_strategies s
    where not exists (select from learned l where l.source_id = s.source_id)
  )
  insert into public.source_strategies as held (source_id, best_ways, retry_waits, lists_new_per_hour, lists_interval, learned_at)
  select source_id, best_ways, retry_waits, new_per_hour, revisit_interval, now() from known
  order by source_id
  on conflict (source_id) do update
  set best_ways = excluded.best_ways,
      retry_waits = excluded.retry_waits,
      lists_new_per_hour = excluded.lists_new_per_hour,
      lists_interval = excluded.lists_interval,
      learned_at = now()
  where (held.best_ways, held.retry_waits, held.lists_new_per_hour, held.lists_interval)
    is distinct from (excluded.best_ways, excluded.retry_waits, excluded.lists_new_per_hour, excluded.lists_interval);
  get diagnostics v_changed = row_count;
  return v_changed;
end
$$;
comment on function private.learn_strategies() is
  'Learns source_strategies anew, once a day; what an operator pinned stays. Gives how many sources changed.';
grant execute on function
  private.successes_by_wait(timestamptz),
  private.waits_worth_it(timestamptz),
  private.best_ways(timestamptz),
  private.pace_of_lists(),
  private.learn_strategies()
to service_role;
