-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function public.sample_listings(p_count integer) returns jsonb
language sql volatile
set search_path = ''
as $$
  select coalesce(jsonb_agg(l.listing_url), '[]')
  from (
    select listing_url
    from public.vehicle_listings
    where id = any (array(
      select 1 + floor(random() * (select max(id) from public.vehicle_listings))::bigint
      from generate_series(1, least(p_count, 100) * 10)))
      and kind <> 'dealer'
      and page_at is not null
      -- Who has so many candidates needs no more.
      and (select count(*) from public.scrape_sources where lifecycle = 'candidate' and found_by = 'page_link') < 200
    limit p_count
  ) l
$$;

comment on function public.sample_listings(integer) is 'Addresses of some listings on marketplaces and auctions, drawn by lot, whose snapshots may name the seller''s own site; none while 200 such sites wait to be probed.';

revoke all on function public.sample_listings(integer) from public;

grant execute on function public.sample_listings(integer) to postgres, service_role;
