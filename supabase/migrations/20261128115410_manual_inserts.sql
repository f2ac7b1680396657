-- Manual inserts.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.is_written_by_a_person() returns boolean
language sql stable
return coalesce(current_setting('vehicles.writer', true), '') not in ('apply_extractions', 'import')
  and coalesce(current_setting('vehicles.importing', true), '') <> 'on';

create or replace function private.note_inserted_provenance() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.extraction_metadata
    (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status)
  select v.id, s.key, v.held ->> s.key, 'manual', 1, 'accepted'
  from (
    select id, field_state, to_jsonb(added) - array['field_state', 'origin_metadata'] as held from added
    offset 0 -- once a row
  ) v
  cross join lateral jsonb_each(v.field_state) s
  where s.value ->> 'method' = 'manual'
    and s.key = any (private.fact_columns())
    and v.held ->> s.key is not null
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do nothing;
  return null;
end
$$;

create or replace function private.note_manual_edits() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new jsonb;
  v_old jsonb;
  v_changed text[];
begin
  if not private.is_written_by_a_person() then
    return new;
  end if;

  v_new := to_jsonb(new);
  v_old := to_jsonb(old);
  v_changed := array(
    select f from unnest(private.fact_columns()) f where v_new -> f is distinct from v_old -> f
  );
  if v_changed = '{}' then
    return new;
  end if;

  -- A value that a person took away is remembered, so that no scraper brings it back.
  new.field_state := new.field_state || (
    select jsonb_object_agg(f, jsonb_strip_nulls(jsonb_build_object(
      'rejected', private.rejected_values(old.field_state -> f, v_old ->> f, v_new ->> f)
    )) || case
      when v_new ->> f is null then jsonb_build_object('why', 'removed_by_hand', 'at', now())
      else jsonb_build_object('confidence', 1, 'method', 'manual', 'at', now())
    end)
    from unnest(v_changed) f
  );
  if 'description' = any (v_changed) then
    new.description_source := case when new.description is not null then 'manual' end;
  end if;

  update public.extraction_metadata m
  set validation_status = case when v_new ->> m.field_name is null then 'rejected' else 'superseded' end
  where m.vehicle_id = new.id
    and m.field_name = any (v_changed)
    and m.validation_status in ('accepted', 'conflict'); -- a person has decided

  insert into public.extraction_metadata as held
    (vehicle_id, field_name, field_value, previous_value, extraction_method, confidence_score, validation_status)
  select new.id, f, v_new ->> f, v_old ->> f, 'manual', 1, 'accepted'
  from unnest(v_changed) f
  where v_new ->> f is not null
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set previous_value = excluded.previous_value,
      validation_status = 'accepted',
      last_confirmed_at = now();
  return new;
end
$$;

create or replace function private.note_manual_inserts() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new jsonb := to_jsonb(new);
begin
  -- Who says how sure a value is, and where it comes from, is believed.
  new.field_state := (
    select coalesce(jsonb_object_agg(f, jsonb_build_object('confidence', 1, 'method', 'manual', 'at', now())), '{}')
    from unnest(private.fact_columns()) f
    where v_new ->> f is not null
  ) || new.field_state;
  if new.description is not null then
    new.description_source := coalesce(new.description_source, 'manual');
  end if;
  return new;
end
$$;

create or replace function public.release_field(p_vehicle_id uuid, p_field text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  v_state jsonb;
  m public.extraction_metadata;
begin
  if p_field is null or p_field <> all (private.fact_columns()) then
    raise exception 'vehicles have no field "%"', p_field
      using errcode = '22023', hint = 'fields are ' || array_to_string(private.fact_columns(), ', ');
  end if;
  select * into v from public.vehicles where id = p_vehicle_id for no key update;
  if not found then
    raise exception 'no vehicle has the id %', p_vehicle_id using errcode = 'P0002';
  end if;
  v_state := coalesce(v.field_state -> p_field, '{}');
  if coalesce(v_state ->> 'method', '') not like 'manual%'
    and not v_state ? 'rejected' and coalesce(v_state ->> 'why', '') <> 'removed_by_hand'
  then
    return jsonb_build_object('released', false, 'old', to_jsonb(v) -> p_field, 'new', to_jsonb(v) -> p_field);
  end if;

  -- What a page said last, whether a person overruled it or rejected it, is held from now on; without such a
  -- reading the value stays until a page says another.
  select * into m
  from public.extraction_metadata
  where vehicle_id = p_vehicle_id
    and field_name = p_field
    and field_value is not null
    and extraction_method not like 'manual%'
  order by last_confirmed_at desc, id desc
  limit 1;
  update public.extraction_metadata
  set validation_status = 'superseded'
  where vehicle_id = p_vehicle_id
    and field_name = p_field
    and (extraction_method like 'manual%' or id <> m.id)
    and validation_status in ('accepted', 'conflict');
  update public.extraction_metadata set validation_status = 'accepted' where id = m.id;

  perform set_config('vehicles.writer', 'apply_extractions', true); -- the provenance is written here
  execute format(
    $sql$
      update public.vehicles
      set %1$I = case when $2 is null then %1$I
            else (jsonb_populate_record(null::public.vehicles, jsonb_build_object(%1$L, $2))).%1$I end,
          description_source = case when %1$L = 'description' and $2 is not null then $4 else description_source end,
          field_state = (field_state - %1$L) || $3
      where id = $1
    $sql$, p_field)
  using p_vehicle_id, m.field_value,
    case when m.id is null then '{}' else jsonb_build_object(p_field, jsonb_build_object(
      'confidence', m.confidence_score, 'method', m.extraction_method, 'version', m.scraper_version,
      'source', private.url_host(m.source_url), 'at', now(), 'page_at', m.last_confirmed_at)) end,
    m.extraction_method;
  perform set_config('vehicles.writer', '', true);
  perform public.reopen_micro_scrape(array[p_vehicle_id]);
  return jsonb_build_object('released', true, 'old', to_jsonb(v) -> p_field, 'new', (
    select to_jsonb(k) -> p_field from public.vehicles k where k.id = p_vehicle_id));
end
$$;

create trigger note_inserted_provenance
  after insert on public.vehicles referencing new table as added
  for each statement
  execute function private.note_inserted_provenance();

create trigger note_manual_inserts
  before insert on public.vehicles
  for each row
  when (private.is_written_by_a_person())
  execute function private.note_manual_inserts();

comment on function private.is_written_by_a_person() is 'Whether the facts written now come from a person, by hand or by a script. Who loads what another system held, for pages to correct, sets vehicles.writer to import in the transaction.';

comment on function private.note_inserted_provenance() is 'The history of a value that a person inserted begins with it.';

comment on function private.note_manual_inserts() is 'A fact inserted outside an import was set by a person, as one that is edited: confidence 1, method manual, kept from then on.';

comment on function public.release_field(uuid, text) is 'Gives a field that a person set or emptied back to the pages: what a page said last is held at once, and the listing is looked at again. Gives {released, old, new}.';

revoke all on function private.is_written_by_a_person() from public;

grant execute on function private.is_written_by_a_person() to postgres, service_role;

revoke all on function private.note_inserted_provenance() from public;

grant execute on function private.note_inserted_provenance() to postgres;

revoke all on function private.note_manual_inserts() from public;

grant execute on function private.note_manual_inserts() to postgres;

revoke all on function public.release_field(uuid, text) from public;

grant execute on function public.release_field(uuid, text) to postgres, service_role;
