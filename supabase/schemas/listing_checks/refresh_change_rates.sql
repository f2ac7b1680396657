-- Every hour: what the looks say of how often things change, and how often it is looked therefore.

create function private.add_up_looks(p_now timestamptz) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz;
  v_to timestamptz := p_now - interval '5 minutes'; -- what is being written still
begin
  select up_to into v_from from private.change_rates_refreshed for update;
  update public.listing_gap_counts
  set (looks, changes, days) = (select looks * f.fade, changes * f.fade, days * f.fade)
  from (
    select 0.5 ^ (extract(epoch from v_to - greatest(v_from, v_to - interval '1 year')) / (45 * 86400)) as fade
  ) f;
  insert into public.listing_gap_counts as held (source_host, kind, age_band, gap_band, looks, changes, days)
  select
    k.source_host, k.kind, k.age_band, private.gap_band(k.gap_days), count(*), count(*) filter (where k.changed),
    sum(k.gap_days)
  from public.listing_looks k
  where k.at >= v_from and k.at < v_to
    and k.gap_days is not null
  group by 1, 2, 3, 4
  on conflict (source_host, kind, age_band, gap_band) do update
  set looks = held.looks + excluded.looks,
      changes = held.changes + excluded.changes,
      days = held.days + excluded.days;
  update private.change_rates_refreshed set up_to = v_to;
end
$$;
comment on function private.add_up_looks(timestamptz) is
  'Adds the looks since the last time to listing_gap_counts, each once, and lets the older ones fade.';
grant execute on function private.add_up_looks(timestamptz) to service_role;

create function private.refresh_change_rates(p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
begin
  perform private.add_up_looks(p_now);
  return private.write_change_rates((
    select coalesce(jsonb_agg(to_jsonb(g)), '[]')
    from (
      select l.source_host, l.kind, private.age_band(p_now - l.listed_at) as age_band, count(*) as listings
      from public.vehicle_listings l
      where l.status = 'for_sale'
      group by 1, 2, 3
    ) g
  ));
end
$$;
comment on function private.refresh_change_rates(timestamptz) is
  'Adds up the looks since the last time, and writes the rate and the interval of every group. Gives how many groups; called every hour.';
grant execute on function private.refresh_change_rates(timestamptz) to service_role;

create function private.write_change_rates(p_listings jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with listings as (
    select * from jsonb_to_recordset(p_listings) as i(source_host text, kind text, age_band smallint, listings integer)
  ),
  every_kind as ( -- also of a site that is new
    select k.kind, a.age_band::smallint
    from unnest(array['auction', 'classified', 'dealer']) k(kind)
    cross join generate_series(0, 5) a(age_band)
  ),
  by_gap as (
    select '*' as source_host, kind, age_band, gap_band, sum(looks) as looks, sum(changes) as changes, sum(days) as days
    from public.listing_gap_counts
    group by kind, age_band, gap_band
    union all
    select source_host, kind, age_band, gap_band, looks, changes, days from public.listing_gap_counts
  ),
  seen as (
    select
      source_host, kind, age_band, sum(looks) as looks, sum(changes) as changes,
      array_agg(days / looks) as gap_days, array_agg(looks) as gap_looks, array_agg(changes) as gap_changes
    from by_gap
    where looks > 0.001
    group by source_host, kind, age_band
  ),
  of_kind as materialized (
    select
      e.kind, e.age_band, s.looks, s.changes,
      private.change_rate_with_prior(s.gap_days, s.gap_looks, s.gap_changes, 0.05) as rate_per_day
    from every_kind e
    left join seen s on s.source_host = '*' and s.kind = e.kind and s.age_band = e.age_band
  ),
  rates as materialized (
    select '*' as source_host, kind, age_band, 0 as listings, looks, changes, rate_per_day
    from of_kind
    union all
    select
      g.source_host, g.kind, g.age_band, coalesce(l.listings, 0), s.looks, s.changes,
      private.change_rate_with_prior(s.gap_days, s.gap_looks, s.gap_changes, o.rate_per_day)
    from (
      select source_host, kind, age_band from listings
      union
      select source_host, kind, age_band from seen where source_host <> '*'
    ) g
    join of_kind o on o.kind = g.kind and o.age_band = g.age_band
    left join seen s on s.source_host = g.source_host and s.kind = g.kind and s.age_band = g.age_band
    left join listings l on l.source_host = g.source_host and l.kind = g.kind and l.age_band = g.age_band
  )
  insert into public.listing_change_rates
    (source_host, kind, age_band, listings, looks, changes, rate_per_day, look_every)
  select
    r.source_host, r.kind, r.age_band, r.listings, coalesce(r.looks, 0), coalesce(r.changes, 0), r.rate_per_day,
    p.look_every
  from rates r
  join private.planned_looks((select jsonb_agg(to_jsonb(r)) from rates r)) p
    on p.source_host = r.source_host and p.kind = r.kind and p.age_band = r.age_band
  order by r.source_host, r.kind, r.age_band
  on conflict (source_host, kind, age_band) do update
  set listings = excluded.listings,
      looks = excluded.looks,
      changes = excluded.changes,
      rate_per_day = excluded.rate_per_day,
      look_every = excluded.look_every;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.write_change_rates(jsonb) is
  'Writes listing_change_rates from listing_gap_counts, for so many listings of each group, as [{source_host, kind, age_band, listings}]. Gives how many groups.';
grant execute on function private.write_change_rates(jsonb) to service_role;
