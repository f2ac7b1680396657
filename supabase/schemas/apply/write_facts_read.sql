create function private.write_facts_read(
  p_ids uuid[], p_items jsonb[], p_values jsonb[], p_states jsonb[], p_image_urls jsonb[], p_own_listing boolean[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  update public.vehicles v
  set (
        year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
        sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description
      ) = (
        select
          f.year, f.make, f.model, f.trim, f.vin, f.mileage, f.color, f.interior_color, f.engine, f.transmission,
          f.drivetrain, f.body_style, f.sale_price, f.high_bid, f.asking_price, f.currency, f.sale_status, f.sale_date,
          f.seller_name, f.location, f.description
        from jsonb_populate_record(v, r.new_values) f
      ),
      description_source = case
        when r.new_values ->> 'description' is not null
          then coalesce(r.item -> 'facts' -> 'description' ->> 'method', r.item ->> 'method', 'unknown')
        when r.new_values ? 'description' or v.description is null then null
        else v.description_source
      end,
      field_state = v.field_state || r.states,
      origin_metadata = v.origin_metadata || r.image_urls,
      listing_ended_at = case
        when r.own_listing and coalesce(r.item ->> 'outcome', 'ok') = 'ok' then null
        else v.listing_ended_at
      end
  from unnest(p_ids, p_items, p_values, p_states, p_image_urls, p_own_listing)
    r(id, item, new_values, states, image_urls, own_listing)
  where v.id = any (p_ids) -- by the index, whatever the order of the join
    and v.id = r.id
    and (
      r.new_values <> '{}'
      or r.states <> '{}'
      or r.image_urls <> '{}'
      or (r.own_listing and coalesce(r.item ->> 'outcome', 'ok') = 'ok' and v.listing_ended_at is not null)
    );
end
$$;
comment on function private.write_facts_read(uuid[], jsonb[], jsonb[], jsonb[], jsonb[], boolean[]) is
  'Writes on vehicles what was read of them: the values that came to stand, their states, and the image URLs that are new; each vehicle once, and only where there is something. p_own_listing: whether it was read at the listing that the vehicle stands on.';
grant execute on function private.write_facts_read(uuid[], jsonb[], jsonb[], jsonb[], jsonb[], boolean[]) to service_role;
