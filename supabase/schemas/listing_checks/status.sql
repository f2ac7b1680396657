create view public.freshness_status with (security_invoker = true) as
select
  o.source_host,
  o.listings,
  o.last_look_median,
  o.last_look_p95,
  o.due,
  o.overdue,
  o.failing,
  o.rate_per_day,
  o.look_every,
  o.out_of_date,
  coalesce(k.page, 0) as looks_page_24h,
  coalesce(k.not_modified, 0) as looks_not_modified_24h,
  coalesce(k.index, 0) as looks_index_24h,
  coalesce(k.changes, 0) as changes_24h
from (
  select
    l.source_host,
    count(*) as listings,
    percentile_disc(0.5) within group (order by now() - l.last_seen_at) as last_look_median,
    percentile_disc(0.95) within group (order by now() - l.last_seen_at) as last_look_p95,
    count(*) filter (where c.requeue_at <= now()) as due,
    count(*) filter (where c.requeue_at <= now() - interval '4 hours') as overdue,
    count(*) filter (where c.failed_rounds > 0) as failing,
    round(avg(r.rate_per_day)::numeric, 4) as rate_per_day,
    date_trunc('minute', avg(r.look_every)) as look_every,
    round(avg(1 - exp(-r.rate_per_day * extract(epoch from now() - coalesce(c.known_at, l.last_seen_at)) / 86400)
      ) filter (where l.status = 'for_sale')::numeric, 3) as out_of_date
  from public.vehicle_listings l
  join public.listing_checks c on c.listing_id = l.id
  cross join lateral (select private.age_band(now() - l.listed_at) as age_band) a
  left join public.listing_change_rates any_site
    on any_site.source_host = '*' and any_site.kind = l.kind and any_site.age_band = a.age_band
  left join public.listing_change_rates own
    on own.source_host = l.source_host and own.kind = l.kind and own.age_band = a.age_band
  cross join lateral (
    select
      coalesce(own.rate_per_day, any_site.rate_per_day) as rate_per_day,
      coalesce(own.look_every, any_site.look_every) as look_every
  ) r
  where l.status in ('for_sale', 'live')
  group by l.source_host
) o
left join (
  select
    source_host,
    count(*) filter (where way = 'page') as page,
    count(*) filter (where way = 'not_modified') as not_modified,
    count(*) filter (where way = 'index') as index,
    count(*) filter (where changed) as changes
  from public.listing_looks
  where at > now() - interval '24 hours'
  group by source_host
) k on k.source_host = o.source_host
order by o.listings desc, o.source_host;
comment on view public.freshness_status is
  'By site: listings that are for sale or live, how long ago they were seen last, looks that are due and overdue (four hours), how often things change and how often it is looked, the share of what is held that is expected to be out of date now (0 to 1), and the looks and changes of 24 hours.';
grant select on public.freshness_status to authenticated, service_role;
