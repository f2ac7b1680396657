-- What a merge changes, kept so that it can be taken back.

create function private.before_merge(k public.vehicles, o public.vehicles, p_order text) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
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
    'kept_imports', (
      select coalesce(jsonb_object_agg(q.id, q.vehicle_id), '{}')
      from public.import_queue q
      where q.canonical_url in (k.canonical_url, o.canonical_url) and q.vehicle_id is distinct from o.id),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = o.id),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = o.id),
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
  )
$$;
comment on function private.before_merge(public.vehicles, public.vehicles, text) is
  'Both vehicles as they are before the second goes into the first.';
grant execute on function private.before_merge(public.vehicles, public.vehicles, text) to service_role;

create function private.order_of_offers(p_keep uuid, p_other uuid) returns text
language sql stable
set search_path = ''
as $$
  select case
    when max(ends_at) filter (where vehicle_id = p_other)
      > coalesce(max(ends_at) filter (where vehicle_id = p_keep), '-infinity') then 'later'
    when count(*) filter (where vehicle_id = p_other) > 0 and count(*) filter (where vehicle_id = p_keep) > 0 then 'earlier'
  end
  from public.auction_events
  where vehicle_id in (p_keep, p_other)
$$;
comment on function private.order_of_offers(uuid, uuid) is
  'Whether the auctions of the second vehicle are later or earlier than those of the first; null when one has none.';
grant execute on function private.order_of_offers(uuid, uuid) to service_role;
