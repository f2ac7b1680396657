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

create function private.vehicles_to_sync(p_vehicle_ids uuid[]) returns setof uuid
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
comment on function private.vehicles_to_sync(uuid[]) is
  'Which of these have a score, a state or a mark that is not what their facts and images say.';
grant execute on function private.vehicles_to_sync(uuid[]) to service_role;

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
  v_stale := array(select id from private.vehicles_to_sync(v_ids) id);
  perform from public.vehicles where id = any (v_stale) order by id for no key update;
  perform private.vehicles_changed(v_stale);
  return jsonb_build_object(
    'rescored', cardinality(v_ids), 'changed', cardinality(v_stale), 'last', v_ids[cardinality(v_ids)]);
end
$$;
comment on function public.rescore_vehicles(uuid, integer) is
  'Rescores a portion of the vehicles after an id and writes what changed: call it again with "last" until "rescored" is 0.';
grant execute on function public.rescore_vehicles(uuid, integer) to service_role;
