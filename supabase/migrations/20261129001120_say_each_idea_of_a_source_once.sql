-- Say each idea of a source once.

-- A function may name what comes below it.
set check_function_bodies = off;

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
      private.has_landed(v) as landed,
      -- What waits for its first try is not known to be missing.
      v_has_images and not ('images' = any (q.missing_fields) and exists (
        select from public.image_downloads d
        where d.vehicle_id = v.id and d.status in ('pending', 'leased') and d.attempts <= (d.status = 'leased')::integer
      )) as has_images
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
        || case when n.has_images then array['images'] else '{}' end
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
    order by source_host
    on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
  )
  select jsonb_build_object('from', n.created_at, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.created_at desc, n.id desc
  limit 1;
  return v_last;
end
$$;

create or replace function private.count_vehicles_added(p_from timestamptz, p_to timestamptz) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from public.vehicles v
  where v.created_at >= p_from
    and v.created_at < p_to
    and private.has_landed(v)
$$;

create or replace function private.end_fill_cycle(p_cycle_id text, p_why text default null) returns void
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_until timestamptz;
  v_count record;
  v_verdict jsonb;
  v_over boolean;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id and status = 'running' for update;
  if not found then
    return;
  end if;
  v_until := private.slot_so_far(c.slot);
  v_over := now() >= c.slot + interval '2 hours';
  select * into v_count from private.count_fill(c.slot, v_until);
  v_verdict := private.fill_verdict(c.slot, v_until, v_count.vehicles_added, c.target);

  update public.fill_cycle_steps s
  set status = case
        when s.step = 'schedule_next' or s.rounds > 0 and s.error_message is null then 'complete'
        else 'failed'
      end,
      error_message = case
        when s.step = 'schedule_next' or s.rounds > 0 and s.error_message is null then null
        else concat_ws(': ', coalesce(p_why, 'the slot ended before it was done'), s.error_message)
      end,
      next_attempt_at = null,
      lease_token = null,
      lease_expires_at = null,
      completed_at = now()
  where s.cycle_id = p_cycle_id
    and s.status in ('pending', 'processing');

  update public.fill_cycles
  set status = 'completed',
      completed_at = now(),
      vehicles_added = v_count.vehicles_added,
      vehicles_queued = v_count.vehicles_queued,
      sources_active = v_count.sources_active,
      sources_discovered = v_count.sources_discovered,
      on_target = case
        when v_count.vehicles_added >= c.target then true
        when v_over then false -- of a slot that was not run to its end nobody knows
      end,
      verdict = case when v_over then v_verdict ->> 'verdict' end,
      next_actions = case
        when v_over then array(select jsonb_array_elements_text(v_verdict -> 'next_actions'))
        else '{}'
      end,
      errors = case when p_why is null then errors else errors || p_why end,
      metadata = metadata || jsonb_build_object('verdict', v_verdict -> 'metrics')
  where cycle_id = p_cycle_id;
end
$$;

create or replace function private.end_probation(s public.scrape_sources, p_cycle_id text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_landed integer := private.listings_of(s.hosts, 50);
  v_health record;
  v_lie text := private.source_mismatch(s.hosts, s.lifecycle_at);
  v_to text;
  v_reason text;
begin
  select h.readings, h.success_rate into v_health
  from public.source_health h
  where h.source_id = s.id and h.last_checked > s.lifecycle_at
  order by h.last_checked desc
  limit 1;
  if v_lie is not null then
    v_to := 'rejected';
    v_reason := 'quarantined: ' || v_lie;
  elsif v_health.readings >= 20 and v_health.success_rate < 0.5 then
    v_to := 'retired';
    v_reason := format('of %s of its pages that were read only %s of 100 gave a vehicle', v_health.readings, round(100 * v_health.success_rate));
  elsif v_landed >= 50 or v_landed >= 10 and s.lifecycle_at < now() - interval '14 days' then
    v_to := 'active';
    v_reason := format('%s of its listings came in, and nothing speaks against them', v_landed);
  elsif v_landed = 0 and s.lifecycle_at < now() - interval '14 days' then
    v_to := 'retired';
    v_reason := 'it gave no vehicle in 14 days';
  end if;
  if v_to is null then
    update public.scrape_sources set listings_allowed = least(50, v_landed + 20) where id = s.id;
    return null;
  elsif not private.set_lifecycle(s.id, v_to, v_reason, p_cycle_id, jsonb_build_object('listings', v_landed)) then
    return null;
  end if;
  update public.scrape_sources
  set confidence_cap = case v_to when 'active' then null else confidence_cap end,
      listings_allowed = null,
      next_look_at = case v_to when 'retired' then next_look_at end
  where id = s.id;
  return v_to;
end
$$;

create or replace function private.fill_hosts(p_from timestamptz, p_to timestamptz)
returns table (
  host text, state text, weight numeric, faulty bigint, blocked bigint, limited bigint, due bigint, put_off bigint,
  requests bigint, pictures bigint, why text, error text, faulty_url text
)
language sql stable
set search_path = ''
as $$
  with asked as materialized (
    select
      h.host,
      count(*) as requests,
      count(*) filter (where private.is_refused(h.outcome) or h.outcome in ('timeout', 'network', 'server_error')) as refused
    from public.scraping_health h
    where h.created_at >= p_from
      and h.created_at < p_to
      and h.host is not null
    group by h.host
  ),
  feeds as materialized (
    select
      private.url_host(f.url) as host,
      bool_and(f.failures > 0 and private.is_our_fault(f.last_outcome, f.last_error)) as faulty,
      bool_and(
        f.failures > 0 and not private.is_our_fault(f.last_outcome, f.last_error) and f.last_outcome <> 'rate_limited'
      ) as refused,
      bool_and(f.failures > 0 and f.last_outcome = 'rate_limited') as limited,
      bool_and(f.failures = 0 and f.lease_token is null and f.next_check_at < p_to - interval '30 minutes') as overdue,
      min(f.last_error) as said,
      coalesce(
        format('at the last look at its lists %s of %s listings were new', sum(f.last_new), sum(f.last_found)),
        'nobody has looked at its lists yet') as offers,
      coalesce(
        'nobody has looked at its lists since ' || private.utc_text(max(f.last_checked_at)),
        'nobody has looked at its lists yet') as not_looked
    from public.listing_feeds f
    left join public.scrape_sources s on s.slug = f.source
    where f.enabled
      and s.is_active is not false
      and (s.id is null or private.is_in_service(s.lifecycle))
    group by 1
  ),
  queue as materialized (
    select * from private.fill_queue_by_host(p_from, p_to)
  ),
  stood as (
    select
      host,
      1 + coalesce(g.vehicles, 0) as weight,
      coalesce(q.faulty, 0) as faulty,
      coalesce(q.walled + q.down, 0) as blocked,
      coalesce(q.limited, 0) as limited,
      coalesce(q.due, 0) as due,
      coalesce(q.put_off, 0) as put_off,
      coalesce(a.requests, 0) as requests,
      coalesce(l.requests - l.pages, 0) as pictures,
      q.error,
      q.faulty_url,
      -- A breaker that has just half opened says nothing of the slot.
      s.breaker <> 'closed' or a.requests > 0 and a.refused = a.requests or f.refused as is_blocked,
      f.faulty or q.faulty > 0 and q.faulty >= q.due + q.put_off as is_faulty,
      l.at_limit
        or a.requests * s.interval_ms
          >= 800 * extract(epoch from p_to - p_from)
        or s.retry_after > p_to
        or f.limited
        -- Its listings wait for its next turn, and for no worker.
        or q.put_off > q.due as is_at_limit,
      f.overdue as is_overdue,
      coalesce(l.over_budget > 0 and s.new_pages_used >= s.new_pages_budget and s.budget_until > p_to, false) as is_over_budget,
      coalesce(s.opened_because || coalesce(': ' || s.last_message, ''), f.said, s.last_message) as why_blocked,
      case
        when s.slowed_interval_ms > greatest(s.min_interval_ms, s.crawl_delay_ms) then 'its answers slowed it down'
        when s.crawl_delay_ms > s.min_interval_ms then 'crawl-delay of its robots.txt'
        when s.retry_after > p_to or f.limited then 'it asked to be asked less'
        else 'min_interval_ms'
      end as why_at_limit,
      f.said, f.offers, f.not_looked
    from feeds f
    full join queue q using (host)
    left join asked a using (host)
    left join public.source_hosts s using (host)
    left join private.host_limits(p_from, p_to) l using (host)
    left join private.vehicles_given(p_from - interval '7 days', p_from) g using (host)
  ),
  judged as (
    select
      t.*,
      case
        when t.is_faulty then 'faulty'
        when t.is_blocked then 'blocked'
        when t.is_over_budget then 'over_budget'
        when t.is_at_limit then 'at_limit'
        when t.is_overdue then 'overdue'
        else 'serves'
      end as state
    from stood t
  )
  select
    j.host, j.state, j.weight, j.faulty, j.blocked, j.limited, j.due, j.put_off, j.requests, j.pictures,
    case j.state
      when 'faulty' then coalesce(j.error, j.said)
      when 'blocked' then j.why_blocked
      when 'over_budget' then 'the requests for new pages that its budget gives it are used up'
      when 'at_limit' then j.why_at_limit
      when 'overdue' then j.not_looked
      else j.offers
    end,
    coalesce(j.error, case when j.state = 'faulty' then j.said end),
    j.faulty_url
  from judged j
$$;

create or replace function private.has_landed(v public.vehicles) returns boolean
language sql immutable parallel safe -- without a search_path, so that it is a part of the query that asks
return v.year is not null
  and v.make is not null
  and v.model is not null
  and coalesce(v.field_state -> 'year' ->> 'method', 'manual') not like 'manual%'
  and coalesce(v.field_state -> 'make' ->> 'method', 'manual') not like 'manual%'
  and coalesce(v.field_state -> 'model' ->> 'method', 'manual') not like 'manual%';

create or replace function private.review_service(s public.scrape_sources, p_cycle_id text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_wrong record;
  v_to text;
begin
  if s.found_by <> 'code' and exists (
    select from public.scrape_sources c where c.found_by = 'code' and c.hosts && private.parent_domains(s.hosts[1]))
  then
    v_to := 'retired';
    perform private.set_lifecycle(s.id, 'retired', 'the code has an adapter for it now', p_cycle_id);
    update public.scrape_sources set next_look_at = 'infinity' where id = s.id;
    return v_to;
  elsif s.lifecycle = 'degraded' then
    if private.serves_again(s) then
      v_to := 'active';
      perform private.set_lifecycle(s.id, v_to, 'it serves again', p_cycle_id);
    elsif s.lifecycle_at < now() - interval '14 days' and not exists (
      select from public.source_health h
      where h.source_id = s.id and h.last_checked > now() - interval '14 days' and h.vehicles_extracted > 0)
    then
      v_to := 'retired';
      perform private.set_lifecycle(s.id, v_to, 'it gave no vehicle in 14 days', p_cycle_id);
    end if;
    return v_to;
  end if;
  v_wrong := private.why_degraded(s);
  if v_wrong.cause is null or not private.set_lifecycle(
    s.id, 'degraded', v_wrong.reason, p_cycle_id, jsonb_build_object('cause', v_wrong.cause))
  then
    return null;
  end if;
  if v_wrong.cause = 'wall' then
    perform private.rest_until_tomorrow(s.id);
  end if;
  return 'degraded';
end
$$;

create or replace function private.set_lifecycle(
  p_source uuid, p_to text, p_reason text, p_cycle_id text default null, p_metrics jsonb default '{}',
  p_by text default 'agent'
) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_from public.scrape_sources;
begin
  select * into v_from from public.scrape_sources where id = p_source for no key update;
  if not found
    or v_from.lifecycle = p_to
    -- A person's no stands until a person takes it back.
    or p_by = 'agent' and (not v_from.is_active or v_from.lifecycle = 'rejected')
  then
    return false;
  end if;
  perform set_config(
    'sources.change', jsonb_build_object('by', p_by, 'cycle_id', p_cycle_id, 'metrics', p_metrics)::text, true);
  update public.scrape_sources
  set lifecycle = p_to,
      lifecycle_reason = p_reason,
      -- What each state brings with it, so that no caller forgets it.
      confidence_cap = case p_to when 'probation' then 0.79 else confidence_cap end,
      listings_allowed = case p_to when 'probation' then 20 else listings_allowed end,
      next_look_at = case p_to when 'retired' then now() + interval '1 month' else next_look_at end,
      updated_at = now()
  where id = p_source;
  perform set_config('sources.change', '', true);
  if p_by = 'agent' then
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    values (
      (select c.cycle_id from public.fill_cycles c where c.cycle_id = p_cycle_id),
      'lifecycle', v_from.slug, v_from.lifecycle, p_to, p_reason, p_metrics);
  end if;
  return true;
end
$$;

create or replace function private.settle_source_probe(p_item jsonb) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_probe public.source_probes;
  v_source public.scrape_sources;
  v_failure text := p_item ->> 'failure';
  v_to text;
begin
  update public.source_probes
  set status = case when v_failure is null then 'passed' else 'failed' end,
      failure = v_failure,
      reason = coalesce(nullif(p_item ->> 'reason', ''), 'it passed'),
      completed_at = now(),
      lease_token = null,
      lease_expires_at = null
  where id = (p_item ->> 'id')::uuid and lease_token = (p_item ->> 'lease_token')::uuid
  returning * into v_probe;
  if not found then
    return null;
  end if;
  select * into v_source from public.scrape_sources where id = v_probe.source_id for no key update;
  perform private.learn_from_probe(v_source, p_item);
  v_to := private.after_probe(
    v_failure,
    (select count(*) from public.source_probes where source_id = v_source.id and failure = 'unreachable'),
    (select approve_sources from public.fill_policy));
  if v_source.lifecycle <> 'probing'
    or not private.set_lifecycle(v_source.id, v_to, v_probe.reason, v_probe.cycle_id, coalesce(p_item -> 'metrics', '{}'))
  then
    return v_source.lifecycle; -- a person decided meanwhile
  end if;
  update public.scrape_sources
  set next_look_at = case
        when v_to = 'candidate' and v_failure is null then 'infinity' -- waits for approve_source()
        when v_to = 'candidate' then greatest(date_trunc('day', now()) + interval '1 day', now() + interval '6 hours')
        when v_to = 'retired' then next_look_at
      end
  where id = v_source.id;
  if v_failure in ('wall', 'forbidden') then
    perform private.rest_until_tomorrow(v_source.id);
  end if;
  return v_to;
end
$$;

create or replace function private.slot_so_far(p_slot timestamptz) returns timestamptz
language sql stable
return greatest(least(p_slot + interval '2 hours', now()), p_slot);

create or replace function public.approve_source(p_source text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_source public.scrape_sources := private.source_named(p_source);
  v_to text := case
    when private.is_in_service(v_source.lifecycle) then v_source.lifecycle
    when v_source.found_by = 'code' then 'active'
    when exists (select from public.listing_feeds where source = v_source.slug) then 'probation'
    else 'candidate'
  end;
begin
  perform private.set_lifecycle(v_source.id, v_to, 'approved by an operator', null, '{}', 'operator');
  update public.scrape_sources set next_look_at = null where id = v_source.id;
  return v_to;
end
$$;

create or replace function public.check_fill_target(p_cycle_id text) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_policy public.fill_policy;
  v_until timestamptz;
  v_count record;
  v_projected integer;
  v_left text[];
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  select * into strict v_policy from public.fill_policy;
  v_until := private.slot_so_far(c.slot);
  select * into v_count from private.count_fill(c.slot, v_until);
  v_projected := private.projected_vehicles(v_count.vehicles_added, c.slot, v_until);
  v_left := array_remove(array[
    case when private.queue_is_claimable('import_queue') then 'process_queue' end,
    case when exists (
      select from public.listing_feeds f where f.next_check_at > now() and f.lease_token is null and private.may_activate(f)
    ) then 'activate_sources' end,
    case when v_policy.new_sources_ceiling > 0 and (
      exists (select from public.scrape_sources s where s.is_active and s.lifecycle in ('candidate', 'probing'))
      or exists (
        select from public.fill_cycle_steps s
        where s.cycle_id = p_cycle_id and s.step = 'discover_sources' and s.rounds = 0 and s.status <> 'failed')
    ) then 'discover_sources' end
  ], null);
  return jsonb_build_object(
    'vehicles_added', v_count.vehicles_added,
    'vehicles_queued', v_count.vehicles_queued,
    'sources_active', v_count.sources_active,
    'sources_discovered', v_count.sources_discovered,
    'target', c.target,
    'gap', greatest(c.target - v_count.vehicles_added, 0),
    'projected', v_projected,
    'below_target', v_count.vehicles_added < c.target and coalesce(v_projected < c.target, true),
    'left_to_try', to_jsonb(v_left),
    -- As far as the slot has come it should have so many.
    'verdict', private.fill_verdict(
      c.slot, v_until, v_count.vehicles_added,
      ceil(c.target * extract(epoch from v_until - c.slot) / 7200)::integer));
end
$$;

comment on function private.has_landed(public.vehicles) is 'Whether a vehicle holds year, make and model from a page: such count towards a target.';

comment on function private.slot_so_far(timestamp with time zone) is 'Until when a slot of two hours has come: now, or its end; its beginning before that.';

revoke all on function private.has_landed(public.vehicles) from public;

grant execute
  on function private.has_landed(public.vehicles)
  to authenticated, postgres, service_role;

revoke all on function private.slot_so_far(timestamp with time zone) from public;

grant execute
  on function private.slot_so_far(timestamp with time zone)
  to authenticated, postgres, service_role;
