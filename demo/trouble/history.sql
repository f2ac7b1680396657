-- What five weeks would have left behind, so that today can be held against it: cycles, how complete fields were,
-- samples, rates, and a site that waits for an operator.

update public.fill_policy set target = 300, approve_sources = 'by_hand', new_sources_ceiling = 0;

insert into public.cost_rates (item, price, per)
values ('request', 0.4, 1000), ('gb_fetched', 0.09, 1), ('gb_stored_month', 0.021, 1), ('invocation', 2, 1000000)
on conflict (item) do nothing;

-- A cycle each morning, and every one of the last day.
insert into public.fill_cycles (
  cycle_id, slot, status, triggered_by, target, started_at, completed_at, vehicles_added, vehicles_queued,
  data_quality_score, on_target, verdict)
select
  'trouble ' || to_char(s.slot at time zone 'UTC', 'YYYY-MM-DD HH24'), s.slot, 'completed', 'cron', 300, s.slot,
  s.slot + interval '110 minutes', s.added, s.added + 40, case when s.slot < now() - interval '6 days' then 0.93 else 0.86 end,
  s.added >= 300, case when s.added < 300 then 'blocked' end
from (
  select g.slot, 290 + (extract(epoch from g.slot)::bigint / 7200 * 37) % 60 as added
  from generate_series(
    date_bin('2 hours', now() - interval '35 days', '2000-01-01 00:00Z'),
    date_bin('2 hours', now() - interval '2 hours', '2000-01-01 00:00Z'), interval '2 hours') g(slot)
  where extract(hour from g.slot at time zone 'UTC') = 6 or g.slot > now() - interval '1 day'
) s
on conflict do nothing;

-- Mileage fell five days ago; everything else is as it ever was.
insert into public.quality_metrics (cycle_id, field_name, completeness, sample_size, accuracy, accuracy_sample_size, issues)
select
  c.cycle_id, f.name,
  case when f.name = 'mileage' and c.slot > now() - interval '5 days' then 0.41 else f.usual - (extract(day from c.slot)::integer % 3) * 0.005 end,
  300, f.accuracy, f.audited,
  case when f.name = 'mileage' and c.slot > now() - interval '5 days'
    then '{cars.ksl.com gives it for 4 of 100; usually for 93}'::text[] else '{}' end
from public.fill_cycles c
cross join (values
  ('vin', 0.95, 0.99, 88), ('mileage', 0.94, 0.97, 74), ('price', 0.97, 0.98, 91), ('description', 0.98, null, 0),
  ('images', 0.96, null, 0), ('color', 0.92, 0.96, 50), ('engine', 0.9, 0.97, 41), ('transmission', 0.93, 1, 38)
) f(name, usual, accuracy, audited)
where c.cycle_id like 'trouble %'
on conflict do nothing;

insert into public.dashboard_samples (series, subject, step, at, value)
select
  s.series, h.subject, st.step, g.at,
  round(s.hourly * h.share * st.hours * (0.75 + 0.25 * sin(extract(epoch from g.at) / 86400 * 2 * pi()) * (st.step = 'hour')::integer
    + 0.05 * sin(extract(epoch from g.at) / 200000)))
from (values
  ('vehicles_added', 13, true), ('listings_found', 18, true), ('requests', 420, true), ('requests_served', 398, true),
  ('requests_refused', 15, false), ('requests_failed', 7, false), ('bytes_fetched', 6.2e7, true), ('bytes_stored', 1.1e7, true),
  ('invocations', 55, false), ('queue_done', 31, false)
) s(series, hourly, by_site)
cross join lateral (
  select '' as subject, 1.0 as share where s.series <> 'queue_done'
  union all
  select v.subject, v.share
  from (values ('bringatrailer.com', 0.5), ('cars.ksl.com', 0.3), ('classics.example', 0.2)) v(subject, share)
  where s.by_site
  union all
  select v.subject, v.share
  from (values ('import_queue', 0.6), ('bat_extraction_queue', 0.3), ('listing_checks', 0.1)) v(subject, share)
  where s.series = 'queue_done'
) h
cross join (values ('hour', 1, interval '14 days', interval '1 hour'), ('day', 24, interval '90 days', interval '1 day')) st(step, hours, back, every)
cross join lateral generate_series(
  date_trunc(st.step, now() - st.back, 'UTC'),
  date_trunc('day', now(), 'UTC') - st.every, st.every) g(at)
on conflict (series, subject, step, at) do update set value = excluded.value;

-- A site that passed its probe and waits, with the list of what it sells.
with list as (
  insert into public.listing_feeds (url, source) values ('https://hillside.example/cars', 'hillside_example')
  on conflict do nothing
),
site as (
  insert into public.scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, lifecycle, lifecycle_reason, found_by, start_url, next_look_at)
  select 'hillside_example', 'hillside.example', 'dealer', '{hillside.example}', s.scraper_name, s.scraper_version, 'candidate',
    'passed its probe; waits for an operator', 'page_link', 'https://hillside.example/', now() + interval '30 days'
  from public.scrape_sources s where s.slug = 'general'
  on conflict (slug) do nothing
  returning id
),
probe as (
  insert into public.source_probes (source_id, status, attempts, reason, completed_at)
  select id, 'passed', 1, 'five of five pages give year, make, model and a price', now() - interval '3 hours' from site
  returning id
)
insert into public.source_probe_requests (probe_id, role, url, outcome, result)
select p.id, 'detail', format('https://hillside.example/cars/%s', n), 'ok',
  jsonb_build_object('year', 1980 + n, 'make', 'Saab', 'model', '900', 'price', 9000 + 500 * n)
from probe p, generate_series(1, 5) n;
