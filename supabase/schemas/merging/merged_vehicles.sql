-- Two vehicles that a person says are one: nothing that is known of either is lost.

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
grant execute on function private.take_facts(public.vehicles, public.vehicles, boolean) to service_role;

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
grant execute on function private.take_history(uuid, uuid, text[]) to service_role;

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
grant execute on function private.take_images(uuid, uuid) to service_role;
