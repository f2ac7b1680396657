-- How much came in today, from where, how good it is, and what it cost.

create view public.today_by_source with (security_invoker = true) as
with found as (
  select coalesce(private.url_host(q.listing_url), 'unknown') as source, count(*) as listings
  from public.import_queue q
  where q.created_at >= date_trunc('day', now())
  group by 1
),
arrived as (
  select
    coalesce(v.source_host, 'by hand') as source,
    count(*) as vehicles,
    avg(s.overall_score) as quality,
    count(*) filter (where v.vin is not null) as with_vin,
    count(*) filter (where private.is_complete(v, s.overall_score)) as complete
  from public.vehicles v
  left join public.vehicle_quality_scores s on s.vehicle_id = v.id
  where v.created_at >= date_trunc('day', now())
  group by 1
),
learned as (
  select
    coalesce(private.url_host(m.source_url), 'by hand') as source,
    count(*) filter (where m.validation_status = 'accepted') as facts,
    count(*) filter (where m.validation_status = 'accepted' and m.confidence_score < private.sure_enough()) as unsure,
    count(*) filter (where m.validation_status = 'conflict') as conflicts,
    count(distinct m.vehicle_id) as vehicles
  from public.extraction_metadata m
  where m.extracted_at >= date_trunc('day', now())
  group by 1
),
pictured as (
  select coalesce(v.source_host, 'by hand') as source, count(*) as images, sum(i.bytes) as bytes
  from public.vehicle_images i
  join public.vehicles v on v.id = i.vehicle_id
  where i.created_at >= date_trunc('day', now())
  group by 1
),
asked as (
  select
    coalesce(a.host, a.source) as source,
    count(*) as requests,
    count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone')) as served,
    count(*) filter (where a.outcome in ('blocked', 'robots_disallowed', 'rate_limited')) as refused,
    count(*) filter (where a.outcome in ('timeout', 'network', 'server_error')) as errors,
    sum(a.bytes) as bytes
  from public.scraping_health a
  where a.created_at >= date_trunc('day', now())
  group by 1
),
kept as (
  select private.url_host(s.canonical_url) as source, sum(s.stored_bytes) as bytes
  from public.page_snapshots s
  where s.fetched_at >= date_trunc('day', now())
  group by 1
),
invoked as (
  -- A run works on several sites: it is shared out by their requests.
  select
    asked.source,
    round((select count(*) from public.worker_invocations i where i.invoked_at >= date_trunc('day', now()))
      * asked.requests / sum(asked.requests) over (), 1) as invocations
  from asked
),
rates as (
  -- Without a rate for anything there is no price, rather than one of 0.
  select
    count(*) > 0 as are_known,
    coalesce(sum(price / per) filter (where item = 'request'), 0) as request,
    coalesce(sum(price / per) filter (where item = 'gb_fetched'), 0) as gb_fetched,
    coalesce(sum(price / per) filter (where item = 'gb_stored_month'), 0) as gb_stored_month,
    coalesce(sum(price / per) filter (where item = 'invocation'), 0) as invocation
  from public.cost_rates
),
sources as (
  select source from found
  union
  select source from arrived
  union
  select source from learned
  union
  select source from pictured
  union
  select source from asked
)
select
  source,
  coalesce(found.listings, 0) as listings_found,
  coalesce(arrived.vehicles, 0) as vehicles_added,
  coalesce(learned.vehicles, 0) as vehicles_improved,
  coalesce(learned.facts, 0) as facts_added,
  coalesce(learned.unsure, 0) as facts_unsure,
  coalesce(learned.conflicts, 0) as conflicts,
  round(arrived.quality, 1) as quality_of_added,
  round(100.0 * arrived.with_vin / arrived.vehicles, 1) as vin_percent_of_added,
  coalesce(pictured.images, 0) as images_stored,
  coalesce(asked.requests, 0) as requests,
  round(100.0 * asked.served / asked.requests, 1) as served_percent,
  coalesce(asked.refused, 0) as refused,
  coalesce(asked.errors, 0) as errors,
  round(coalesce(asked.bytes, 0) / 1e6, 1) as mb_fetched,
  round((coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e6, 1) as mb_stored,
  coalesce(arrived.complete, 0) as vehicles_complete,
  coalesce(invoked.invocations, 0) as invocations,
  priced.price,
  priced.price / nullif(arrived.vehicles, 0) as price_of_a_vehicle
from sources
left join found using (source)
left join arrived using (source)
left join learned using (source)
left join pictured using (source)
left join asked using (source)
left join kept using (source)
left join invoked using (source)
cross join rates
cross join lateral (
  select case when rates.are_known then round(
    coalesce(asked.requests, 0) * rates.request
      + coalesce(asked.bytes, 0) / 1e9 * rates.gb_fetched
      + (coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e9 * rates.gb_stored_month
      + coalesce(invoked.invocations, 0) * rates.invocation, 6) end as price
) priced
order by vehicles_added desc, facts_added desc, requests desc, source;
comment on view public.today_by_source is
  'Since midnight (UTC), by site: listings found, vehicles added and improved, facts and how sure they are, images, and what it cost: requests, megabytes fetched and stored, invocations (shared out by requests), and their price by cost_rates, null without a rate. mb_fetched is decoded.';
grant select on public.today_by_source to authenticated, service_role;
