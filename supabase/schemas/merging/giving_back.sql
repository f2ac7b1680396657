-- A merge is taken back with what vehicle_merges kept of it, whichever came after it. What a later merge took stays;
-- that one then goes back to what this one would have left (as a link is taken out of a list).

create function private.is_as_given(p_field text, p_held jsonb, p_given jsonb) returns boolean
language sql immutable parallel safe
return p_held -> p_field is not distinct from p_given -> p_field
  and (
    coalesce(p_held -> 'field_state' -> p_field ->> 'method', '') not like 'manual%'
    or p_held -> 'field_state' -> p_field is not distinct from p_given -> 'field_state' -> p_field
  );
comment on function private.is_as_given(text, jsonb, jsonb) is
  'Whether a row still holds the fact that another gave it, and no person has set it since.';
grant execute on function private.is_as_given(text, jsonb, jsonb) to service_role;

create function private.without_image_urls(p_metadata jsonb, p_urls jsonb, p_before jsonb) returns jsonb
language sql immutable parallel safe
return case
  when p_urls = '[]' or not p_metadata ? 'image_urls' then p_metadata
  else (
    select case
      when left_over.urls = private.image_url_list(p_before -> 'image_urls') then
        (p_metadata - array['image_urls', 'image_count']) || jsonb_strip_nulls(jsonb_build_object(
          'image_urls', p_before -> 'image_urls', 'image_count', p_before -> 'image_count'))
      else p_metadata || jsonb_build_object('image_urls', left_over.urls, 'image_count', jsonb_array_length(left_over.urls))
    end
    from (
      select coalesce(jsonb_agg(u.value order by u.place), '[]') as urls
      from jsonb_array_elements(private.image_url_list(p_metadata -> 'image_urls')) with ordinality u(value, place)
      where not p_urls ? (u.value #>> '{}')
    ) left_over
  )
end;
comment on function private.without_image_urls(jsonb, jsonb, jsonb) is
  'origin_metadata without these image URLs; where what is left is what stood there before, as it stood there.';
grant execute on function private.without_image_urls(jsonb, jsonb, jsonb) to service_role;

create function private.urls_brought(p_before jsonb) returns jsonb
language sql immutable parallel safe
return (
  select coalesce(jsonb_agg(d -> 'url'), '[]')
  from jsonb_array_elements(p_before -> 'downloads') d
  where not p_before -> 'kept_urls' ? (d ->> 'url')
);
comment on function private.urls_brought(jsonb) is 'The image URLs that a vehicle has from a merge, of which this was kept.';
grant execute on function private.urls_brought(jsonb) to service_role;

create function private.provenance_brought(p_keep uuid, p_before jsonb) returns setof public.extraction_metadata
language sql stable
set search_path = ''
as $$
  select m.*
  from jsonb_populate_recordset(null::public.extraction_metadata, p_before -> 'metadata') t
  join public.extraction_metadata m
    on m.vehicle_id = p_keep
    and m.field_name = t.field_name
    and m.value_hash = t.value_hash
    and m.extraction_method = t.extraction_method
    and m.scraper_version is not distinct from t.scraper_version
  where not p_before -> 'kept_metadata' ? m.id::text
$$;
comment on function private.provenance_brought(uuid, jsonb) is
  'The provenance that a vehicle has from a merge, of which this was kept.';
grant execute on function private.provenance_brought(uuid, jsonb) to service_role;

create function private.give_back_facts(
  k public.vehicles, m public.vehicle_merges, p_later public.vehicle_merges[], p_urls jsonb
) returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_taken_later text[] := array(select distinct f from unnest(p_later) l, unnest(l.fields_taken) f);
  v_listings bigint[] := private.listings_brought(m);
  v_fields text[] := array(
    select f
    from unnest(m.fields_taken) f
    where f <> all (v_taken_later) and private.is_as_given(f, to_jsonb(k), m.merged_vehicle)
    union
    -- What was read since from a listing that leaves.
    select f
    from unnest(private.fact_columns()) f
    where f <> all (v_taken_later) and (k.field_state -> f ->> 'listing')::bigint = any (v_listings));
  v_row jsonb := private.with_facts(to_jsonb(k), m.before -> 'kept', v_fields);
begin
  if v_row <> to_jsonb(k) then
    perform private.write_facts(k.id, v_row);
  end if;
  if p_urls <> '[]' then
    update public.vehicles
    set origin_metadata = private.without_image_urls(origin_metadata, p_urls, m.before -> 'kept' -> 'origin_metadata')
    where id = k.id;
  end if;
  return v_fields;
end
$$;
comment on function private.give_back_facts(public.vehicles, public.vehicle_merges, public.vehicle_merges[], jsonb) is
  'Gives the vehicle that was kept the facts that it held before the merge, but for what its own pages or a person said, or was taken from another, since, and takes these image URLs from it. Gives the names of the facts.';
grant execute on function private.give_back_facts(public.vehicles, public.vehicle_merges, public.vehicle_merges[], jsonb)
  to service_role;

create function private.give_back_provenance(p_keep uuid, p_before jsonb, p_later public.vehicle_merges[], p_fields text[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- What was read since from a listing that leaves is read anew for the vehicle that it goes to.
  delete from public.extraction_metadata m
  using public.vehicle_listings l
  where m.vehicle_id = p_keep
    and not p_before -> 'kept_metadata' ? m.id::text
    and l.vehicle_id = p_keep
    and p_before -> 'listings' @> to_jsonb(l.id)
    and public.canonical_listing_url(m.source_url) = l.canonical_url
    and m.extracted_at > l.first_seen_at
    and not exists (
      select from private.provenance_brought(p_keep, p_before) b where b.id = m.id);
  -- A row that a later merge brought, too, is that one's from now on.
  with brought as materialized (
    select b.* from private.provenance_brought(p_keep, p_before) b
  ),
  shared as materialized (
    select distinct on (b.id) b.id as held_id, t.*
    from unnest(p_later) l
    cross join lateral jsonb_populate_recordset(null::public.extraction_metadata, l.before -> 'metadata') t
    join brought b
      on b.field_name = t.field_name
      and b.value_hash = t.value_hash
      and b.extraction_method = t.extraction_method
      and b.scraper_version is not distinct from t.scraper_version
    order by b.id, l.number
  ),
  passed_on as (
    update public.extraction_metadata m
    set field_value = s.field_value, previous_value = s.previous_value, confidence_score = s.confidence_score,
        evidence = s.evidence, source_url = s.source_url, snapshot_id = s.snapshot_id,
        extracted_at = s.extracted_at, last_confirmed_at = s.last_confirmed_at, reading_way = s.reading_way,
        declared_confidence = s.declared_confidence, calibration_version = s.calibration_version
    from shared s
    where m.id = s.held_id
  )
  delete from public.extraction_metadata m
  using brought b
  where m.id = b.id and not exists (select from shared s where s.held_id = b.id);

  update public.extraction_metadata m
  set validation_status = h.value
  from jsonb_each_text(p_before -> 'kept_metadata') h
  where m.id = h.key::bigint
    and m.vehicle_id = p_keep
    and m.field_name = any (p_fields)
    and m.validation_status in ('superseded', 'accepted', 'retracted')
    and m.validation_status <> h.value;
end
$$;
comment on function private.give_back_provenance(uuid, jsonb, public.vehicle_merges[], text[]) is
  'Takes from the vehicle that was kept the provenance that it had from the merge; of the fields that it got back its own stands again.';
grant execute on function private.give_back_provenance(uuid, jsonb, public.vehicle_merges[], text[]) to service_role;

create function private.give_back_images(p_keep uuid, p_other uuid, p_before jsonb, p_urls jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.vehicle_images i
  set vehicle_id = p_other, is_primary = t.is_primary
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where i.id = t.id and i.vehicle_id = p_keep;
  -- Pictures that both had went with the row; their files are the kept vehicle's still.
  insert into public.vehicle_images
  select t.*
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where exists (
    select from public.vehicle_images i
    where i.content_hash = t.content_hash and i.storage_path = t.storage_path)
  on conflict do nothing;

  delete from public.image_downloads where vehicle_id = p_other; -- as an insert makes them: none was tried
  insert into public.image_downloads (
    vehicle_id, url, position, wave, status, attempts, next_attempt_at, outcome, http_status, last_error,
    last_attempt_at, blocked_days, last_blocked_on, content_hash, duplicate_of, created_at)
  select t.vehicle_id, t.url, t.position, t.wave,
    case t.status when 'leased' then 'pending' else t.status end, t.attempts,
    case t.status when 'leased' then now() else t.next_attempt_at end, t.outcome, t.http_status,
    t.last_error, t.last_attempt_at, t.blocked_days, t.last_blocked_on, t.content_hash, t.duplicate_of, t.created_at
  from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'downloads') t;

  -- What the merge settled of the vehicle's own waits again; so does what was found equal to a picture that goes.
  update public.image_downloads d
  set status = t.status, attempts = t.attempts, next_attempt_at = t.next_attempt_at, outcome = t.outcome,
      last_attempt_at = t.last_attempt_at, content_hash = null
  from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'kept_downloads') t
  where d.vehicle_id = p_keep
    and d.url = t.url
    and d.status = 'stored'
    and not exists (
      select from public.vehicle_images i where i.vehicle_id = p_keep and i.content_hash = d.content_hash);
  update public.image_downloads
  set status = 'pending', next_attempt_at = now(), content_hash = null, duplicate_of = null
  where vehicle_id = p_keep and p_urls ? duplicate_of and not p_urls ? url;
  delete from public.image_downloads d where d.vehicle_id = p_keep and p_urls ? d.url;
end
$$;
comment on function private.give_back_images(uuid, uuid, jsonb, jsonb) is
  'Gives the vehicle that comes back its pictures and the state of each of its image URLs; p_urls are those that the kept one has from it alone.';
grant execute on function private.give_back_images(uuid, uuid, jsonb, jsonb) to service_role;

create function private.merge_without(
  l public.vehicle_merges, m public.vehicle_merges, p_fields text[], p_urls jsonb, p_rows text[]
) returns public.vehicle_merges
language plpgsql stable
set search_path = ''
as $$
declare
  v_fields text[] := array(
    select f
    from unnest(p_fields) f
    where private.is_as_given(f, l.before -> 'kept', m.merged_vehicle));
  v_kept jsonb := private.with_facts(l.before -> 'kept', m.before -> 'kept', v_fields);
begin
  v_kept := v_kept || jsonb_build_object('origin_metadata', private.without_image_urls(
    v_kept -> 'origin_metadata', p_urls, m.before -> 'kept' -> 'origin_metadata'));
  if v_kept -> 'listing_url' = m.merged_vehicle -> 'listing_url' then
    v_kept := v_kept || jsonb_build_object(
      'listing_url', m.before -> 'kept' -> 'listing_url', 'listing_ended_at', m.before -> 'kept' -> 'listing_ended_at');
  end if;
  l.before := l.before || jsonb_build_object(
    'kept', v_kept,
    'kept_urls', (l.before -> 'kept_urls') - array(select jsonb_array_elements_text(p_urls)),
    'kept_metadata', ((l.before -> 'kept_metadata') - p_rows) || (
      select coalesce(jsonb_object_agg(h.key, h.value), '{}')
      from jsonb_each(m.before -> 'kept_metadata') h
      join public.extraction_metadata r on r.id = h.key::bigint
      where r.field_name = any (v_fields) and l.before -> 'kept_metadata' ? h.key));
  return l;
end
$$;
comment on function private.merge_without(public.vehicle_merges, public.vehicle_merges, text[], jsonb, text[]) is
  'What a later merge would have kept of the vehicle, had this one not been: its facts in these fields, and neither these image URLs nor these rows of provenance.';
grant execute on function private.merge_without(public.vehicle_merges, public.vehicle_merges, text[], jsonb, text[]) to service_role;
