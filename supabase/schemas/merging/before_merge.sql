-- What a merge changes, kept so that it can be taken back.

create function private.before_merge(k public.vehicles, o public.vehicles, p_order text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'kept', to_jsonb(k),
    'order', p_order,
    'kept_urls', (select coalesce(jsonb_agg(d.url), '[]') from public.image_downloads d where d.vehicle_id = k.id),
    'kept_metadata', (
      select coalesce(jsonb_object_agg(m.id, m.validation_status), '{}')
      from public.extraction_metadata m where m.vehicle_id = k.id),
    'metadata', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.extraction_metadata m where m.vehicle_id = o.id),
    'auctions', (select coalesce(jsonb_agg(e.id), '[]') from public.auction_events e where e.vehicle_id = o.id),
    'steps', (select coalesce(jsonb_agg(s.id), '[]') from public.scrape_steps s where s.vehicle_id = o.id),
    'imports', (select coalesce(jsonb_agg(q.id), '[]') from public.import_queue q where q.vehicle_id = o.id),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = o.id),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = o.id),
    'listings', (select coalesce(jsonb_agg(l.id), '[]') from public.vehicle_listings l where l.vehicle_id = o.id),
    'addresses', (
      select coalesce(jsonb_agg(to_jsonb(r)), '[]') from public.remembered_addresses r where r.vehicle_id = o.id),
    'pairs', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
      from (
        select * from public.vehicle_merge_candidates where vehicle_id = o.id
        union all
        select * from public.vehicle_merge_candidates where other_vehicle_id = o.id
      ) c
      where c.status <> 'open' and k.id not in (c.vehicle_id, c.other_vehicle_id))
  );
end
$$;
comment on function private.before_merge(public.vehicles, public.vehicles, text) is
  'Both vehicles as they are before the second goes into the first.';
grant execute on function private.before_merge(public.vehicles, public.vehicles, text) to service_role;

create function private.order_of_offers(k public.vehicles, o public.vehicles) returns text
language sql stable
set search_path = ''
as $$
  select case
    when l.of_other then 'later'
    when l.id is not null
      and exists (select from public.vehicle_listings where vehicle_id = k.id)
      and exists (select from public.vehicle_listings where vehicle_id = o.id) then 'earlier'
  end
  from (select private.current_listing(array[k.id, o.id]) as id) c
  left join lateral (
    select w.id, w.vehicle_id = o.id as of_other from public.vehicle_listings w where w.id = c.id
  ) l on true
$$;
comment on function private.order_of_offers(public.vehicles, public.vehicles) is
  'Whether the listing that the sale fields of both together follow is the second vehicle''s (later) or the first''s (earlier); null when one has none.';
grant execute on function private.order_of_offers(public.vehicles, public.vehicles) to service_role;
