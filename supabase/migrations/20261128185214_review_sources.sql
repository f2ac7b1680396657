-- Review sources.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.listing_feed_status;

drop function private.review_probation(text);

drop function private.review_retired(text);

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
      next_look_at = case v_to when 'retired' then now() + interval '1 month' end
  where id = s.id;
  return v_to;
end
$$;

create or replace function private.hold_listings(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with held as (
    select q.id
    from public.scrape_sources s
    join public.listing_feeds f on f.source = s.slug
    join public.import_queue q on q.discovered_from = f.url and q.status in ('pending', 'processing')
    where not private.is_taken_from(s)
      and s.lifecycle <> 'candidate'
      and q.status = 'pending'
      and (q.next_attempt_at is null or q.next_attempt_at < 'infinity')
    limit p_limit
    for update of q skip locked
  )
  update public.import_queue q
  set next_attempt_at = 'infinity',
      error_message = 'held back: its source is out of service'
  from held
  where q.id = held.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.hold_listings_at_once() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.hold_listings(20000);
  return null;
end
$$;

create or replace function private.invoke_due_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues loop
    perform private.rescue(q.table_name, 10000);
    perform private.promote_due(q.table_name, 10000);
    if q.table_name = 'import_queue' then
      perform private.spread_imports();
    end if;
    perform private.invoke_worker(q.function_name);
  end loop;
  perform private.watch_fill_cycle();
end
$$;

create or replace function private.is_taken_from(s public.scrape_sources) returns boolean
language sql stable
return (s).is_active and private.is_in_service((s).lifecycle) and coalesce((s).next_look_at, '-infinity') <= now();

create or replace function private.let_listings_go(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with free as (
    select q.id
    from public.scrape_sources s
    join public.listing_feeds f on f.source = s.slug
    join public.import_queue q on q.discovered_from = f.url and q.status in ('pending', 'processing')
    where private.is_taken_from(s)
      and q.status = 'pending'
      and q.next_attempt_at = 'infinity'
    limit p_limit
    for update of q skip locked
  )
  update public.import_queue q
  set next_attempt_at = null,
      error_message = null
  from free
  where q.id = free.id;
  get diagnostics v_count = row_count;
  if v_count > 0 then
    perform private.invoke_worker('process-import-queue');
  end if;
  return v_count;
end
$$;

create or replace function private.rest_until_tomorrow(p_source uuid) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_tomorrow timestamptz := greatest(date_trunc('day', now(), 'UTC') + interval '1 day', now() + interval '1 hour');
begin
  update public.scrape_sources
  set next_look_at = greatest(next_look_at, v_tomorrow)
  where id = p_source;
  update public.source_hosts h
  set retry_after = greatest(h.retry_after, v_tomorrow)
  from public.scrape_sources s
  where s.id = p_source and h.host = any (s.hosts);
end
$$;

create or replace function private.review_retired(s public.scrape_sources, p_cycle_id text) returns text
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
      update public.scrape_sources set next_look_at = now() + interval '1 month' where id = s.id;
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

create or replace function private.serves_again(s public.scrape_sources) returns boolean
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
  set confidence_cap = case when v_to = 'probation' then 0.79 else confidence_cap end,
      listings_allowed = case when v_to = 'probation' then 20 else listings_allowed end,
      next_look_at = case
        when v_to = 'candidate' and v_failure is null then 'infinity' -- waits for approve_source()
        when v_to = 'candidate' then greatest(date_trunc('day', now()) + interval '1 day', now() + interval '6 hours')
        when v_to = 'retired' then now() + interval '1 month'
      end
  where id = v_source.id;
  if v_failure in ('wall', 'forbidden') then
    perform private.rest_until_tomorrow(v_source.id);
  end if;
  return v_to;
end
$$;

create or replace function private.why_degraded(s public.scrape_sources, out cause text, out reason text)
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

create or replace function private.source_mismatch(p_hosts text[], p_since timestamptz) returns text
language sql stable
set search_path = ''
as $$
  with listed as materialized (
    select l.id, l.vehicle_id, l.listing_url, l.price, l.mileage
    from public.vehicle_listings l
    where l.source_host = any (p_hosts) and l.page_at is not null
    order by l.vehicle_id
    limit 200 -- in probation there are no more
  ),
  cars as materialized (
    select v.id, v.vin, v.year, v.make, v.model, v.mileage, min(l.price) as price
    from (select distinct vehicle_id from listed) i
    join public.vehicles v on v.id = i.vehicle_id
    join listed l on l.vehicle_id = v.id
    group by v.id
  ),
  compared as ( -- by vehicle, since what two pages say of one car is one witness
    select c.vehicle_id, bool_and(c.agrees) as agrees
    from public.source_comparisons c
    where c.compared_at >= p_since and (c.host = any (p_hosts) or c.other_host = any (p_hosts))
    group by c.vehicle_id
    union all
    select c.id, o.year = c.year and not private.shares_no_word(o.make, c.make)
    from cars c
    join public.vehicles o on private.vin_key(o.vin, o.make) = private.vin_key(c.vin, c.make) and o.vin is not null and o.id <> c.id
    where c.vin is not null and o.source_host <> all (p_hosts) and o.year is not null and c.year is not null
  ),
  evidence as (
    select 1 as n, format('%s of its pages are one car, such as %s', count(*), min(listing_url)) as why
    from listed
    group by vehicle_id
    having count(*) >= 4
    union all
    select 2, format('the VIN %s stands on %s of its cars', vin, count(*)) from cars where vin is not null group by vin having count(*) >= 3
    union all
    select 3, format('%s of its cars are a %s %s %s with %s miles for %s', count(*), year, make, model, mileage, price)
    from cars
    where mileage is not null and price is not null
    group by year, make, model, mileage, price
    having count(*) >= 4
    union all
    select 4, format('of %s cars that other sites have too it says something else of %s', count(*), count(*) filter (where not agrees))
    from compared
    having count(*) filter (where not agrees) >= 3 and count(*) filter (where not agrees) > 0.3 * count(*)
  )
  select why from evidence order by n, why limit 1
$$;

create or replace function private.with_capped_confidence(p_items jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_caps jsonb;
begin
  if not exists (select from public.scrape_sources where confidence_cap is not null) then
    return p_items;
  end if;
  select jsonb_object_agg(h.host, s.confidence_cap)
  into v_caps
  from (
    select distinct private.url_host(i ->> 'source_url') as host
    from jsonb_array_elements(p_items) i
    where jsonb_typeof(i -> 'facts') = 'object' or jsonb_typeof(i -> 'retractions') = 'object'
  ) h
  join public.scrape_sources s on s.id = private.source_of_host(h.host)
  where h.host is not null and s.confidence_cap is not null;
  if v_caps is null then
    return p_items;
  end if;
  return (
    select jsonb_agg(
      i || coalesce((
        select jsonb_object_agg(part.name, (
          select jsonb_object_agg(f.key, case
            when (f.value ->> 'confidence')::numeric > c.cap then f.value || jsonb_build_object('confidence', c.cap)
            else f.value
          end)
          from jsonb_each(i -> part.name) f))
        from (values ('facts'), ('retractions')) part(name)
        where c.cap is not null and jsonb_typeof(i -> part.name) = 'object' and i -> part.name <> '{}'), '{}')
      order by n)
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
    cross join lateral (select (v_caps ->> private.url_host(i ->> 'source_url'))::numeric) c(cap)
  );
end
$$;

create or replace function public.apply_extractions(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
-- One vehicle at a time, hundreds a second: a plan a call costs more than any plan can save.
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'apply_extractions takes a JSON array of items' using errcode = '22023';
  end if;
  p_items := private.with_capped_confidence(p_items);
  return private.write_each(p_items, false, private.lock_with_retry(p_items));
end
$$;

create or replace function public.import_listings(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'import_listings takes a JSON array of items' using errcode = '22023';
  end if;
  p_items := private.with_capped_confidence(p_items);
  -- One importer at a time of a listing and of a VIN. Waited for in one order, before any row is locked.
  perform pg_advisory_xact_lock(k.key)
  from (
    select distinct hashtextextended(w.what, 5) as key
    from jsonb_array_elements(p_items) i
    cross join lateral (
      values
        ('listing ' || public.canonical_listing_url(i ->> 'source_url')),
        ('vin ' || (
          select vin
          from (select i -> 'facts' -> 'vin' ->> 'value' as vin) v
          where private.is_vin(vin) and not private.is_suspect_vin(vin, null) -- which joins no listings
        ))
    ) w(what)
    where w.what is not null
    order by 1
  ) k;
  return private.write_each(p_items, true, private.lock_with_retry((
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.vehicle_with_vin_of(i))) order by n), '[]')
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  )));
end
$$;

create or replace function public.review_sources(p_cycle_id text) returns jsonb
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
          c.found_by <> 'code'
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

create view public.listing_feed_status with (security_invoker = true) as
select
  f.id,
  f.source,
  f.url,
  f.kind,
  f.about,
  case
    when not f.enabled or s.is_active = false or not private.is_in_service(s.lifecycle) then 'off'
    when f.lease_expires_at > now() then 'being checked'
    when f.last_checked_at is null then 'never checked'
    when f.failures > 0 then 'failing'
    else 'working'
  end as state,
  f.last_found_at,
  f.last_found,
  f.last_new,
  f.last_known,
  f.last_skipped,
  f.last_checked_at,
  case when f.enabled then f.next_check_at end as next_check_at,
  f.check_interval,
  f.last_outcome,
  f.failures,
  case when f.enabled then f.last_error else coalesce(f.off_because, f.last_error) end as why,
  case
    when not f.enabled and f.off_because is not null then 'leave it off: ' || f.off_because
    when s.is_active = false then format('update scrape_sources set is_active = true where slug = %L;', f.source)
    when not private.is_in_service(s.lifecycle)
      then format('its source is %s: select why, what_to_do from source_lifecycle where slug = %L;', s.lifecycle, f.source)
    when not f.enabled then format('update listing_feeds set enabled = true where url = %L;', f.url)
    when f.next_check_at < now() - greatest(private.feed_interval(f), interval '1 hour') and f.lease_token is null
      then 'nobody checks it: select * from pipeline_status;'
    when f.failures = 0 then null
    when f.last_outcome in ('blocked', 'robots_disallowed', 'rate_limited')
      then format('the site does not want to be read: leave it, or update listing_feeds set enabled = false where url = %L;', f.url)
    when f.last_outcome = 'gone'
      then format('the page is no more: update listing_feeds set url = ''…'' where url = %L;', f.url)
    when f.last_outcome in ('unreadable', 'not_an_index', 'not_a_listing')
      then 'the site changed its page: its reader in sources/index_pages is behind'
    when f.last_outcome in ('invalid', 'too_large')
      then format('this address cannot be read: update listing_feeds set url = ''…'' where url = %L;', f.url)
    else format('nothing: it is tried again; at once with update listing_feeds set next_check_at = now() where url = %L;', f.url)
  end as what_to_do,
  round(f.new_per_hour, 2) as new_per_hour,
  private.feed_interval(f) as interval_now,
  case
    when not private.is_adaptive_feed(f) then 'as check_interval says'
    when f.revisit_interval is null then 'as check_interval says, until it was read twice'
    else 'as often as it shows five new listings, between feed_interval_floor and a day'
  end as interval_because,
  f.pages
from public.listing_feeds f
left join public.scrape_sources s on s.slug = f.source
order by f.enabled desc, f.failures desc, f.source, f.url;

create view public.source_candidates_to_review with (security_invoker = true) as
select
  s.id,
  s.hosts[1] as host,
  s.kind,
  s.found_by,
  p.reason as why,
  p.completed_at as probed_at,
  (
    select array_agg(t.pattern order by t.pattern) from public.source_address_patterns t where t.source_id = s.id and t.is_listing
  ) as addresses,
  (select array_agg(f.url order by f.url) from public.listing_feeds f where f.source = s.slug) as feeds,
  (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'url', r.url, 'year', r.result -> 'year', 'make', r.result -> 'make', 'model', r.result -> 'model',
      'price', r.result -> 'price', 'vin', r.result -> 'vin')) order by r.id)
    from public.source_probe_requests r
    where r.probe_id = p.id and r.role = 'detail'
  ) as read,
  format('select approve_source(%L);', s.hosts[1]) as to_approve,
  format('select reject_source(%L, ''…'');', s.hosts[1]) as to_reject
from public.scrape_sources s
join lateral (
  select * from public.source_probes where source_id = s.id order by created_at desc limit 1
) p on p.status = 'passed'
where s.lifecycle = 'candidate' and s.is_active
order by p.completed_at, s.hosts[1];

create view public.source_lifecycle with (security_invoker = true) as
select
  s.id,
  coalesce(s.hosts[1], s.slug) as host,
  s.slug,
  s.kind,
  s.found_by,
  case when s.is_active then s.lifecycle else 'off' end as state,
  s.lifecycle_at as since,
  case when s.is_active then coalesce(s.lifecycle_reason, case s.found_by when 'code' then 'it has an adapter' end)
    else 'switched off by an operator' end as why,
  s.next_look_at,
  s.confidence_cap,
  (select count(*) from public.vehicle_listings l where l.source_host = any (s.hosts)) as listings,
  (select count(*) from public.listing_feeds f where f.source = s.slug and f.enabled) as feeds,
  to_jsonb(e) - 'id' - 'source_id' as last_event,
  case
    when not s.is_active then format('update scrape_sources set is_active = true where slug = %L;', s.slug)
    when s.lifecycle = 'candidate' and s.next_look_at = 'infinity'
      then format('select approve_source(%1$L); or select reject_source(%1$L, ''…'');', coalesce(s.hosts[1], s.slug))
    when s.lifecycle in ('candidate', 'probing') then 'nothing: it is probed when its turn comes'
    when s.lifecycle = 'rejected' and s.lifecycle_reason like 'quarantined: %' then format(
      'look at its vehicles: select * from vehicles where source_host = %1$L; those that are wrong: select forget_vehicle(id, ''…'');', s.hosts[1])
    when s.lifecycle in ('rejected', 'retired')
      then format('nothing; if you know better: select approve_source(%L);', coalesce(s.hosts[1], s.slug))
    when s.lifecycle = 'degraded' then format(
      'nothing: it is active again when it serves; see select * from source_host_status where host = %L;', s.hosts[1])
  end as what_to_do
from public.scrape_sources s
left join lateral (
  select * from public.source_lifecycle_events where source_id = s.id order by id desc limit 1
) e on true
order by array_position('{degraded,probation,probing,candidate,active,retired,rejected}'::text[], s.lifecycle), s.slug;

create index if not exists scrape_sources_capped on public.scrape_sources using btree (id)
  where (confidence_cap is not null);

create trigger hold_listings_at_once
  after update of is_active, lifecycle, next_look_at on public.scrape_sources
  for each row
  when ((private.is_taken_from(old.*) and (not private.is_taken_from(new.*))))
  execute function private.hold_listings_at_once();

comment on function private.end_probation(public.scrape_sources, text) is 'Ends the probation of a source that gave fifty listings with nothing against them, or that gives none, or shows data of other cars; else allows it a few more. Gives what it is then, null where it goes on.';

comment on function private.hold_listings(integer) is 'Holds back what feeds of sources queued from which nothing is taken now, a portion a call. Gives how many.';

comment on function private.hold_listings_at_once() is 'A source that goes out of service gives nothing more, also what was queued already.';

comment on function private.is_taken_from(public.scrape_sources) is 'Whether listings are taken from a source now: switched on, in service and not resting.';

comment on function private.let_listings_go(integer) is 'Makes due what was held back of sources from which is taken again, a portion a call. Gives how many.';

comment on function private.rest_until_tomorrow(uuid) is 'A site that refuses machines, or forbids them, is not asked again that day, by no worker. resume_host() ends it.';

comment on function private.review_retired(public.scrape_sources, text) is 'Gives a source that was retired a month ago a second look: one with an adapter is asked again, another is probed anew.';

comment on function private.review_service(public.scrape_sources, text) is 'Moves one source that is active or degraded: degraded when something is wrong, back when it serves again, retired after 14 days without a vehicle. Gives what it is then, null where nothing changed.';

comment on function private.serves_again(public.scrape_sources) is 'Whether what a source was degraded for is over: its host answered since and is open, or its health is as usual again.';

comment on function private.why_degraded(public.scrape_sources) is 'What is wrong with a source now: a wall, errors (the breaker of its host is open), its health against its own 14 days. Nulls where nothing is.';

comment on function private.source_mismatch(text[], timestamp
  with time zone) is 'What speaks against the data of a few hosts: several of their pages are one car, many of their cars are told alike, or other sites say something else of the same VIN. Null where nothing does.';

comment on function private.with_capped_confidence(jsonb) is 'The readings of a batch, with no confidence above the cap of the source that the page is of (scrape_sources.confidence_cap). Sources are looked up once a host.';

comment on function public.review_sources(text) is 'Moves sources on by what came of them, each with an event: out of probation, degraded and back, retired, looked at again; and holds back what was queued of those that are out of service. Gives {state: [slug], listings_held, listings_let_go}.';

comment on view public.listing_feed_status is 'For each page that listings are found on: whether it works, what it showed last (listings, new ones, known ones, entries that are no vehicles), what to do when it does not, or why it is off; how often it is looked at, and why so often.';

comment on view public.source_candidates_to_review is 'Sources that passed their probe and wait for an operator (fill_policy.approve_sources = by_hand): what was read on their pages, where they list what they sell, and what to type.';

comment on view public.source_lifecycle is 'Each source: how far it is trusted, since when and why, what it gave, what happened last, and what to type.';

revoke all on function private.end_probation(public.scrape_sources, text) from public;

grant execute on function private.end_probation(public.scrape_sources, text) to postgres, service_role;

revoke all on function private.hold_listings(integer) from public;

grant execute on function private.hold_listings(integer) to postgres, service_role;

revoke all on function private.hold_listings_at_once() from public;

grant execute on function private.hold_listings_at_once() to postgres;

revoke all on function private.is_taken_from(public.scrape_sources) from public;

grant execute on function private.is_taken_from(public.scrape_sources) to postgres, service_role;

revoke all on function private.let_listings_go(integer) from public;

grant execute on function private.let_listings_go(integer) to postgres, service_role;

revoke all on function private.rest_until_tomorrow(uuid) from public;

grant execute on function private.rest_until_tomorrow(uuid) to postgres, service_role;

revoke all on function private.review_retired(public.scrape_sources, text) from public;

grant execute
  on function private.review_retired(public.scrape_sources, text)
  to postgres, service_role;

revoke all on function private.review_service(public.scrape_sources, text) from public;

grant execute
  on function private.review_service(public.scrape_sources, text)
  to postgres, service_role;

revoke all on function private.serves_again(public.scrape_sources) from public;

grant execute on function private.serves_again(public.scrape_sources) to postgres, service_role;

revoke all on function private.why_degraded(public.scrape_sources) from public;

grant execute on function private.why_degraded(public.scrape_sources) to postgres, service_role;

revoke all on function private.source_mismatch(text[], timestamp with time zone) from public;

grant execute
  on function private.source_mismatch(text[], timestamp with time zone)
  to postgres, service_role;

revoke all on function private.with_capped_confidence(jsonb) from public;

grant execute on function private.with_capped_confidence(jsonb) to postgres, service_role;

grant select on table public.listing_feed_status to authenticated;

grant all on table public.listing_feed_status to postgres, service_role;

grant select on table public.source_candidates_to_review to authenticated;

grant all on table public.source_candidates_to_review to postgres, service_role;

grant select on table public.source_lifecycle to authenticated;

grant all on table public.source_lifecycle to postgres, service_role;
