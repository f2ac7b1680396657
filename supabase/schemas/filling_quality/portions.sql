-- What measure_fill_quality() counts, a portion at a time, so that no call takes long however much came in.

create function private.field_points(p_field text) returns numeric
language sql immutable parallel safe
return case
  when p_field in ('year', 'make', 'model') then 10
  when p_field in ('vin', 'sale_price', 'high_bid', 'asking_price', 'description', 'images') then 15
  when p_field in ('mileage', 'color', 'engine', 'transmission') then 2.5
end;
comment on function private.field_points(text) is
  'What a field is worth in the score of a vehicle to which it applies; null for a field that the score does not know.';
grant execute on function private.field_points(text) to authenticated, service_role;

create function private.count_quality_of_vehicles(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz, p_after uuid, p_limit integer
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_has_images boolean := (select galleries <> 'none' from public.fill_policy);
  v_last jsonb;
begin
  delete from private.fill_quality_portions where cycle_id = p_cycle_id and part = 'vehicles' and portion = p_portion;
  with next as materialized (
    select
      v.id, v.created_at, v.source_host,
      private.price_field(v.sale_status) as price,
      q.missing_fields, q.low_confidence_fields,
      private.has_landed(v) as landed,
      -- What waits for its first try is not known to be missing.
      v_has_images and not ('images' = any (q.missing_fields) and exists (
        select from public.image_downloads d
        where d.vehicle_id = v.id and d.status in ('pending', 'leased') and d.attempts <= (d.status = 'leased')::integer
      )) as has_images
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where v.created_at >= p_from
      and v.created_at < p_until
      and (p_after is null or (v.created_at, v.id) > (p_from, p_after))
      and v.source_host is not null
    order by v.created_at, v.id
    limit p_limit
  ),
  counted as (
    select
      n.source_host, f.field,
      count(*) as of,
      count(*) filter (where f.field <> all (n.missing_fields || n.low_confidence_fields)) as held,
      count(*) filter (where f.field = any (n.low_confidence_fields)) as unsure
    from next n
    cross join lateral unnest(
      array['year', 'make', 'model', 'vin', n.price, 'description', 'mileage', 'color', 'engine', 'transmission']
        || case when n.has_images then array['images'] else '{}' end
    ) f(field)
    where n.landed
    group by 1, 2
  ),
  written as (
    insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
    select
      p_cycle_id, 'vehicles', p_portion, source_host,
      jsonb_build_object(
        'vehicles', max(of), -- the year applies to each
        'fields', jsonb_object_agg(field, jsonb_build_object('of', of, 'held', held, 'unsure', unsure)))
    from counted
    group by source_host
    order by source_host
    on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
  )
  select jsonb_build_object('from', n.created_at, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.created_at desc, n.id desc
  limit 1;
  return v_last;
end
$$;
comment on function private.count_quality_of_vehicles(text, integer, timestamptz, timestamptz, uuid, integer) is
  'Counts, by host and field, what the next vehicles hold that came into being in a time. Gives where to go on, as {from, after}; null after the last.';

create function private.count_requests_of_cycle(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz
) returns void
language sql
set search_path = ''
as $$
  insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
  select
    p_cycle_id, 'requests', p_portion, h.host,
    jsonb_build_object(
      'asked', count(*),
      'failed', count(*) filter (where not private.was_read(h.outcome) and not private.is_final(h.outcome)))
  from public.scraping_health h
  where h.created_at >= p_from and h.created_at < p_until and h.host is not null
  group by h.host
  on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
$$;
comment on function private.count_requests_of_cycle(text, integer, timestamptz, timestamptz) is
  'Counts, by host, the requests of a time and how many of them brought nothing of use.';

create function private.count_readings_of_cycle(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz
) returns void
language sql
set search_path = ''
as $$
  insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
  select
    p_cycle_id, 'readings', p_portion, s.source,
    jsonb_build_object('read', count(*), 'worked', count(*) filter (where s.status = 'success'))
  from public.scrape_steps s
  where s.created_at >= p_from
    and s.created_at < p_until
    and s.source is not null
    and s.step_name in ('extract_data', 'read_again')
    and (s.status = 'success' or (s.status = 'failed' and not private.is_final(s.outcome_code)))
  group by s.source
  on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
$$;
comment on function private.count_readings_of_cycle(text, integer, timestamptz, timestamptz) is
  'Counts, by host, the listings that were read in a time and how many of them could be.';

grant execute on function
  private.count_quality_of_vehicles(text, integer, timestamptz, timestamptz, uuid, integer),
  private.count_requests_of_cycle(text, integer, timestamptz, timestamptz),
  private.count_readings_of_cycle(text, integer, timestamptz, timestamptz)
to service_role;
