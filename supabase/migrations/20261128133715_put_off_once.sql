-- Put off once.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.invoke_micro_scrape() returns void
language plpgsql
set search_path = ''
as $$
declare
  v_is_claimable boolean;
begin
  perform private.rescue_micro_scrape_state(10000);
  perform private.promote_due_micro_scrape_state(10000);
  perform private.reopen_for_new_versions(10000);
  perform private.close_dead_runs();
  v_is_claimable := private.has_claimable('micro-scrape-bandaid');
  -- Vehicles of a host that serves nobody may stand before all others.
  if not v_is_claimable and private.put_off_late_micro_scrape() > 0 then
    v_is_claimable := private.has_claimable('micro-scrape-bandaid');
  end if;
  if v_is_claimable then
    perform private.invoke_worker(
      'micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}', p_is_claimable => true);
  end if;
end
$$;

create or replace function private.other_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'listing_feeds',
    case
      when not exists (select from public.listing_feeds) then 'waiting'
      when (f ->> 'enabled')::integer = 0 then 'off'
      when (f ->> 'overdue')::integer > 0 then 'stuck'
      when (f ->> 'failing')::integer > 0 then 'failing'
      when (f ->> 'working')::integer = 0 then 'waiting'
      else 'working'
    end,
    format('%s switched on, %s working, %s failing, %s never checked; found at the last checks: %s, new %s',
      f ->> 'enabled', f ->> 'working', f ->> 'failing', f ->> 'never_checked', f ->> 'found_at_last_check',
      f ->> 'new_at_last_check'),
    (f ->> 'last_checked_at')::timestamptz,
    case
      when not exists (select from public.listing_feeds) then 'the first run of discover-listings makes them'
      when (f ->> 'overdue')::integer > 0 then format('%s not checked for more than an hour', f ->> 'overdue')
      when (f ->> 'failing')::integer > 0 then (
        select string_agg(format('%s: %s', l.url, l.last_error), '; ')
        from (select * from public.listing_feeds where enabled and failures > 0 order by url limit 5) l)
    end,
    case
      when not exists (select from public.listing_feeds) then 'node scripts/invoke.js discover-listings'
      when (f ->> 'enabled')::integer = 0 then 'select url, what_to_do from listing_feed_status;'
      when (f ->> 'overdue')::integer > 0 then 'node scripts/invoke.js discover-listings'
      when (f ->> 'failing')::integer > 0 then 'select url, why, what_to_do from listing_feed_status where state = ''failing'';'
    end
  from private.feed_metrics() f

  union all
  select
    'images',
    case
      when i.leased > 0 then 'working'
      when i.due_since < now() - interval '30 minutes' then 'stuck'
      when i.due > 0 then 'working'
      else 'idle'
    end,
    format('%s due%s, %s in progress', least(i.due, 10000), case when i.due > 10000 then ' or more' else '' end, i.leased),
    i.due_since,
    case when i.leased = 0 and i.due_since < now() - interval '30 minutes' then m.why end,
    case when i.leased = 0 and i.due_since < now() - interval '30 minutes' then m.what_to_type end
  from (
    select
      private.due_images(10001) as due,
      (select count(*) from public.image_downloads where lease_token is not null) as leased,
      (
        select min(oldest.next_attempt_at)
        from generate_series(0, 3) as w(wave)
        cross join lateral (
          select d.next_attempt_at
          from public.image_downloads d
          where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
          order by d.next_attempt_at
          limit 1
        ) oldest
      ) as due_since
  ) i
  cross join private.remedy('backfill-images') m

  union all
  select
    'micro_scrape',
    case
      when s.is_stuck then 'stuck'
      when r.failed > 0 and r.succeeded = 0 then 'failing'
      when s.due then 'working'
      else 'idle'
    end,
    case when s.due then 'vehicles with gaps are due' else 'no vehicle is due' end
      || format('; actions of the last hour: %s succeeded, %s failed', r.succeeded, r.failed),
    s.last_run,
    case
      when s.is_stuck then m.why
      when r.failed > 0 and r.succeeded = 0 then r.said
    end,
    case
      when s.is_stuck then m.what_to_type
      when r.failed > 0 and r.succeeded = 0 then 'select * from pipeline_status where part like ''host %'';'
    end
  from (
    select
      exists (select from public.micro_scrape_state where state = 'due') as due,
      (select max(started_at) from public.micro_scrape_runs) as last_run
  ) found
  cross join lateral (
    select found.due, found.last_run,
      found.due and coalesce(found.last_run, '-infinity') < now() - interval '15 minutes' as is_stuck
  ) s
  cross join lateral (
    select
      coalesce(sum(actions_succeeded), 0) as succeeded,
      coalesce(sum(actions_failed), 0) as failed,
      (array_agg(error_message order by started_at desc) filter (where error_message is not null))[1] as said
    from public.micro_scrape_runs
    where started_at > now() - interval '1 hour'
  ) r
  cross join private.remedy('micro-scrape-bandaid') m
$$;

create or replace function private.put_off_late_micro_scrape() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_seen uuid[];
  v_late uuid[];
  v_until timestamptz[];
  v_count integer := 0;
begin
  for i in 1 .. 10 loop
    v_seen := array(
      select vehicle_id
      from public.micro_scrape_state
      where state = 'due'
      order by score, vehicle_created_at desc, vehicle_id
      limit 2000
      for update skip locked
    );
    select coalesce(array_agg(r.vehicle_id), '{}'), array_agg(r.starts_at)
    into v_late, v_until
    from private.next_fetch_at(v_seen) r
    where r.starts_at >= now() + private.claim_horizon();
    perform private.put_off_micro_scrape(v_late, v_until);
    v_count := v_count + cardinality(v_late);
    exit when cardinality(v_seen) < 2000 or cardinality(v_late) < cardinality(v_seen);
  end loop;
  return v_count;
end
$$;

create or replace function private.put_off_micro_scrape(p_vehicle_ids uuid[], p_until timestamptz[]) returns void
language sql
set search_path = ''
as $$
  update public.micro_scrape_state s
  set state = 'waiting', due_at = least(late.until, now() + interval '1 hour')
  from unnest(p_vehicle_ids, p_until) late(vehicle_id, until)
  where s.vehicle_id = late.vehicle_id
$$;

create or replace function private.queue_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
  f jsonb;
begin
  for q in select * from private.queues order by table_name loop
    f := private.queue_metrics(q);
    part := q.table_name;
    since := (f ->> 'oldest_due_at')::timestamptz;
    state := case
      when since < now() - interval '15 minutes'
        and (f ->> 'processing')::bigint = 0
        and coalesce((f ->> 'last_finished_at')::timestamptz, '-infinity') < now() - interval '15 minutes' then 'stuck'
      when (f ->> 'processing')::bigint > 0 or (f ->> 'due')::bigint > 0 then 'working'
      when (f ->> 'waiting')::bigint > 0 then 'waiting'
      else 'idle'
    end;
    what := format('%s due, %s in progress, %s waiting, %s failed, %s done in the last hour',
      f ->> 'due', f ->> 'processing', f ->> 'waiting', f ->> 'failed', f ->> 'done_last_hour');
    why := null;
    what_to_type := null;
    if state = 'stuck' then
      select r.why, r.what_to_type into why, what_to_type from private.remedy(q.function_name) r;
    elsif state = 'waiting' then
      if f ->> 'next_due_at' is not null then
        why := format('the next is due at %s', f ->> 'next_due_at');
      else
        why := 'for versions that are registered and not deployed: select * from scraper_version_status where waits_for_deployment > 0';
        what_to_type := 'supabase functions deploy';
      end if;
    end if;
    return next;
  end loop;
end
$$;

create or replace function public.claim_micro_scrape(
  p_limit integer default 20,
  p_vehicle_ids uuid[] default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('micro_scrape_state');
  v_claimed uuid[];
  v_seen uuid[];
  v_late uuid[];
  v_late_until timestamptz[];
  v_portion integer := p_limit;
begin
  if p_vehicle_ids is null then
    perform private.promote_due_micro_scrape_state(2000);
    perform private.rescue_micro_scrape_state(2000);
    loop
      v_seen := array(
        select vehicle_id
        from public.micro_scrape_state
        where state = 'due'
        order by score, vehicle_created_at desc, vehicle_id
        limit v_portion
        for update skip locked
      );
      select
        (array_agg(r.vehicle_id order by r.place) filter (where not late))[1:p_limit],
        array_agg(r.vehicle_id order by r.place) filter (where late),
        array_agg(r.starts_at order by r.place) filter (where late)
      into v_claimed, v_late, v_late_until
      from private.next_fetch_at(v_seen) r
      cross join lateral (select r.starts_at >= now() + private.claim_horizon() as late) l
      where not private.is_leased(r.vehicle_id); -- another queue's worker reads its page now
      exit when coalesce(cardinality(v_claimed), 0) = p_limit
        or cardinality(v_seen) < v_portion
        or v_portion > p_limit;
      v_portion := p_limit + 2000; -- the vehicles of a host that is slow or silent stand before the others
    end loop;
    if v_late is not null then
      perform private.put_off_micro_scrape(v_late, v_late_until);
    end if;
    perform private.note_claim('micro-scrape-bandaid', coalesce(cardinality(v_claimed), 0));
  else
    -- Asked for by name: also what is complete, exhausted or waiting, but never what another run holds.
    v_claimed := array(
      select vehicle_id
      from public.micro_scrape_state
      where vehicle_id = any (p_vehicle_ids)
        and (lease_token is null or lease_expires_at <= now())
      order by vehicle_id
      limit p_limit
      for update skip locked
    );
  end if;
  update public.micro_scrape_state
  set state = 'leased',
      lease_token = gen_random_uuid(),
      lease_expires_at = now() + v_lease
  where vehicle_id = any (v_claimed);
  return private.micro_scrape_work(v_claimed);
end
$$;

comment on function private.put_off_micro_scrape(uuid[], timestamp
  with time zone[]) is 'Lets vehicles wait until their hosts have time for them, an hour at most: then they are looked at again.';

revoke all on function private.put_off_micro_scrape(uuid[], timestamp with time zone[]) from public;

grant execute
  on function private.put_off_micro_scrape(uuid[], timestamp with time zone[])
  to postgres, service_role;
