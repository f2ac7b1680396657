create function private.apply_facts(v public.vehicles, p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_method text := coalesce(p_item ->> 'method', 'unknown');
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_decisions jsonb;
  v_values jsonb;
  v_states jsonb;
  v_changes jsonb;
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  -- A vehicle that was listed again stands on its newer listing: what becomes of the older one does not end it.
  v_own_listing boolean := coalesce(v_url = public.canonical_listing_url(v.listing_url), true);
begin
  select d.decisions, d.new_values, d.states, d.changes
  into v_decisions, v_values, v_states, v_changes
  from private.decide_facts(v, p_item) d;
  perform private.note_provenance(array[v.id], array[p_item], array[v_decisions], array[v_values]);
  if v_values <> '{}' or v_states <> '{}'
    or (v_own_listing and v_outcome = 'gone' and v.listing_ended_at is null)
    or (v_own_listing and v_outcome = 'ok' and v.listing_ended_at is not null)
  then
    v := jsonb_populate_record(v, v_values);
    perform set_config('vehicles.writer', 'apply_extractions', true);
    perform set_config('vehicles.rescore', 'by the writer', true);
    update public.vehicles
    set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
        color = v.color, interior_color = v.interior_color, engine = v.engine,
        transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
        sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
        currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
        seller_name = v.seller_name, location = v.location, description = v.description,
        description_source = case
          when v.description is null then null
          when v_values ? 'description' then coalesce(p_item -> 'facts' -> 'description' ->> 'method', v_method)
          else description_source
        end,
        field_state = field_state || v_states,
        listing_ended_at = case
          when v_own_listing and v_outcome = 'gone' then coalesce(listing_ended_at, now())
          when v_own_listing and v_outcome = 'ok' then null
          else listing_ended_at
        end
    where id = v.id;
    perform set_config('vehicles.writer', '', true);
  end if;

  return jsonb_build_object('changes', v_changes, 'rescore', v_values <> '{}' or v_states <> '{}')
    || private.decided_fields(v_decisions);
end
$$;
comment on function private.apply_facts(public.vehicles, jsonb) is
  'Merges the facts of a reading: values, states, provenance. Gives what changed, the fields that were filled, corrected, cleared, confirmed or are in conflict, and whether the score must be counted anew.';
grant execute on function private.apply_facts(public.vehicles, jsonb) to service_role;
