-- Looks at every source that the agent may move, and moves those whose behaviour earned it.

create function private.listings_of(p_hosts text[], p_limit integer) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from (select from public.vehicle_listings where source_host = any (p_hosts) and page_at is not null limit p_limit) l
$$;
comment on function private.listings_of(text[], integer) is 'Listings of these hosts that were read, counted up to p_limit.';
grant execute on function private.listings_of(text[], integer) to service_role;

create function private.review_probation(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_source record;
  v_count integer := 0;
begin
  for v_source in -- those in probation are few
    select s.id, s.hosts, s.lifecycle_at, private.listings_of(s.hosts, 50) as landed
    from public.scrape_sources s
    where s.lifecycle = 'probation' and s.is_active
    order by s.slug
  loop
    if v_source.landed >= 50 and private.set_lifecycle(
      v_source.id, 'active', 'fifty of its listings came in', p_cycle_id, jsonb_build_object('listings', v_source.landed))
    then
      update public.scrape_sources set confidence_cap = null, listings_allowed = null where id = v_source.id;
      v_count := v_count + 1;
    elsif v_source.landed < 50 then
      update public.scrape_sources set listings_allowed = least(50, v_source.landed + 20) where id = v_source.id;
    end if;
  end loop;
  return v_count;
end
$$;
comment on function private.review_probation(text) is 'Moves the sources whose probation is over. Gives how many.';
grant execute on function private.review_probation(text) to service_role;

create function private.review_retired(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    select id
    from public.scrape_sources
    where lifecycle = 'retired' and is_active and coalesce(next_look_at, lifecycle_at + interval '1 month') <= now()
    order by slug
  loop
    v_count := v_count + private.set_lifecycle(
      v_id, (select case found_by when 'code' then 'degraded' else 'candidate' end from public.scrape_sources where id = v_id),
      'looked at again after a month', p_cycle_id)::integer;
    update public.scrape_sources set next_look_at = null where id = v_id;
  end loop;
  return v_count;
end
$$;
comment on function private.review_retired(text) is
  'Gives sources that were retired a month ago a second look: one with an adapter is asked again, another is probed anew. Gives how many.';
grant execute on function private.review_retired(text) to service_role;

create function public.review_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'activated', private.review_probation(p_cycle_id),
    'second_looks', private.review_retired(p_cycle_id));
end
$$;
comment on function public.review_sources(text) is
  'Moves sources on by what came of them, each with an event: out of probation, degraded and back, retired, looked at again. Gives how many of each.';
grant execute on function public.review_sources(text) to service_role;
revoke execute on function public.review_sources(text) from public, anon, authenticated;
