-- Looks at every source that the agent may move, and moves those whose behaviour earned it.

create function private.listings_of(p_hosts text[], p_limit integer) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from (select from public.vehicle_listings where source_host = any (p_hosts) and page_at is not null limit p_limit) l
$$;
comment on function private.listings_of(text[], integer) is 'Listings of these hosts that were read, counted up to p_limit.';
grant execute on function private.listings_of(text[], integer) to service_role;

create function private.end_probation(s public.scrape_sources, p_cycle_id text) returns text
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
comment on function private.end_probation(public.scrape_sources, text) is
  'Ends the probation of a source that gave fifty listings with nothing against them, or that gives none, or shows data of other cars; else allows it a few more. Gives what it is then, null where it goes on.';
grant execute on function private.end_probation(public.scrape_sources, text) to service_role;

create function private.probation_waits() returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return exists (
    select
    from public.scrape_sources s
    where s.is_active
      and s.lifecycle = 'probation'
      and private.listings_of(s.hosts, s.listings_allowed) >= s.listings_allowed
  );
end
$$;
comment on function private.probation_waits() is
  'Whether a source on probation gave all the listings that it may: a review lets it give more, or ends its probation.';
grant execute on function private.probation_waits() to service_role;

create function private.why_degraded(s public.scrape_sources, out cause text, out reason text)
language plpgsql stable
set search_path = ''
as $$
begin
  select case h.last_outcome when 'blocked' then 'wall' else 'errors' end, h.host || ': ' || h.opened_because
  into cause, reason
  from public.source_hosts h
  where h.host = any (s.hosts) and h.breaker <> 'closed'
  order by h.opened_at desc
  limit 1;
  if cause is null then
    select 'health', 'against its own last 14 days: ' || coalesce(h.why, h.status)
    into cause, reason
    from public.source_health h
    where h.source_id = s.id
      and h.status in ('degraded', 'failing')
      and h.last_checked > greatest(s.lifecycle_at, now() - interval '4 hours')
      and not exists (select from public.source_health n where n.source_id = s.id and n.last_checked > h.last_checked)
    limit 1;
  end if;
end
$$;
comment on function private.why_degraded(public.scrape_sources) is
  'What is wrong with a source now: a wall, errors (the breaker of its host is open), its health against its own 14 days. Nulls where nothing is.';
grant execute on function private.why_degraded(public.scrape_sources) to service_role;

create function private.serves_again(s public.scrape_sources) returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(s.next_look_at, '-infinity') <= now()
    and not exists (select from public.source_hosts where host = any (s.hosts) and breaker <> 'closed')
    and case
      when (
        select e.metrics ->> 'cause' from public.source_lifecycle_events e where e.source_id = s.id order by e.id desc limit 1
      ) = 'health' then (
        select h.status = 'healthy' and h.last_checked > s.lifecycle_at
        from public.source_health h
        where h.source_id = s.id
        order by h.last_checked desc
        limit 1)
      else exists (
        select
        from public.source_hosts
        where host = any (s.hosts) and last_answered_at > s.lifecycle_at and last_outcome in ('ok', 'not_modified'))
    end
$$;
comment on function private.serves_again(public.scrape_sources) is
  'Whether what a source was degraded for is over: its host answered since and is open, or its health is as usual again.';
grant execute on function private.serves_again(public.scrape_sources) to service_role;

create function private.review_service(s public.scrape_sources, p_cycle_id text) returns text
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
comment on function private.review_service(public.scrape_sources, text) is
  'Moves one source that is active or degraded: degraded when something is wrong, back when it serves again, retired after 14 days without a vehicle. Gives what it is then, null where nothing changed.';
grant execute on function private.review_service(public.scrape_sources, text) to service_role;

create function private.review_retired(s public.scrape_sources, p_cycle_id text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_to text := case s.found_by when 'code' then 'degraded' else 'candidate' end;
begin
  if not private.set_lifecycle(s.id, v_to, 'looked at again after a month', p_cycle_id) then
    return null;
  end if;
  update public.scrape_sources set next_look_at = null where id = s.id;
  return v_to;
end
$$;
comment on function private.review_retired(public.scrape_sources, text) is
  'Gives a source that was retired a month ago a second look: one with an adapter is asked again, another is probed anew.';
grant execute on function private.review_retired(public.scrape_sources, text) to service_role;

create function public.review_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  s public.scrape_sources;
  v_to text;
  v_moved jsonb := '{}';
begin
  for s in -- those of which something may be to say: a source that is active and has no open breaker and no bad health is none
    select *
    from public.scrape_sources c
    where c.is_active
      and (
        c.lifecycle in ('probation', 'degraded')
        or c.lifecycle = 'retired' and coalesce(c.next_look_at, c.lifecycle_at + interval '1 month') <= now()
        or c.lifecycle = 'active' and c.hosts <> '{}' and (
          c.found_by <> 'code' and exists (
            select from public.scrape_sources k where k.found_by = 'code' and k.hosts && private.parent_domains(c.hosts[1]))
          or exists (select from public.source_hosts h where h.host = any (c.hosts) and h.breaker <> 'closed')
          or exists (
            select from public.source_health h
            where h.source_id = c.id and h.status <> 'healthy' and h.last_checked > now() - interval '4 hours')))
    order by c.slug
  loop
    v_to := case s.lifecycle
      when 'probation' then private.end_probation(s, p_cycle_id)
      when 'retired' then private.review_retired(s, p_cycle_id)
      else private.review_service(s, p_cycle_id)
    end;
    if v_to is not null then
      v_moved := jsonb_set(v_moved, array[v_to], coalesce(v_moved -> v_to, '[]') || to_jsonb(s.slug));
    end if;
  end loop;
  return v_moved || jsonb_build_object('listings_held', private.hold_listings(5000), 'listings_let_go', private.let_listings_go(5000));
end
$$;
comment on function public.review_sources(text) is
  'Moves sources on by what came of them, each with an event: out of probation, degraded and back, retired, looked at again; and holds back what was queued of those that are out of service. Gives {state: [slug], listings_held, listings_let_go}.';
grant execute on function public.review_sources(text) to service_role;
revoke execute on function public.review_sources(text) from public, anon, authenticated;
