-- Two vehicles that a person says are one: nothing that is known of either is lost.

create table public.vehicle_merges (
  id uuid primary key default gen_random_uuid(),
  kept_vehicle_id uuid references public.vehicles (id) on delete set null,
  merged_vehicle_id uuid not null,
  merged_vehicle jsonb not null check (jsonb_typeof(merged_vehicle) = 'object'),
  fields_taken text[] not null,
  merged_by text not null,
  note text,
  created_at timestamptz not null default now()
);
comment on table public.vehicle_merges is
  'One row a merge: which vehicle went into which, the row as it was, and who said so.';
create index vehicle_merges_by_kept on public.vehicle_merges (kept_vehicle_id);
create index vehicle_merges_by_merged on public.vehicle_merges (merged_vehicle_id);
alter table public.vehicle_merges enable row level security;
create policy operators_read on public.vehicle_merges
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_merges to authenticated;
grant all on public.vehicle_merges to service_role;

create function private.take_facts(p_keep public.vehicles, p_other public.vehicles, p_other_is_later boolean)
returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(p_keep);
  v_given jsonb := to_jsonb(p_other);
  v_taken text[];
  v public.vehicles;
begin
  -- What is missing; a person's word against a page's; and of two offers the later one.
  v_taken := array(
    select f
    from unnest(private.fact_columns()) f
    where coalesce(p_keep.field_state -> f ->> 'method', '') not like 'manual%'
      and case
        when p_other_is_later and f = any (private.sale_columns()) then v_given -> f is distinct from v_held -> f
        when v_given ->> f is null then false
        else v_held ->> f is null
          or (
            p_other.field_state -> f ->> 'method' like 'manual%'
            and private.normal_value(f, v_given ->> f) <> private.normal_value(f, v_held ->> f)
          )
      end
  );
  v := jsonb_populate_record(p_keep, (
    select coalesce(jsonb_object_agg(f, v_given -> f), '{}') from unnest(v_taken) f));
  perform set_config('vehicles.writer', 'apply_extractions', true); -- not a person's edit: each keeps its provenance
  update public.vehicles
  set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
      color = v.color, interior_color = v.interior_color, engine = v.engine,
      transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
      sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
      currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
      seller_name = v.seller_name, location = v.location, description = v.description,
      description_source = case when 'description' = any (v_taken) then p_other.description_source else description_source end,
      field_state = (field_state - v_taken) || (
        select coalesce(jsonb_object_agg(f, p_other.field_state -> f), '{}')
        from unnest(v_taken) f
        where p_other.field_state ? f)
  where id = p_keep.id;
  perform set_config('vehicles.writer', '', true);
  return v_taken;
end
$$;
comment on function private.take_facts(public.vehicles, public.vehicles, boolean) is
  'Gives a vehicle the facts of another: those that it lacks, those that a person set there, and of its offers those of the later. Gives their names.';

create function private.take_history(p_keep uuid, p_other uuid, p_taken text[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Where the fact was taken its history stands; where it was not, it is a reading that disagrees or agrees.
  update public.extraction_metadata m
  set validation_status = 'superseded'
  where m.vehicle_id = p_keep
    and m.field_name = any (p_taken)
    and m.validation_status in ('accepted', 'conflict');
  insert into public.extraction_metadata (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at
  )
  select
    p_keep, o.field_name, o.field_value, o.previous_value, o.extraction_method, o.scraper_version, o.confidence_score,
    case
      when o.validation_status <> 'accepted' or o.field_name = any (p_taken) then o.validation_status
      when private.normal_value(o.field_name, o.field_value)
        = private.normal_value(o.field_name, (select to_jsonb(k) ->> o.field_name from public.vehicles k where k.id = p_keep))
        then 'superseded'
      when o.field_name = any (private.sale_columns()) then 'superseded'
      else 'conflict'
    end,
    o.evidence, o.source_url, o.snapshot_id, o.extracted_at, o.last_confirmed_at
  from public.extraction_metadata o
  where o.vehicle_id = p_other
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set validation_status = excluded.validation_status
  where excluded.validation_status = 'accepted';

  update public.auction_events set vehicle_id = p_keep where vehicle_id = p_other;
  update public.scrape_steps set vehicle_id = p_keep where vehicle_id = p_other;
  update public.import_queue set vehicle_id = p_keep where vehicle_id = p_other;
end
$$;
comment on function private.take_history(uuid, uuid, text[]) is
  'Gives a vehicle the provenance, the auctions, the steps and the imports of another.';

create function private.take_images(p_keep uuid, p_other uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.store_image_results(
    p_keep, array(select url from public.image_downloads where vehicle_id = p_other order by position, url), '[]');
  update public.vehicle_images i
  set vehicle_id = p_keep,
      is_primary = i.is_primary
        and not exists (select from public.vehicle_images k where k.vehicle_id = p_keep and k.is_primary)
  where i.vehicle_id = p_other
    and not exists (
      select from public.vehicle_images k where k.vehicle_id = p_keep and k.content_hash = i.content_hash);
  -- What moved is not downloaded again.
  update public.image_downloads d
  set status = 'stored', content_hash = o.content_hash, outcome = 'ok', next_attempt_at = null,
      last_attempt_at = o.last_attempt_at, lease_token = null, lease_expires_at = null
  from public.image_downloads o
  where o.vehicle_id = p_other
    and o.status = 'stored'
    and d.vehicle_id = p_keep
    and d.url = o.url
    and d.status = 'pending'
    and not exists (
      select from public.image_downloads s
      where s.vehicle_id = p_keep and s.status = 'stored' and s.content_hash = o.content_hash);
end
$$;
comment on function private.take_images(uuid, uuid) is
  'Gives a vehicle the images and image URLs of another.';

create function public.resolve_merge_candidate(
  p_id uuid, p_decision text, p_note text default null, p_keep uuid default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.vehicle_merge_candidates;
  k public.vehicles;
  o public.vehicles;
  v_later boolean;
  v_taken text[];
  v_by text := coalesce(auth.jwt() ->> 'email', auth.jwt() ->> 'sub', auth.jwt() ->> 'role', current_user);
begin
  if p_decision is null or p_decision not in ('same_vehicle', 'different_vehicles') then
    raise exception 'a decision is same_vehicle or different_vehicles, not "%"', p_decision using errcode = '22023';
  end if;
  select * into c from public.vehicle_merge_candidates where id = p_id;
  if not found then
    raise exception 'no pair of vehicles has the id %: it may have been resolved', p_id using errcode = '22023';
  end if;
  if p_keep is not null and p_keep not in (c.vehicle_id, c.other_vehicle_id) then
    raise exception 'vehicle % is not one of the pair: keep % or %', p_keep, c.vehicle_id, c.other_vehicle_id
      using errcode = '22023';
  end if;
  if p_decision = 'different_vehicles' then
    update public.vehicle_merge_candidates
    set status = p_decision, note = p_note, resolved_at = now()
    where id = p_id;
    return jsonb_build_object('decision', p_decision, 'kept', null, 'merged', null);
  end if;

  perform from public.vehicles where id in (c.vehicle_id, c.other_vehicle_id) order by id for update;
  select * into k
  from public.vehicles
  where id in (c.vehicle_id, c.other_vehicle_id)
  order by (id = p_keep) desc nulls last, created_at, id
  limit 1;
  select * into o from public.vehicles where id in (c.vehicle_id, c.other_vehicle_id) and id <> k.id;
  if not found then
    raise exception 'one of the two vehicles is gone: somebody may have merged them just now' using errcode = '55006';
  end if;
  if private.is_leased(k.id) or private.is_leased(o.id) then
    raise exception 'a worker holds one of the two under lease: try again in a minute' using errcode = '55006';
  end if;

  v_later := coalesce((
    select max(ends_at) filter (where vehicle_id = o.id)
        > coalesce(max(ends_at) filter (where vehicle_id = k.id), '-infinity')
    from public.auction_events
    where vehicle_id in (k.id, o.id)), false);
  perform set_config('vehicles.rescore', 'by the writer', true);
  v_taken := private.take_facts(k, o, v_later);
  perform private.take_history(k.id, o.id, v_taken);
  perform private.take_images(k.id, o.id);
  insert into public.vehicle_merges (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note)
  values (k.id, o.id, to_jsonb(o), v_taken, v_by, p_note);
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  delete from public.vehicles where id = o.id;
  if v_later then
    update public.vehicles set discovery_url = o.discovery_url where id = k.id;
  end if;
  -- Both listings lead to it from now on.
  insert into public.import_queue as held (listing_url, status, vehicle_id, outcome_code, processed_at)
  select u.url, 'complete', k.id, 'ok', now()
  from unnest(array[k.discovery_url, o.discovery_url]) u(url)
  where public.canonical_listing_url(u.url) is not null
  on conflict (canonical_url) do update
  set vehicle_id = excluded.vehicle_id;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('decision', p_decision, 'kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;
comment on function public.resolve_merge_candidate(uuid, text, text, uuid) is
  'A person''s word on a pair of vehicle_merge_candidates: different_vehicles ends the question; same_vehicle makes one of them (p_keep, else the older), with the facts, provenance, auctions, images and listings of both. vehicle_merges keeps the row that went.';

grant execute on function private.take_facts(public.vehicles, public.vehicles, boolean) to service_role;
grant execute on function private.take_history(uuid, uuid, text[]) to service_role;
grant execute on function private.take_images(uuid, uuid) to service_role;
grant execute on function public.resolve_merge_candidate(uuid, text, text, uuid) to service_role;
