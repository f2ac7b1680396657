-- What a request for a new page brings, by host: the last week counts most.

create table private.host_yields (
  host text primary key,
  requests numeric not null default 0 check (requests >= 0),
  vehicles numeric not null default 0 check (vehicles >= 0),
  counted_to timestamptz not null
);
comment on table private.host_yields is
  'One row a host: pages of new listings that were asked for, and vehicles that came of it, both counting half as much every week; up to counted_to.';

create table private.yields_counted (
  only_row boolean primary key default true check (only_row),
  up_to timestamptz not null
);
comment on table private.yields_counted is 'Up to when host_yields is counted.';

alter table private.host_yields enable row level security;
alter table private.yields_counted enable row level security;
grant all on private.host_yields, private.yields_counted to service_role;

create function private.half_left(p_since timestamptz, p_now timestamptz) returns numeric
language sql immutable parallel safe
return 0.5 ^ (greatest(extract(epoch from p_now - p_since), 0) / 604800);
comment on function private.half_left(timestamptz, timestamptz) is 'What is left of a count after this time: a half after a week.';

create function private.smoothed_yield(p_vehicles numeric, p_requests numeric) returns numeric
language sql immutable parallel safe
return (coalesce(p_vehicles, 0) + 5) / (coalesce(p_requests, 0) + 10);
comment on function private.smoothed_yield(numeric, numeric) is
  'New vehicles a request: (vehicles + 5) / (requests + 10), so that a host of which little is known stands in the middle.';

create function private.count_yields() returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz;
  -- Whole slots of ten minutes, and what was being written then is written by now.
  v_to timestamptz := private.metrics_slot(now() - interval '2 minutes');
begin
  insert into private.yields_counted (up_to) values (v_to - interval '7 days') on conflict do nothing;
  select up_to into v_from from private.yields_counted for update;
  if v_from >= v_to then
    return;
  end if;
  insert into private.host_yields as y (host, requests, vehicles, counted_to)
  select host, sum(requests), sum(vehicles), v_to
  from (
    select m.host, m.new_pages * private.half_left(m.began_at, v_to) as requests, 0 as vehicles
    from private.host_metrics m
    where m.began_at >= v_from and m.began_at < v_to and m.new_pages > 0
    union all
    select v.source_host, 0, private.half_left(v.created_at, v_to)
    from public.vehicles v
    where v.created_at >= v_from and v.created_at < v_to and v.source_host is not null
  ) counted
  group by host
  order by host
  on conflict (host) do update
  set requests = y.requests * private.half_left(y.counted_to, excluded.counted_to) + excluded.requests,
      vehicles = y.vehicles * private.half_left(y.counted_to, excluded.counted_to) + excluded.vehicles,
      counted_to = excluded.counted_to;
  delete from private.host_yields where counted_to < v_to - interval '90 days';
  update private.yields_counted set up_to = v_to;
end
$$;
comment on function private.count_yields() is
  'Adds to host_yields what came since it was last counted, in slots of ten minutes.';

grant execute on function
  private.half_left(timestamptz, timestamptz),
  private.smoothed_yield(numeric, numeric),
  private.count_yields()
to service_role;
