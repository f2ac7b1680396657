create function private.vehicles_on_host(p_host text, p_after uuid, p_limit bigint)
returns table (id uuid, listing_url text)
language plpgsql stable rows 1000 -- its plan is kept
set search_path = ''
as $$
declare
  v_after uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
begin
  return query
  select i.id, coalesce(l.listing_url, v.discovery_url)
  from (
    -- Those found there, also of a release before there were listings, and those that have another listing there.
    (select f.id from public.vehicles f where f.source_host = p_host and f.id > v_after order by f.id limit p_limit)
    union
    (
      select a.vehicle_id
      from public.vehicle_listings a
      where a.source_host = p_host and a.vehicle_id > v_after
      order by a.vehicle_id
      limit p_limit
    )
    order by 1
    limit p_limit
  ) i
  join public.vehicles v on v.id = i.id
  left join lateral (
    select w.listing_url
    from public.vehicle_listings w
    where w.vehicle_id = i.id and w.source_host = p_host
    order by w.listed_at desc, w.id desc
    limit 1
  ) l on true
  order by 1;
end
$$;
comment on function private.vehicles_on_host(text, uuid, bigint) is
  'The next vehicles, by id, that have a listing on a host, and the newest of these.';
grant execute on function private.vehicles_on_host(text, uuid, bigint) to service_role;

create function private.next_listing_host(p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
begin
  return least(
    (select v.source_host from public.vehicles v where v.source_host > p_after order by v.source_host limit 1),
    (select l.source_host from public.vehicle_listings l where l.source_host > p_after order by l.source_host limit 1));
end
$$;
comment on function private.next_listing_host(text) is 'The next host, by name, on which a vehicle has a listing.';
grant execute on function private.next_listing_host(text) to service_role;
