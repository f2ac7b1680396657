-- Gap filling: which vehicle is looked at next, when it is left alone, and what each run did.

create table public.micro_scrape_runs (
  id uuid primary key default gen_random_uuid(),
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  status text not null default 'running' check (status in ('running', 'completed', 'failed', 'timed_out')),
  triggered_by text not null default 'manual',
  vehicles_analyzed integer not null default 0 check (vehicles_analyzed >= 0),
  vehicles_improved integer not null default 0 check (vehicles_improved >= 0),
  vehicles_marked_complete integer not null default 0 check (vehicles_marked_complete >= 0),
  vehicles_exhausted integer not null default 0 check (vehicles_exhausted >= 0),
  actions_executed integer not null default 0 check (actions_executed >= 0),
  actions_succeeded integer not null default 0 check (actions_succeeded >= 0),
  actions_failed integer not null default 0 check (actions_failed >= 0),
  runtime_ms integer check (runtime_ms >= 0),
  error_message text,
  metadata jsonb not null default '{}',
  check ((status = 'running') = (completed_at is null)),
  check (actions_succeeded + actions_failed <= actions_executed)
);
comment on table public.micro_scrape_runs is
  'One row a run of micro-scrape-bandaid, also when it failed or its worker died. An action that ran and found nothing neither succeeded nor failed. Kept 90 days.';
create index micro_scrape_runs_by_start on public.micro_scrape_runs (started_at desc);
create index micro_scrape_runs_running on public.micro_scrape_runs (started_at) where status = 'running';

create table public.micro_scrape_state (
  vehicle_id uuid primary key references public.vehicles (id) on delete cascade,
  score numeric(4, 1) not null default 0,
  state text not null default 'due'
    check (state in ('due', 'waiting', 'leased', 'complete', 'exhausted', 'ended', 'failed')),
  due_at timestamptz not null default now(),
  fruitless_passes smallint not null default 0 check (fruitless_passes >= 0),
  failures smallint not null default 0 check (failures >= 0),
  blocked_days smallint not null default 0 check (blocked_days >= 0),
  last_blocked_on date,
  lease_token uuid,
  leased_until timestamptz,
  last_checked_at timestamptz,
  last_outcome text,
  last_error text,
  extraction_hash text,
  last_scraper text,
  last_scraper_version text,
  vehicle_created_at timestamptz not null,
  check ((state = 'leased') = (lease_token is not null)),
  check ((lease_token is null) = (leased_until is null))
) with (
  fillfactor = 80,
  -- Who was claimed leaves a dead entry at the head of the claim's index: cleared away soon, not after 20 %.
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_analyze_scale_factor = 0.02
);
comment on table public.micro_scrape_state is
  'One narrow row a vehicle with a source URL: its score, whether it is due, waiting for due_at, leased by a run, complete, exhausted (the source does not state what is missing), ended (listing removed) or failed.';

-- The claim reads due rows in their order; who waits stands in another index and costs it nothing.
create index micro_scrape_state_due on public.micro_scrape_state (score, vehicle_created_at desc, vehicle_id)
  where state = 'due';
create index micro_scrape_state_waiting on public.micro_scrape_state (due_at) where state = 'waiting';
create index micro_scrape_state_leased on public.micro_scrape_state (leased_until) where state = 'leased';
create index micro_scrape_state_open on public.micro_scrape_state (score, vehicle_created_at desc, vehicle_id)
  where state in ('due', 'waiting', 'leased');
create index micro_scrape_state_exhausted on public.micro_scrape_state (last_scraper, last_scraper_version)
  where state = 'exhausted';
create index micro_scrape_state_stopped on public.micro_scrape_state (state, last_checked_at desc)
  where state in ('exhausted', 'ended', 'failed');

alter table public.micro_scrape_runs enable row level security;
alter table public.micro_scrape_state enable row level security;
create policy operators_read on public.micro_scrape_runs
  for select to authenticated using ((select private.is_operator()));
create policy operators_read on public.micro_scrape_state
  for select to authenticated using ((select private.is_operator()));
grant select on public.micro_scrape_runs, public.micro_scrape_state to authenticated;
grant all on public.micro_scrape_runs, public.micro_scrape_state to service_role;

-- Keeping score and state in step with the vehicles ----------------------------------------------

create function private.is_marked_complete(p_origin_metadata jsonb) returns boolean
language sql immutable parallel safe
return coalesce(p_origin_metadata ->> 'micro_scrape_complete' = 'true', false);
comment on function private.is_marked_complete(jsonb) is
  'Whether a vehicle carries the mark. An import may have written anything there, so it is compared, not cast.';

create function private.refresh_micro_scrape_state(p_vehicle_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_without_listing uuid[];
  v_completed uuid[];
  v_reopened uuid[];
begin
  -- A score that moved, a vehicle that is new, a vehicle that became complete or is no longer.
  insert into public.micro_scrape_state as held (vehicle_id, score, state, vehicle_created_at)
  select
    v.id, q.overall_score,
    case when private.is_complete(v, q.overall_score) then 'complete' else 'due' end,
    v.created_at
  from public.vehicles v
  cross join lateral (
    select q.overall_score
    from public.vehicle_quality_scores q
    where q.vehicle_id = v.id
    offset 0 -- one look by key a vehicle, also by a plan that was made for a single one
  ) q
  where v.id = any (p_vehicle_ids)
    and v.discovery_url is not null
  order by v.id
  on conflict (vehicle_id) do update
  set score = excluded.score,
      state = case
        when excluded.state = 'complete' and held.state <> 'leased' then 'complete'
        when excluded.state = 'due' and held.state = 'complete' then 'due'
        else held.state
      end,
      due_at = case
        when excluded.state = 'due' and held.state = 'complete' then now()
        else held.due_at
      end,
      fruitless_passes = case
        when excluded.state = 'due' and held.state = 'complete' then 0
        else held.fruitless_passes
      end
  where held.score <> excluded.score
    or (excluded.state = 'complete' and held.state not in ('complete', 'leased'))
    or (excluded.state = 'due' and held.state = 'complete');

  select
    array_agg(v.id) filter (where v.discovery_url is null),
    array_agg(v.id) filter (where c.complete and not private.is_marked_complete(v.origin_metadata)),
    array_agg(v.id) filter (where not c.complete and private.is_marked_complete(v.origin_metadata))
  into v_without_listing, v_completed, v_reopened
  from public.vehicles v
  cross join lateral (
    select private.is_complete(v, q.overall_score) as complete
    from public.vehicle_quality_scores q
    where q.vehicle_id = v.id
    offset 0
  ) c
  where v.id = any (p_vehicle_ids);

  if v_without_listing is not null then
    delete from public.micro_scrape_state where vehicle_id = any (v_without_listing);
  end if;

  -- The mark that the operators read, on the vehicle itself.
  if v_completed is not null then
    update public.vehicles
    set origin_metadata = origin_metadata
      || jsonb_build_object('micro_scrape_complete', true, 'micro_scrape_completed_at', now())
    where id = any (v_completed);
  end if;
  if v_reopened is not null then
    update public.vehicles
    set origin_metadata = origin_metadata
      || jsonb_build_object('micro_scrape_complete', false, 'micro_scrape_completed_at', null)
    where id = any (v_reopened);
  end if;
end
$$;
comment on function private.refresh_micro_scrape_state(uuid[]) is
  'Brings micro_scrape_state and the completion mark in step with the scores of these vehicles, set-wise.';

create function private.vehicles_changed(p_vehicle_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  if cardinality(p_vehicle_ids) = 0 then
    return;
  end if;
  perform private.refresh_quality(p_vehicle_ids);
  perform private.refresh_micro_scrape_state(p_vehicle_ids);
end
$$;

create function private.rescores_itself() returns boolean
language sql stable
return coalesce(current_setting('vehicles.rescore', true) = 'by the writer', false);
comment on function private.rescores_itself() is
  'Whether the writer of this transaction changes facts and images in several statements and rescores once, after the last.';

create function private.on_vehicles_changed() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.vehicles_changed(array(select id from changed));
  return null;
end
$$;

create function private.on_vehicles_updated() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if private.rescores_itself() then
    return null;
  end if;
  -- A mark in origin_metadata or a new updated_at changes no score. (Transition tables take no column list.)
  -- "except" and no join: the plan is kept, and a nested loop made for one row takes minutes for 10,000.
  perform private.vehicles_changed(array(
    select d.id
    from (
      select id, year, make, model, vin, mileage, color, engine, transmission, description,
        sale_price, high_bid, asking_price, sale_status, field_state, discovery_url
      from changed
      except
      select id, year, make, model, vin, mileage, color, engine, transmission, description,
        sale_price, high_bid, asking_price, sale_status, field_state, discovery_url
      from before
    ) d
  ));
  return null;
end
$$;

create trigger score_new_vehicles
  after insert on public.vehicles
  referencing new table as changed
  for each statement execute function private.on_vehicles_changed();
create trigger score_changed_vehicles
  after update on public.vehicles
  referencing old table as before new table as changed
  for each statement execute function private.on_vehicles_updated();

create function private.on_images_changed() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  if private.rescores_itself() then
    return null;
  end if;
  v_ids := array(select distinct vehicle_id from changed);
  -- Who changes images and who changes facts see each other's work only one after the other. Vehicles that
  -- are being deleted, with their images, are gone from vehicles by now.
  perform from public.vehicles where id = any (v_ids) order by id for no key update;
  perform private.vehicles_changed(v_ids);
  return null;
end
$$;

create trigger score_vehicles_with_new_images
  after insert on public.vehicle_images
  referencing new table as changed
  for each statement execute function private.on_images_changed();
create trigger score_vehicles_with_fewer_images
  after delete on public.vehicle_images
  referencing old table as changed
  for each statement execute function private.on_images_changed();

create function private.on_image_moved() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := array[old.vehicle_id, new.vehicle_id];
begin
  perform from public.vehicles where id = any (v_ids) order by id for no key update;
  perform private.vehicles_changed(v_ids);
  return null;
end
$$;
create trigger score_vehicles_between_which_an_image_moved
  after update of vehicle_id on public.vehicle_images
  for each row when (old.vehicle_id <> new.vehicle_id)
  execute function private.on_image_moved();

create function private.on_listing_moved() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  update public.micro_scrape_state
  set state = 'due', due_at = now(), fruitless_passes = 0, failures = 0, blocked_days = 0,
      lease_token = null, leased_until = null, extraction_hash = null
  where vehicle_id = new.id;
  return null;
end
$$;
comment on function private.on_listing_moved() is
  'A vehicle that stands on another listing is looked at anew.';
create trigger look_again_at_a_moved_listing
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row when (old.canonical_url is distinct from new.canonical_url)
  execute function private.on_listing_moved();

create function private.vehicles_out_of_step(p_vehicle_ids uuid[]) returns setof uuid
language sql stable
set search_path = ''
as $$
  select v.id
  from public.vehicles v
  cross join lateral (
    select exists (select from public.vehicle_images i where i.vehicle_id = v.id) as has_image
  ) i -- on its own, so that the planner can inline the score
  cross join lateral private.vehicle_quality(v, i.has_image) fresh
  left join public.vehicle_quality_scores q on q.vehicle_id = v.id
  left join public.micro_scrape_state s on s.vehicle_id = v.id
  where v.id = any (p_vehicle_ids)
    and (
      (q.overall_score, q.missing_fields, q.low_confidence_fields, q.score_version)
        is distinct from
        (fresh.overall_score, fresh.missing_fields, fresh.low_confidence_fields, private.score_version())
      or private.is_marked_complete(v.origin_metadata) <> private.is_complete(v, fresh.overall_score)
      or (s.vehicle_id is null) <> (v.discovery_url is null)
      or s.score <> fresh.overall_score
      or (s.state <> 'leased' and (s.state = 'complete') <> private.is_complete(v, fresh.overall_score))
    )
$$;
comment on function private.vehicles_out_of_step(uuid[]) is
  'Which of these have a score, a state or a mark that is not what their facts and images say.';

create function public.rescore_vehicles(p_after uuid default null, p_limit integer default 10000)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_stale uuid[];
begin
  v_ids := array(
    select id
    from public.vehicles
    where p_after is null or id > p_after
    order by id
    limit p_limit
  );
  -- Looked at without locks; what must be written is locked and looked at again.
  v_stale := array(select id from private.vehicles_out_of_step(v_ids) id);
  perform from public.vehicles where id = any (v_stale) order by id for no key update;
  perform private.vehicles_changed(v_stale);
  return jsonb_build_object(
    'rescored', cardinality(v_ids), 'changed', cardinality(v_stale), 'last', v_ids[cardinality(v_ids)]);
end
$$;
comment on function public.rescore_vehicles(uuid, integer) is
  'Rescores a portion of the vehicles after an id and writes what changed: call it again with "last" until "rescored" is 0.';

-- The claim --------------------------------------------------------------------------------------

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

create function private.has_image_urls(p_origin_metadata jsonb) returns boolean
language sql immutable parallel safe
return case jsonb_typeof(p_origin_metadata -> 'image_urls')
  when 'array' then jsonb_array_length(p_origin_metadata -> 'image_urls') > 0
  else false
end;

create function private.micro_scrape_work(p_vehicle_ids uuid[]) returns jsonb
language plpgsql stable -- its plan is kept: making it takes longer than running it
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'vehicle_id', v.id,
      'lease_token', s.lease_token,
      'source_url', v.discovery_url,
      'source_host', v.source_host,
      'quality_score', q.overall_score,
      'missing_fields', q.missing_fields || q.low_confidence_fields,
      'recommended_actions', private.recommended_actions(
        v.source_host,
        q.missing_fields || q.low_confidence_fields,
        private.has_image_urls(v.origin_metadata),
        coalesce(v.sale_status = 'live', false)
      ),
      'held', jsonb_strip_nulls(jsonb_build_object(
        'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim, 'vin', v.vin,
        'mileage', v.mileage, 'color', v.color, 'interior_color', v.interior_color,
        'engine', v.engine, 'transmission', v.transmission, 'drivetrain', v.drivetrain,
        'body_style', v.body_style, 'sale_price', v.sale_price, 'high_bid', v.high_bid,
        'asking_price', v.asking_price, 'currency', v.currency, 'sale_status', v.sale_status,
        'sale_date', v.sale_date, 'seller_name', v.seller_name, 'location', v.location,
        'description', v.description
      )),
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

create function private.wake_waiting_vehicles(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- Arrays, and no join of CTEs: an update by ids goes through the primary key however many are ripe.
  v_rested uuid[] := array(
    select vehicle_id
    from public.micro_scrape_state
    where state = 'waiting' and due_at <= now()
    order by due_at
    limit p_limit
    for update skip locked
  );
  v_orphaned uuid[] := array(
    select vehicle_id
    from public.micro_scrape_state
    where state = 'leased' and leased_until <= now()
    order by leased_until
    limit p_limit
    for update skip locked
  );
begin
  if cardinality(v_rested) > 0 then
    update public.micro_scrape_state
    set state = 'due'
    where vehicle_id = any (v_rested);
  end if;

  -- A worker that dies is replaced at once. A page that kills every worker ends, and its neighbours in the
  -- batch are kept from it by the random part of the wait.
  if cardinality(v_orphaned) > 0 then
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
        last_error = 'the worker stopped without reporting',
        lease_token = null,
        leased_until = null
    from public.vehicles v
    where s.vehicle_id = any (v_orphaned)
      and v.id = s.vehicle_id;
  end if;
  return cardinality(v_rested) + cardinality(v_orphaned);
end
$$;
comment on function private.wake_waiting_vehicles(integer) is
  'Makes due what has waited long enough, and frees what a worker that died left leased.';

create function public.claim_micro_scrape(
  p_limit integer default 20,
  p_vehicle_ids uuid[] default null,
  p_lease interval default '30 seconds'
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_claimed uuid[];
begin
  if p_vehicle_ids is null then
    perform private.wake_waiting_vehicles(2000);
    v_claimed := array(
      select vehicle_id
      from public.micro_scrape_state
      where state = 'due'
      order by score, vehicle_created_at desc, vehicle_id
      limit p_limit
      for update skip locked
    );
  else
    -- Asked for by name: also what is complete, exhausted or waiting, but never what another run holds.
    v_claimed := array(
      select vehicle_id
      from public.micro_scrape_state
      where vehicle_id = any (p_vehicle_ids)
        and (state <> 'leased' or leased_until <= now())
      order by vehicle_id
      limit p_limit
      for update skip locked
    );
  end if;
  update public.micro_scrape_state
  set state = 'leased', lease_token = gen_random_uuid(), leased_until = now() + p_lease
  where vehicle_id = any (v_claimed);
  return private.micro_scrape_work(v_claimed);
end
$$;
comment on function public.claim_micro_scrape(integer, uuid[], interval) is
  'Leases the vehicles to look at next: of those due, the lowest score first and the most recent first; or the named ones that no run holds. Two runs never get the same vehicle.';

create function public.preview_micro_scrape(p_limit integer default 20, p_vehicle_ids uuid[] default null)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.micro_scrape_work(case
    when p_vehicle_ids is not null then p_vehicle_ids[1:p_limit]
    else array(
      select vehicle_id
      from (
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where state = 'due'
          order by score, vehicle_created_at desc, vehicle_id
          limit p_limit
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
          where state = 'leased' and leased_until <= now() and failures = 0
          order by leased_until
          limit 2000
        )
      ) ready
      order by score, vehicle_created_at desc, vehicle_id
      limit p_limit
    )
  end)
$$;
comment on function public.preview_micro_scrape(integer, uuid[]) is
  'What claim_micro_scrape() would take now, without taking it: changes nothing.';

create function public.find_unknown_vehicles(p_vehicle_ids uuid[]) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'vehicle_id', asked.id,
    'exists', v.id is not null,
    'reason', case when v.id is null then 'no such vehicle' else 'the vehicle has no source URL' end
  ) order by asked.place), '[]'::jsonb)
  from unnest(p_vehicle_ids) with ordinality asked(id, place)
  left join public.vehicles v on v.id = asked.id
  where v.id is null or v.discovery_url is null
$$;
comment on function public.find_unknown_vehicles(uuid[]) is
  'Which of these ids cannot be worked on, and why, as [{vehicle_id, exists, reason}].';

create function public.heartbeat_micro_scrape(p_tokens uuid[], p_lease interval default '30 seconds')
returns integer
language sql
set search_path = ''
as $$
  with mine as (
    select vehicle_id
    from public.micro_scrape_state
    where lease_token = any (p_tokens)
      and state = 'leased'
    for update skip locked -- what is being settled needs no more time, and a heartbeat must never wait
  ),
  extended as (
    update public.micro_scrape_state s
    set leased_until = now() + p_lease
    from mine
    where s.vehicle_id = mine.vehicle_id
    returning 1
  )
  select count(*)::integer from extended
$$;
comment on function public.heartbeat_micro_scrape(uuid[], interval) is
  'Extends the leases that are still held; gives how many.';

create function public.release_micro_scrape(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  with given as (
    select s.vehicle_id, private.bounded(i.retry_at) as retry_at
    from jsonb_to_recordset(p_items) as i(vehicle_id uuid, lease_token uuid, retry_at timestamptz)
    join public.micro_scrape_state s on s.vehicle_id = i.vehicle_id and s.lease_token = i.lease_token
    order by s.vehicle_id
    for update of s
  ),
  released as (
    update public.micro_scrape_state s
    set state = case
          when private.is_complete(v, s.score) then 'complete'
          when g.retry_at > now() then 'waiting'
          else 'due'
        end,
        due_at = coalesce(g.retry_at, now()),
        lease_token = null,
        leased_until = null
    from given g
    join public.vehicles v on v.id = g.vehicle_id
    where s.vehicle_id = g.vehicle_id
    returning 1
  )
  select count(*)::integer from released
$$;
comment on function public.release_micro_scrape(jsonb) is
  'Hands back vehicles that were not started, as [{vehicle_id, lease_token, retry_at}]: nothing is counted against them.';

-- What a pass means for the vehicle ---------------------------------------------------------------

create function private.fruitless_wait(p_passes integer) returns interval
language sql immutable parallel safe
return (array['5 minutes', '1 hour', '6 hours', '1 day', '7 days']::interval[])[p_passes];
comment on function private.fruitless_wait(integer) is
  'How long to leave a vehicle alone after its nth pass without a gain; null when it is exhausted.';

create function private.settle_micro_scrape(
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
  s.leased_until := null;

  if p_outcome in ('ok', 'not_modified', 'unreadable') then
    s.failures := 0;
    s.blocked_days := 0;
    s.extraction_hash := coalesce(p_hash, s.extraction_hash);
    -- A gain starts the waits anew; the page that gave it has been read now. A value that only changes,
    -- as some pages do at every look, closes no gap.
    s.fruitless_passes := case when p_closed_a_gap then 1 else least(s.fruitless_passes + 1, 100) end;
    if private.is_complete(v, s.score) then
      s.state := 'complete';
      s.due_at := now();
    elsif v.sale_status = 'live' and p_live_until > now() then
      s.state := 'waiting';
      s.due_at := least(p_live_until, now() + interval '30 days') + interval '10 minutes';
      s.fruitless_passes := 0;
    elsif private.fruitless_wait(s.fruitless_passes) is null then
      s.state := 'exhausted';
    else
      s.state := 'waiting';
      s.due_at := now() + private.fruitless_wait(s.fruitless_passes);
    end if;

  elsif p_outcome = 'gone' then
    s.state := 'ended';

  elsif p_outcome in ('not_a_listing', 'invalid', 'too_large') then
    s.state := 'failed';

  elsif p_outcome in ('rate_limited', 'blocked', 'robots_disallowed') then
    -- The site's word, not the vehicle's fault: no attempt is counted, but a wall is not met for ever.
    if p_outcome <> 'rate_limited' and s.last_blocked_on is distinct from current_date then
      s.blocked_days := s.blocked_days + 1;
      s.last_blocked_on := current_date;
    end if;
    s.state := case when s.blocked_days >= 3 then 'failed' else 'waiting' end;
    s.due_at := greatest(
      coalesce(private.bounded(p_retry_at), now() + interval '1 hour'), now() + interval '1 minute');

  else -- timeout, network, server_error
    s.failures := s.failures + 1;
    s.state := case when s.failures >= 5 then 'failed' else 'waiting' end;
    s.due_at := greatest(private.bounded(p_retry_at), now() + private.backoff(s.failures));
  end if;

  update public.micro_scrape_state
  set state = s.state,
      due_at = s.due_at,
      fruitless_passes = s.fruitless_passes,
      failures = s.failures,
      blocked_days = s.blocked_days,
      last_blocked_on = s.last_blocked_on,
      lease_token = null,
      leased_until = null,
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
comment on function private.settle_micro_scrape(uuid, text, boolean, text, text, timestamptz, timestamptz, text, text) is
  'Ends a pass over one vehicle by its outcome: complete, exhausted, ended, failed, or waiting until it is worth another look. Gives the new state.';

create function public.reopen_micro_scrape(p_vehicle_ids uuid[]) returns integer
language sql
set search_path = ''
as $$
  with locked as (
    select vehicle_id
    from public.micro_scrape_state
    where vehicle_id = any (p_vehicle_ids)
      and state <> 'leased'
    order by vehicle_id
    for update
  ),
  reopened as (
    update public.micro_scrape_state s
    set state = 'due', due_at = now(), fruitless_passes = 0, failures = 0, blocked_days = 0,
        last_blocked_on = null
    from locked
    where s.vehicle_id = locked.vehicle_id
    returning 1
  )
  select count(*)::integer from reopened
$$;
comment on function public.reopen_micro_scrape(uuid[]) is
  'By hand: looks at these vehicles again, whatever became of them. Gives how many were reopened.';

create function private.version_number(p_version text) returns bigint
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  m text[] := regexp_match(p_version, '^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})');
begin
  return m[1]::bigint * 1000000000000 + m[2]::bigint * 1000000 + m[3]::bigint;
end
$$;
comment on function private.version_number(text) is 'v1.10.0 as a number that sorts after v1.9.0; null when it is no version.';

create function private.reopen_for_new_versions(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with outdated as (
    select s.vehicle_id, a.scraper_version
    from public.scrape_sources a
    join public.micro_scrape_state s
      on s.state = 'exhausted'
      and s.last_scraper = a.scraper_name
      -- Two ranges, so that the index skips what the present version has read.
      and (s.last_scraper_version < a.scraper_version or s.last_scraper_version > a.scraper_version)
      and private.version_number(s.last_scraper_version) < private.version_number(a.scraper_version)
    limit p_limit
    for update of s skip locked
  ),
  reopened as (
    update public.micro_scrape_state s
    set state = 'due', due_at = now(), fruitless_passes = 0,
        last_scraper_version = outdated.scraper_version -- one chance a version, also if it reads no page
    from outdated
    where s.vehicle_id = outdated.vehicle_id
    returning 1
  )
  select count(*)::integer from reopened
$$;
comment on function private.reopen_for_new_versions(integer) is
  'A vehicle that an older version of its scraper could not complete gets another chance with the new one; a portion a call.';

-- Runs -------------------------------------------------------------------------------------------

create function private.close_dead_runs() returns void
language sql
set search_path = ''
as $$
  update public.micro_scrape_runs
  set status = 'timed_out',
      completed_at = now(),
      runtime_ms = extract(epoch from now() - started_at) * 1000,
      error_message = 'the worker stopped without reporting; its leases expired and its vehicles are due again'
  where status = 'running'
    and started_at < now() - interval '5 minutes';

  delete from public.micro_scrape_runs where started_at < now() - interval '90 days';
$$;
comment on function private.close_dead_runs() is
  'A run whose worker was killed ends here: no function may run longer than five minutes.';

create function public.ring_micro_scrape_if_due() returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_due boolean;
begin
  v_due := exists (select from public.micro_scrape_state where state = 'due');
  if v_due then
    perform private.ring('micro-scrape-bandaid', '{"triggered_by": "backlog", "background": true}', '0 seconds');
  end if;
  return v_due;
end
$$;
comment on function public.ring_micro_scrape_if_due() is
  'For a run that ends while vehicles are still due: the backlog does not wait for cron.';

-- Views ------------------------------------------------------------------------------------------

create view public.vehicles_needing_micro_scrape with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  v.source_host,
  s.score as overall_score,
  q.missing_fields,
  q.low_confidence_fields,
  private.recommended_actions(
    v.source_host,
    q.missing_fields || q.low_confidence_fields,
    private.has_image_urls(v.origin_metadata),
    coalesce(v.sale_status = 'live', false)
  ) as recommended_actions,
  s.state,
  s.due_at,
  s.fruitless_passes,
  s.last_checked_at,
  s.last_outcome,
  s.last_error,
  v.created_at
from public.micro_scrape_state s
join public.vehicles v on v.id = s.vehicle_id
join public.vehicle_quality_scores q on q.vehicle_id = s.vehicle_id
where s.state in ('due', 'waiting', 'leased')
order by s.score, s.vehicle_created_at desc, s.vehicle_id;
comment on view public.vehicles_needing_micro_scrape is
  'Vehicles with gaps that are still worked on: what is missing, what will be done, and when. Lowest score first.';

create view public.vehicles_not_improving with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  s.state,
  case s.state
    when 'exhausted' then 'the source does not state ' || array_to_string(q.missing_fields || q.low_confidence_fields, ', ')
    when 'ended' then 'the listing was removed'
    else coalesce(s.last_error, s.last_outcome)
  end as why,
  s.score as overall_score,
  q.missing_fields,
  q.low_confidence_fields,
  s.last_outcome,
  s.last_error,
  s.last_checked_at
from public.micro_scrape_state s
join public.vehicles v on v.id = s.vehicle_id
join public.vehicle_quality_scores q on q.vehicle_id = s.vehicle_id
where s.state in ('exhausted', 'ended', 'failed')
order by s.last_checked_at desc;
comment on view public.vehicles_not_improving is
  'Vehicles that are no longer checked, and why. select reopen_micro_scrape(array[''…'']::uuid[]) looks again.';

grant select on public.vehicles_needing_micro_scrape, public.vehicles_not_improving to authenticated, service_role;

-- Who may call what ------------------------------------------------------------------------------

grant execute on function private.score_version() to service_role;
grant execute on function private.is_vin(text) to service_role;
grant execute on function private.price_field(text) to service_role;
grant execute on function private.field_confidence(jsonb, text) to service_role;
grant execute on function private.vehicle_quality(public.vehicles, boolean) to service_role;
grant execute on function private.is_complete(public.vehicles, numeric) to service_role;
grant execute on function private.refresh_quality(uuid[]) to service_role;
grant execute on function private.refresh_micro_scrape_state(uuid[]) to service_role;
grant execute on function private.vehicles_changed(uuid[]) to service_role;
grant execute on function private.recommended_actions(text, text[], boolean, boolean) to authenticated, service_role;
grant execute on function private.has_image_urls(jsonb) to authenticated, service_role;
grant execute on function private.micro_scrape_work(uuid[]) to service_role;
grant execute on function private.is_marked_complete(jsonb) to service_role;
grant execute on function private.rescores_itself() to service_role;
grant execute on function private.vehicles_out_of_step(uuid[]) to service_role;
grant execute on function private.wake_waiting_vehicles(integer) to service_role;
grant execute on function private.fruitless_wait(integer) to service_role;
grant execute on function private.settle_micro_scrape(uuid, text, boolean, text, text, timestamptz, timestamptz, text, text) to service_role;

grant execute on function public.ring_micro_scrape_if_due() to service_role;
grant execute on function public.rescore_vehicles(uuid, integer) to service_role;
grant execute on function public.claim_micro_scrape(integer, uuid[], interval) to service_role;
grant execute on function public.preview_micro_scrape(integer, uuid[]) to service_role;
grant execute on function public.find_unknown_vehicles(uuid[]) to service_role;
grant execute on function public.heartbeat_micro_scrape(uuid[], interval) to service_role;
grant execute on function public.release_micro_scrape(jsonb) to service_role;
grant execute on function public.reopen_micro_scrape(uuid[]) to service_role;
