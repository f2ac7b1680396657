create function private.fact_columns() returns text[]
language sql immutable parallel safe
return array[
  'year', 'make', 'model', 'trim', 'vin', 'mileage', 'color', 'interior_color', 'engine',
  'transmission', 'drivetrain', 'body_style', 'sale_price', 'high_bid', 'asking_price', 'currency',
  'sale_status', 'sale_date', 'seller_name', 'location', 'description'
];
comment on function private.fact_columns() is 'The columns of vehicles that hold facts.';
grant execute on function private.fact_columns() to authenticated, service_role;

create function private.rejected_values(p_state jsonb, p_old text, p_new text) returns jsonb
language sql immutable parallel safe
return (
  select jsonb_agg(distinct r)
  from jsonb_array_elements(coalesce(p_state -> 'rejected', '[]') || jsonb_build_array(p_old)) r
  where r <> 'null' and r <> to_jsonb(coalesce(p_new, ''))
);
comment on function private.rejected_values(jsonb, text, text) is
  'The values that a person took away from a field, with the one that goes now and without the one that comes.';
grant execute on function private.rejected_values(jsonb, text, text) to service_role;

create function private.is_written_by_a_person() returns boolean
language sql stable
return coalesce(current_setting('vehicles.writer', true), '') not in ('apply_extractions', 'import')
  and coalesce(current_setting('vehicles.importing', true), '') <> 'on';
comment on function private.is_written_by_a_person() is
  'Whether the facts written now come from a person, by hand or by a script. Who loads what another system held, for pages to correct, sets vehicles.writer to import in the transaction.';
grant execute on function private.is_written_by_a_person() to service_role;

create function private.is_auction_host(p_host text) returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(p_host = 'bringatrailer.com', false)
    or exists (select from public.scrape_sources where kind = 'auction' and hosts @> array[p_host])
$$;
comment on function private.is_auction_host(text) is 'Whether the listings of a host are auctions.';
grant execute on function private.is_auction_host(text) to service_role;

create function private.note_manual_inserts() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new jsonb := to_jsonb(new);
begin
  -- What an auction came to is what its own page says: a row that was made with a wrong sale is there to be repaired.
  if private.is_auction_host(private.url_host(new.discovery_url)) then
    v_new := v_new - array['sale_price', 'high_bid', 'sale_status', 'sale_date'];
  end if;
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
comment on function private.note_manual_inserts() is
  'A fact inserted outside an import was set by a person, as one that is edited: confidence 1, method manual, kept from then on; but for what an auction came to, which its page says.';
revoke execute on function private.note_manual_inserts() from public;

create trigger note_manual_inserts
  before insert on public.vehicles
  for each row when (private.is_written_by_a_person())
  execute function private.note_manual_inserts();

create function private.note_inserted_provenance() returns trigger
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
comment on function private.note_inserted_provenance() is 'The history of a value that a person inserted begins with it.';
revoke execute on function private.note_inserted_provenance() from public;

create trigger note_inserted_provenance
  after insert on public.vehicles
  referencing new table as added
  for each statement when (private.is_written_by_a_person())
  execute function private.note_inserted_provenance();

create function private.note_manual_edits() returns trigger
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
comment on function private.note_manual_edits() is
  'A fact changed outside apply_extractions() was set by a person: confidence 1, method manual, kept from then on.';
create trigger note_manual_edits
  before update of
    year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain,
    body_style, sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name,
    location, description
  on public.vehicles
  for each row execute function private.note_manual_edits();
