-- Which vehicle is looked at next: the claim, and what goes before it.

create function private.recommended_actions(
  p_host text, p_missing text[], p_has_image_urls boolean, p_live boolean
) returns text[]
language sql immutable parallel safe
return array_remove(array[
  case when 'vin' = any (p_missing) then 'extract-vin-from-vehicle' end,
  case
    when p_live
      or p_missing && array['year', 'make', 'model', 'sale_price', 'high_bid', 'asking_price', 'mileage', 'color', 'engine', 'transmission']
    then case when p_host = 'bringatrailer.com' then 'comprehensive-bat-extraction' else 'scrape-vehicle' end
  end,
  case when 'images' = any (p_missing) and p_has_image_urls then 'retry-image-backfill' end,
  case when 'images' = any (p_missing) and not p_has_image_urls then 'extract-images' end,
  case when 'description' = any (p_missing) then 'generate-vehicle-description' end
], null);
comment on function private.recommended_actions(text, text[], boolean, boolean) is
  'Which actions can fill these gaps. One fetch of the listing serves all that need the page.';
grant execute on function private.recommended_actions(text, text[], boolean, boolean) to authenticated, service_role;

create function private.has_image_urls(p_origin_metadata jsonb) returns boolean
language sql immutable parallel safe
return case jsonb_typeof(p_origin_metadata -> 'image_urls')
  when 'array' then jsonb_array_length(p_origin_metadata -> 'image_urls') > 0
  else false
end;
grant execute on function private.has_image_urls(jsonb) to authenticated, service_role;

create function private.micro_scrape_work(p_vehicle_ids uuid[]) returns jsonb
language plpgsql stable -- its plan is kept: making it takes longer than running it
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'vehicle_id', v.id,
      'lease_token', s.lease_token,
      'source_url', v.listing_url,
      'source_host', private.url_host(v.listing_url),
      'quality_score', q.overall_score,
      'missing_fields', q.missing_fields || q.low_confidence_fields,
      'recommended_actions', private.recommended_actions(
        private.url_host(v.listing_url),
        q.missing_fields || q.low_confidence_fields,
        private.has_image_urls(v.origin_metadata),
        coalesce(v.sale_status = 'live', false)
      ),
      'held', private.held_facts(v),
      'image_urls', case when private.has_image_urls(v.origin_metadata)
        then v.origin_metadata -> 'image_urls' else '[]'::jsonb end,
      'image_count', (select count(*) from public.vehicle_images i where i.vehicle_id = v.id)
    ) order by s.score, s.vehicle_created_at desc, v.id), '[]'::jsonb)
    from public.micro_scrape_state s
    join public.vehicles v on v.id = s.vehicle_id
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where s.vehicle_id = any (p_vehicle_ids)
  );
end
$$;
comment on function private.micro_scrape_work(uuid[]) is
  'What a run needs to know of these vehicles, as a JSON array in the order of the claim.';
grant execute on function private.micro_scrape_work(uuid[]) to service_role;

create function private.rescue_micro_scrape_state(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_rescued uuid[];
begin
  perform private.release_when_free('micro_scrape_state');
  -- An array, and no join of CTEs: an update by ids goes through the primary key however many there are.
  v_rescued := array(
    select vehicle_id
    from public.micro_scrape_state
    where lease_token is not null and lease_expires_at <= now()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  );
  -- A worker that dies is replaced at once. A page that kills every worker ends, and its neighbours in the
  -- batch are kept from it by the random part of the wait.
  if cardinality(v_rescued) > 0 then
    update public.micro_scrape_state s
    set state = case
          when private.is_complete(v, s.score) then 'complete'
          when s.failures >= 4 then 'failed'
          when s.failures = 0 then 'due'
          else 'waiting'
        end,
        due_at = case when s.failures = 0 then now() else now() + private.backoff(s.failures + 1) end,
        failures = s.failures + 1,
        last_outcome = 'timeout',
        last_error = private.worker_died(),
        lease_token = null,
        lease_expires_at = null
    from public.vehicles v
    where s.vehicle_id = any (v_rescued)
      and v.id = s.vehicle_id;
  end if;
  return cardinality(v_rescued);
end
$$;
comment on function private.rescue_micro_scrape_state(integer) is
  'Takes back the vehicles of workers that died. Gives how many.';
grant execute on function private.rescue_micro_scrape_state(integer) to service_role;

create function private.promote_due_micro_scrape_state(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_promoted uuid[] := array(
    select vehicle_id
    from public.micro_scrape_state
    where state = 'waiting' and due_at <= now()
    order by due_at
    limit p_limit
    for update skip locked
  );
begin
  if cardinality(v_promoted) > 0 then
    update public.micro_scrape_state
    set state = 'due'
    where vehicle_id = any (v_promoted);
  end if;
  return cardinality(v_promoted);
end
$$;
comment on function private.promote_due_micro_scrape_state(integer) is
  'Makes due what has waited for its time. Gives how many.';
grant execute on function private.promote_due_micro_scrape_state(integer) to service_role;

create function private.next_fetch_at(p_vehicle_ids uuid[])
returns table (vehicle_id uuid, place bigint, starts_at timestamptz)
language sql stable
set search_path = ''
as $$
  select
    asked.id, asked.place,
    case
      when h.breaker <> 'closed' and asked.nth > 1 then free.at + interval '1 minute' -- one goes ahead and tries
      else free.at + (asked.nth - 1) * coalesce(h.interval_ms, 0) * interval '1 millisecond'
    end
  from (
    select v.id, a.place, v.source_host, row_number() over (partition by v.source_host order by a.place) as nth
    from unnest(p_vehicle_ids) with ordinality a(id, place)
    join public.vehicles v on v.id = a.id
  ) asked
  left join public.source_hosts h on h.host = asked.source_host
  cross join lateral (select private.may_be_asked_at(h) as at) free
$$;
comment on function private.next_fetch_at(uuid[]) is
  'When the pages of these vehicles can be asked for, if they are in this order: each host at its pace, not before it may be asked again. A host never asked has none to keep.';
grant execute on function private.next_fetch_at(uuid[]) to service_role;

create function private.claim_horizon() returns interval
language sql immutable parallel safe
return interval '30 seconds';
comment on function private.claim_horizon() is
  'What a host lets nobody read within this time is no work for a run.';
grant execute on function private.claim_horizon() to service_role;

create function private.put_off_micro_scrape(p_vehicle_ids uuid[], p_until timestamptz[]) returns void
language sql
set search_path = ''
as $$
  update public.micro_scrape_state s
  set state = 'waiting', due_at = least(late.until, now() + interval '1 hour')
  from unnest(p_vehicle_ids, p_until) late(vehicle_id, until)
  where s.vehicle_id = late.vehicle_id
$$;
comment on function private.put_off_micro_scrape(uuid[], timestamptz[]) is
  'Lets vehicles wait until their hosts have time for them, an hour at most: then they are looked at again.';
grant execute on function private.put_off_micro_scrape(uuid[], timestamptz[]) to service_role;

create function private.put_off_late_micro_scrape() returns integer
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
comment on function private.put_off_late_micro_scrape() is
  'Lets due vehicles wait whose hosts have no time for them, as a claim does, so that those behind them are seen: up to 20,000. Gives how many.';
grant execute on function private.put_off_late_micro_scrape() to service_role;

create function private.claimable_micro_scrape(p_limit integer) returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(
    select r.vehicle_id
    from private.next_fetch_at(array(
      select vehicle_id
      from (
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where state = 'due'
          order by score, vehicle_created_at desc, vehicle_id
          limit p_limit + 2000
        )
        union all
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where state = 'waiting' and due_at <= now()
          order by due_at
          limit 2000
        )
        union all
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where lease_token is not null and lease_expires_at <= now() and failures = 0
          order by lease_expires_at
          limit 2000
        )
      ) ready
      order by score, vehicle_created_at desc, vehicle_id
      limit p_limit + 2000
    )) r
    where r.starts_at < now() + private.claim_horizon()
      and not private.is_leased(r.vehicle_id)
    order by r.place
    limit p_limit
  )
$$;
comment on function private.claimable_micro_scrape(integer) is
  'The vehicles that claim_micro_scrape() would take now, in its order: due, not under another worker''s lease, and of a host that has time for them in this run.';
grant execute on function private.claimable_micro_scrape(integer) to service_role;

create function public.preview_micro_scrape(p_limit integer default 20, p_vehicle_ids uuid[] default null)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.micro_scrape_work(coalesce(p_vehicle_ids[1:p_limit], private.claimable_micro_scrape(p_limit)))
$$;
comment on function public.preview_micro_scrape(integer, uuid[]) is
  'What claim_micro_scrape() would take now, without taking it: changes nothing.';
grant execute on function public.preview_micro_scrape(integer, uuid[]) to service_role;
