-- Score and state follow the vehicles: whatever changes one, the other is right when the statement ends.

create function private.is_marked_complete(p_origin_metadata jsonb) returns boolean
language sql immutable parallel safe
return coalesce(p_origin_metadata ->> 'micro_scrape_complete' = 'true', false);
comment on function private.is_marked_complete(jsonb) is
  'Whether a vehicle carries the mark. An import may have written anything there, so it is compared, not cast.';
grant execute on function private.is_marked_complete(jsonb) to service_role;

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
grant execute on function private.vehicles_changed(uuid[]) to service_role;

create function private.rescores_itself() returns boolean
language sql stable
return coalesce(current_setting('vehicles.rescore', true) = 'by the writer', false);
comment on function private.rescores_itself() is
  'Whether the writer of this transaction changes facts and images in several statements and rescores once, after the last.';
grant execute on function private.rescores_itself() to service_role;

create function private.on_vehicles_changed() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if not private.rescores_itself() then
    perform private.vehicles_changed(array(select id from changed));
  end if;
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
  set state = 'due', due_at = now(), no_gain_passes = 0, failures = 0, blocked_days = 0,
      lease_token = null, lease_expires_at = null, extraction_hash = null
  where vehicle_id = new.id;
  -- Who reads the other listing at this moment loses the lease: what is read there is not this one's.
  update public.backfill_queue set status = 'pending' where vehicle_id = new.id and status = 'processing';
  update public.scrape_retry_queue set status = 'pending' where vehicle_id = new.id and status = 'processing';
  return null;
end
$$;
comment on function private.on_listing_moved() is
  'A vehicle that stands on another listing is looked at anew, and nothing is written of the one that it left.';
create trigger look_again_at_a_moved_listing
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when (public.canonical_listing_url(old.listing_url) is distinct from public.canonical_listing_url(new.listing_url))
  execute function private.on_listing_moved();

create function private.state_differs(v public.vehicles, p_score numeric, p_state text, p_state_score numeric)
returns boolean
language sql immutable parallel safe
return private.is_marked_complete(v.origin_metadata) <> private.is_complete(v, p_score)
  or (p_state is null) <> (v.discovery_url is null)
  or p_state_score <> p_score
  or (p_state <> 'leased' and (p_state = 'complete') <> private.is_complete(v, p_score));
comment on function private.state_differs(public.vehicles, numeric, text, numeric) is
  'Whether the mark of a vehicle, or its state and the score that stands there, is not what its score says.';
grant execute on function private.state_differs(public.vehicles, numeric, text, numeric) to service_role;

create function private.vehicles_to_sync(p_first uuid, p_last uuid) returns uuid[]
language plpgsql stable
set search_path = ''
-- The plan is kept: two ranges that were small when it was made must not be searched for each other's rows.
set enable_nestloop = off
set enable_seqscan = off
set max_parallel_workers_per_gather = 0 -- workers have the other core
as $$
begin
  return array(
    select v.id
    from public.vehicles v
    left join public.vehicle_quality_scores q on q.vehicle_id = v.id and q.vehicle_id between p_first and p_last
    left join public.micro_scrape_state m on m.vehicle_id = v.id and m.vehicle_id between p_first and p_last
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    cross join lateral (
      select exists (select from public.vehicle_images i where i.vehicle_id = v.id) as has_image
    ) i -- on its own, so that the planner can inline the score
    cross join lateral private.vehicle_quality(
      v.field_state, v.year, v.make, v.model, v.vin, s.vin_key is not null,
      v.sale_status, v.sale_price, v.high_bid, v.asking_price, v.description,
      i.has_image, v.mileage, v.color, v.engine, v.transmission) f
    where v.id between p_first and p_last
      and (
        (q.overall_score, q.missing_fields, q.low_confidence_fields, q.score_version)
          is distinct from
          (f.overall_score, f.missing_fields, f.low_confidence_fields, private.score_version())
        or private.state_differs(v, q.overall_score, m.state, m.score)
      )
    order by v.id
  );
end
$$;
comment on function private.vehicles_to_sync(uuid, uuid) is
  'Which vehicles from one id to another have a score, a state or a mark that is not what their facts and images say.';

create function private.scored_by_older_rules(p_first uuid, p_last uuid) returns uuid[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    select q.vehicle_id
    from public.vehicle_quality_scores q
    where q.vehicle_id between p_first and p_last
      and q.score_version <> private.score_version()
    order by q.vehicle_id
  );
end
$$;
comment on function private.scored_by_older_rules(uuid, uuid) is
  'Which vehicles from one id to another have a score of another version: without a look at the vehicles.';

create function private.states_to_sync(p_vehicle_ids uuid[]) returns uuid[]
language plpgsql stable
set search_path = ''
set enable_nestloop = off
set enable_seqscan = off
set max_parallel_workers_per_gather = 0
as $$
begin
  return array(
    select v.id
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id and q.vehicle_id = any (p_vehicle_ids)
    left join public.micro_scrape_state m on m.vehicle_id = v.id and m.vehicle_id = any (p_vehicle_ids)
    where v.id = any (p_vehicle_ids)
      and private.state_differs(v, q.overall_score, m.state, m.score)
    order by v.id
  );
end
$$;
comment on function private.states_to_sync(uuid[]) is
  'Which of these vehicles, whose scores are right, have a state or a mark that is not what the score says.';
grant execute on function
  private.vehicles_to_sync(uuid, uuid),
  private.scored_by_older_rules(uuid, uuid),
  private.states_to_sync(uuid[])
to service_role;

create function public.rescore_vehicles(p_after uuid default null, p_limit integer default 10000)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_first uuid;
  v_last uuid;
  v_stale uuid[];
begin
  v_ids := array(
    select id
    from public.vehicles
    where p_after is null or id > p_after
    order by id
    limit p_limit
  );
  v_first := v_ids[1];
  v_last := v_ids[cardinality(v_ids)];
  -- Looked at without locks; what must be written is locked and looked at again. After a change of the rules that
  -- is all of them, and nothing needs to be compared to know it.
  v_stale := private.scored_by_older_rules(v_first, v_last);
  if v_stale <> v_ids then
    v_stale := private.vehicles_to_sync(v_first, v_last);
  end if;
  if v_stale <> '{}' then
    perform from public.vehicles where id = any (v_stale) order by id for no key update;
    perform private.refresh_quality(v_stale);
    -- What is scored anew because of the version mostly says of the state what it said before.
    perform private.refresh_micro_scrape_state(private.states_to_sync(v_stale));
  end if;
  return jsonb_build_object(
    'rescored', cardinality(v_ids), 'changed', cardinality(v_stale), 'last', v_last);
end
$$;
comment on function public.rescore_vehicles(uuid, integer) is
  'Rescores a portion of the vehicles after an id and writes what changed: call it again with "last" until "rescored" is 0.';
grant execute on function public.rescore_vehicles(uuid, integer) to service_role;
