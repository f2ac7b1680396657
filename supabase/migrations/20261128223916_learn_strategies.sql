-- Learn strategies.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.learning_status;

create table public.source_strategies (
  source_id uuid not null,
  best_ways jsonb not null default '{}'::jsonb,
  retry_waits jsonb not null default '{}'::jsonb,
  lists_new_per_hour numeric,
  lists_interval interval,
  pinned_retry_waits jsonb not null default '{}'::jsonb,
  pinned_lists_interval interval,
  learned_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint lists_are_pinned_to_some_time
    check
    (((pinned_lists_interval >= '00:01:00'::interval) and (pinned_lists_interval <= '30 days'::interval))),
  constraint source_strategies_best_ways_check check ((jsonb_typeof(best_ways) = 'object'::text)),
  constraint source_strategies_lists_interval_check check ((lists_interval > '00:00:00'::interval)),
  constraint source_strategies_lists_new_per_hour_check check ((lists_new_per_hour >= (0)::numeric)),
  constraint source_strategies_pkey primary key (source_id),
  constraint source_strategies_retry_waits_check check ((jsonb_typeof(retry_waits) = 'object'::text))
);

alter table public.source_strategies
  enable row level security;

create or replace function private.are_waits(p_waits jsonb) returns boolean
language sql stable parallel safe
set search_path = ''
as $$
  select coalesce(bool_and(
    pg_input_is_valid(w.value, 'interval') and private.can_heal(w.key)
      and case when pg_input_is_valid(w.value, 'interval') then w.value::interval between interval '30 seconds' and interval '7 days' end
  ), true)
  from jsonb_each_text(p_waits) w
$$;

create or replace function private.best_ways(p_until timestamptz) returns table (source_id uuid, best_ways jsonb)
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

create or replace function private.feed_interval(p_feed public.listing_feeds) returns interval
language sql stable
set search_path = ''
as $$
  select coalesce(
    private.pinned_lists_interval(p_feed),
    case when private.is_adaptive_feed(p_feed) then p_feed.revisit_interval end,
    p_feed.check_interval)
$$;

create or replace function private.is_adaptive_feed(p_feed public.listing_feeds) returns boolean
language sql stable
set search_path = ''
as $$
  select p_feed.is_adaptive
    -- One that is neither the code's nor the usual one was set by hand, and stays.
    and p_feed.check_interval = coalesce(p_feed.code_interval, interval '30 minutes')
    and coalesce((select is_enabled from public.fill_policy), true)
    and private.pinned_lists_interval(p_feed) is null
$$;

create or replace function private.learn_strategies() returns integer
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

create or replace function private.learned_calibrations()
returns table (kind text, source text, subject text, state text, what text, learned_from text, since timestamptz, changed text)
language sql stable
set search_path = ''
as $$
  select
    'calibration', null::text, 'version ' || c.version, c.status,
    coalesce(c.why, format('confidence of %s fields and ways', (
      select count(distinct (r.field_name, r.reading_way)) from public.calibration_rates r
      where r.version = c.version and r.field_name is not null))),
    c.labels_count || ' labels',
    coalesce(c.retired_at, c.serving_since, c.made_at),
    case when c.serving_since is not null then format('%s readings are held with another confidence', (
      select count(*) from public.extraction_metadata m where m.calibration_version = c.version)) end
  from public.calibrations c
$$;

create or replace function private.learned_strategies()
returns table (kind text, source text, subject text, state text, what text, learned_from text, since timestamptz, changed text)
language sql stable
set search_path = ''
as $$
  select
    'retry wait', s.slug, w.outcome, case when t.pinned_retry_waits ? w.outcome then 'pinned' else 'serving' end,
    'tried again after ' || coalesce(t.pinned_retry_waits ->> w.outcome, t.retry_waits -> w.outcome ->> 'wait'),
    case when t.retry_waits ? w.outcome then format('%s tries after it, %s %% of which worked, the best wait %s %%',
      t.retry_waits -> w.outcome ->> 'n', round(100 * (t.retry_waits -> w.outcome ->> 'success')::numeric),
      round(100 * (t.retry_waits -> w.outcome ->> 'best')::numeric)) end,
    coalesce(t.learned_at, t.created_at), null::text
  from public.source_strategies t
  join public.scrape_sources s on s.id = t.source_id
  cross join lateral (
    select jsonb_object_keys(t.retry_waits) union select jsonb_object_keys(t.pinned_retry_waits)
  ) w(outcome)
  union all
  select
    'best way', s.slug, w.key, 'serving', w.value ->> 'way',
    format('%s labels, %s %% right', w.value ->> 'n', round(100 * (w.value ->> 'precision')::numeric)),
    t.learned_at, null
  from public.source_strategies t
  join public.scrape_sources s on s.id = t.source_id
  cross join lateral jsonb_each(t.best_ways) w
  union all
  select
    'lists', s.slug, 'how often they change', case when t.pinned_lists_interval is not null then 'pinned' else 'serving' end,
    'checked every ' || coalesce(t.pinned_lists_interval, t.lists_interval),
    case when t.lists_new_per_hour is not null then round(t.lists_new_per_hour, 2) || ' new listings an hour' end,
    coalesce(t.learned_at, t.created_at), null
  from public.source_strategies t
  join public.scrape_sources s on s.id = t.source_id
  where coalesce(t.pinned_lists_interval, t.lists_interval) is not null
$$;

create or replace function private.learned_wait(p_host text, p_outcome text) returns interval
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if not exists (select from public.source_strategies where retry_waits <> '{}' or pinned_retry_waits <> '{}') then
    return null;
  end if;
  return (
    select coalesce(s.pinned_retry_waits ->> p_outcome, s.retry_waits -> p_outcome ->> 'wait')::interval
    from public.source_strategies s
    where s.source_id = private.source_of_host(p_host)
  );
end
$$;

create or replace function private.pace_of_lists() returns table (source_id uuid, new_per_hour numeric, revisit_interval interval)
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

create or replace function private.pinned_lists_interval(p_feed public.listing_feeds) returns interval
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if not exists (select from public.source_strategies where pinned_lists_interval is not null) then
    return null;
  end if;
  return (
    select s.pinned_lists_interval
    from public.source_strategies s
    where s.source_id = coalesce(
      (select id from public.scrape_sources where slug = p_feed.source), private.source_of_host(private.url_host(p_feed.url)))
  );
end
$$;

create or replace function private.queue_failed_steps() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from added where status = 'failed' and vehicle_id is not null) then
    insert into public.scrape_retry_queue (vehicle_id, step_name, next_retry_at, outcome_code, error_message)
    select distinct on (a.vehicle_id, a.step_name)
      a.vehicle_id, a.step_name,
      now() + private.retry_wait(a.source, a.outcome_code, 1),
      a.outcome_code, a.error_message
    from added a
    where a.status = 'failed'
      and a.vehicle_id is not null
      and private.can_heal(a.outcome_code)
      and not coalesce(a.metadata ? 'retried_by', false) -- what its own queue tries again is not queued twice
    order by a.vehicle_id, a.step_name, a.created_at desc
    on conflict (vehicle_id, step_name) where status in ('pending', 'processing') do nothing;
  end if;

  -- What has worked meanwhile, whoever did it, needs no retry.
  update public.scrape_retry_queue
  set status = 'completed', outcome_code = 'ok', error_message = null, next_retry_at = null,
      processed_at = now()
  where id in (
    select r.id
    from added a
    join public.scrape_retry_queue r on r.vehicle_id = a.vehicle_id and r.step_name = a.step_name
    where a.status = 'success'
      and r.status = 'pending'
    for update of r skip locked
  );
  return null;
end
$$;

create or replace function private.retry_wait(p_host text, p_outcome text, p_failures integer) returns interval
language plpgsql volatile
set search_path = ''
as $$
declare
  v_learned interval := private.learned_wait(p_host, p_outcome);
  v_usual interval := case when private.is_refused(p_outcome) then interval '1 hour' else private.backoff(p_failures) end;
begin
  return case
    when v_learned is null then v_usual
    -- A site that would not be asked is not asked sooner.
    when private.is_refused(p_outcome) then greatest(v_usual, v_learned)
    -- Later each time, and not all at once.
    else least(v_learned * 2 ^ least(p_failures - 1, 20), greatest(v_learned, interval '6 hours')) * (1 + random() / 4)
  end;
end
$$;

create or replace function private.settle_micro_scrape(
  p_vehicle_id uuid, p_outcome text, p_closed_a_gap boolean, p_hash text, p_error text,
  p_retry_at timestamptz, p_live_until timestamptz,
  p_scraper text default null, p_scraper_version text default null
) returns text
language plpgsql
set search_path = ''
as $$
declare
  s public.micro_scrape_state;
  v public.vehicles;
begin
  select * into s from public.micro_scrape_state where vehicle_id = p_vehicle_id;
  select * into v from public.vehicles where id = p_vehicle_id;

  s.last_checked_at := now();
  s.last_outcome := p_outcome;
  s.last_error := p_error;
  s.lease_token := null;
  s.lease_expires_at := null;

  if private.was_read(p_outcome) or p_outcome = 'unreadable' then
    s.failures := 0;
    s.blocked_days := 0;
    s.extraction_hash := coalesce(p_hash, s.extraction_hash);
    -- A gain starts the waits anew; the page that gave it has been read now. A value that only changes,
    -- as some pages do at every look, closes no gap.
    s.no_gain_passes := case when p_closed_a_gap then 1 else least(s.no_gain_passes + 1, 100) end;
    if private.is_complete(v, s.score) then
      s.state := 'complete';
      s.due_at := now();
    elsif v.sale_status = 'live' and p_live_until > now() then
      s.state := 'waiting';
      s.due_at := least(p_live_until, now() + interval '30 days') + interval '10 minutes';
      s.no_gain_passes := 0;
    elsif private.no_gain_wait(s.no_gain_passes) is null then
      s.state := 'exhausted';
    else
      s.state := 'waiting';
      s.due_at := now() + private.no_gain_wait(s.no_gain_passes);
    end if;

  elsif p_outcome = 'gone' then
    s.state := 'ended';

  elsif private.is_final(p_outcome) then
    s.state := 'failed';

  elsif private.is_refused(p_outcome) then
    s.blocked_days := private.days_blocked(p_outcome, s.blocked_days, s.last_blocked_on);
    s.last_blocked_on := case when private.is_walled(p_outcome) then current_date else s.last_blocked_on end;
    s.state := case when s.blocked_days >= private.max_blocked_days() then 'failed' else 'waiting' end;
    s.due_at := private.retry_after_refusal(p_retry_at);

  else -- timeout, network, server_error
    s.failures := s.failures + 1;
    s.state := case when s.failures >= 5 then 'failed' else 'waiting' end;
    s.due_at := greatest(private.bounded(p_retry_at), now() + private.retry_wait(v.source_host, p_outcome, s.failures));
  end if;

  update public.micro_scrape_state
  set state = s.state,
      due_at = s.due_at,
      no_gain_passes = s.no_gain_passes,
      failures = s.failures,
      blocked_days = s.blocked_days,
      last_blocked_on = s.last_blocked_on,
      lease_token = null,
      lease_expires_at = null,
      last_checked_at = s.last_checked_at,
      last_outcome = s.last_outcome,
      last_error = s.last_error,
      extraction_hash = s.extraction_hash,
      last_scraper = coalesce(p_scraper, last_scraper),
      last_scraper_version = coalesce(p_scraper_version, last_scraper_version)
  where vehicle_id = p_vehicle_id;
  return s.state;
end
$$;

create or replace function private.successes_by_wait(p_until timestamptz)
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

create or replace function private.waits_worth_it(p_until timestamptz) returns table (source_id uuid, retry_waits jsonb)
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

alter table public.source_strategies
  add constraint source_strategies_source_id_fkey foreign key (source_id)
    references public.scrape_sources(id) on delete cascade;

create view public.learning_status with (security_invoker = true) as
select l.kind, l.source, l.subject, l.state, l.what, l.learned_from, l.since, l.changed
from (
  select * from private.learned_maps()
  union all
  select * from private.learned_calibrations()
  union all
  select * from private.learned_strategies()
) l
order by l.since desc, l.kind, l.source, l.subject;

create index if not exists extraction_metadata_calibrated on public.extraction_metadata using btree (calibration_version)
  where (calibration_version is not null);

create index if not exists source_strategies_with_waits on public.source_strategies using btree (source_id)
  where ((retry_waits <> '{}'::jsonb) or (pinned_retry_waits <> '{}'::jsonb));

create policy operators_read on public.source_strategies
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.source_strategies.best_ways is 'By field, the way of reading that labels found right most surely: {field: {way, precision, n}}.';

comment on column public.source_strategies.learned_at is 'When what was learned last changed.';

comment on column public.source_strategies.lists_interval is 'How often its lists change: the time in which the quickest of its feeds shows five new listings.';

comment on column public.source_strategies.pinned_retry_waits is 'An operator''s: {"timeout": "30 minutes"}. Never shorter than an hour is waited after a refusal.';

comment on column public.source_strategies.retry_waits is 'By outcome, when it is worth trying again: {outcome: {wait, success, best, n}}: the shortest wait with nine tenths of the success of the best.';

comment on function private.are_waits(jsonb) is 'Whether this is {outcome: wait}, of outcomes that can heal, each wait from 30 seconds to a week.';

comment on function private.best_ways(timestamp with time zone) is 'By source and field the way of reading, of at least five labels'' worth, whose precision is surest (lower 95 % bound).';

comment on function private.is_adaptive_feed(public.listing_feeds) is 'Whether the system may look at this feed more or less often than check_interval says: is_adaptive, an interval that no operator changed or pinned, and fill_policy switched on.';

comment on function private.learn_strategies() is 'Learns source_strategies anew, once a day; what an operator pinned stays. Gives how many sources changed.';

comment on function private.learned_calibrations() is 'The calibrations'' rows of learning_status.';

comment on function private.learned_strategies() is 'The rows of learning_status of source_strategies.';

comment on function private.learned_wait(text, text) is 'After which time an attempt at a host that ended so is worth trying again: pinned by an operator, else learned; null where neither is known.';

comment on function private.pace_of_lists() is 'By source how many new listings an hour its lists show, and how soon the quickest shows five.';

comment on function private.pinned_lists_interval(public.listing_feeds) is 'How often an operator wants the lists of a feed''s source checked; null where it is left to the system.';

comment on function private.retry_wait(text, text, integer) is 'How long is waited after the nth failure of this kind at a host: as was learned or pinned, twice as long each time, else backoff(); an hour or more after a refusal.';

comment on function private.successes_by_wait(timestamp with time zone) is 'Of the steps that failed in the 30 days before a time and were tried again: by source, outcome and how long was waited (median of what lies between 1, 2, 5, 15 minutes, 1, 6 and 24 hours), how many were and how many worked.';

comment on function private.waits_worth_it(timestamp with time zone) is 'By source and outcome the first wait, tried at least 20 times, whose success is within 90 % of the best.';

comment on table public.source_strategies is 'One row a source: what was learned of how it is best read and asked, and what an operator has pinned instead (the pinned_… columns win).';

comment on view public.learning_status is 'What was learned, from what, since when, and what it changed: a row an extraction map, a calibration, and what is known of each source (when to try again, the best way of each field, how often lists change).';

revoke all on function private.are_waits(jsonb) from public;

grant execute on function private.are_waits(jsonb) to postgres, service_role;

revoke all on function private.best_ways(timestamp with time zone) from public;

grant execute on function private.best_ways(timestamp with time zone) to postgres, service_role;

revoke all on function private.learn_strategies() from public;

grant execute on function private.learn_strategies() to postgres, service_role;

revoke all on function private.learned_calibrations() from public;

grant execute on function private.learned_calibrations() to authenticated, postgres, service_role;

revoke all on function private.learned_strategies() from public;

grant execute on function private.learned_strategies() to authenticated, postgres, service_role;

revoke all on function private.learned_wait(text, text) from public;

grant execute on function private.learned_wait(text, text) to postgres, service_role;

revoke all on function private.pace_of_lists() from public;

grant execute on function private.pace_of_lists() to postgres, service_role;

revoke all on function private.pinned_lists_interval(public.listing_feeds) from public;

grant execute
  on function private.pinned_lists_interval(public.listing_feeds)
  to authenticated, postgres, service_role;

revoke all on function private.retry_wait(text, text, integer) from public;

grant execute on function private.retry_wait(text, text, integer) to postgres, service_role;

revoke all on function private.successes_by_wait(timestamp with time zone) from public;

grant execute
  on function private.successes_by_wait(timestamp with time zone)
  to postgres, service_role;

revoke all on function private.waits_worth_it(timestamp with time zone) from public;

grant execute on function private.waits_worth_it(timestamp with time zone) to postgres, service_role;

grant select on table public.source_strategies to authenticated;

grant all on table public.source_strategies to postgres, service_role;

grant select on table public.learning_status to authenticated;

grant all on table public.learning_status to postgres, service_role;

alter table public.source_strategies
  add constraint pinned_waits_are_waits
    check (((jsonb_typeof(pinned_retry_waits) = 'object'::text) and private.are_waits(pinned_retry_waits)));

-- supabase/schemas/strategies/cron.sql
select cron.schedule('learn-strategies', '14 5 * * *', 'select private.learn_strategies()');
