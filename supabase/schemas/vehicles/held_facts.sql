-- What is held of a vehicle, as workers are told it.

create function private.held_facts(v public.vehicles) returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
  'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim, 'vin', v.vin,
  'mileage', v.mileage, 'color', v.color, 'interior_color', v.interior_color,
  'engine', v.engine, 'transmission', v.transmission, 'drivetrain', v.drivetrain,
  'body_style', v.body_style, 'sale_price', v.sale_price, 'high_bid', v.high_bid,
  'asking_price', v.asking_price, 'currency', v.currency, 'sale_status', v.sale_status,
  'sale_date', v.sale_date, 'seller_name', v.seller_name, 'location', v.location,
  'description', v.description
));
comment on function private.held_facts(public.vehicles) is 'The facts held of a vehicle; those that it has not are left out.';

create function private.with_vehicles(p_rows jsonb) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(r.of_queue || jsonb_build_object('vehicle', case when v.id is not null then jsonb_build_object(
      'id', v.id, 'listing_url', v.listing_url, 'source_host', v.source_host,
      'description_source', v.description_source, 'held', private.held_facts(v)) end) order by r.place), '[]')
    from jsonb_array_elements(p_rows) with ordinality r(of_queue, place)
    left join public.vehicles v on v.id = (r.of_queue ->> 'vehicle_id')::uuid
  );
end
$$;
comment on function private.with_vehicles(jsonb) is
  'Rows of a queue, each with its vehicle: {id, listing_url, source_host, description_source, held}, or null where it has none.';
grant execute on function private.held_facts(public.vehicles), private.with_vehicles(jsonb) to service_role;
