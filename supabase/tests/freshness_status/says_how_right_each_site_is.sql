begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(1);
insert into vehicle_listings (vehicle_id, listing_url, kind, status, first_seen_at, last_seen_at) values
  (pg_temp.id(1), 'https://a.example/1', 'dealer', 'for_sale', now() - interval '9 days', now() - interval '2 hours'), (pg_temp.id(1), 'https://a.example/2', 'dealer', 'for_sale', now() - interval '9 days', now() - interval '9 days'),
  (pg_temp.id(1), 'https://a.example/3', 'dealer', 'for_sale', now() - interval '9 days', now() - interval '2 hours'), (pg_temp.id(1), 'https://b.example/1', 'auction', 'live', now(), now());
update listing_checks set known_at = now() - interval '10 days', requeue_at = case listing_url when 'https://a.example/2' then now() - interval '1 day' when 'https://a.example/3' then now() - interval '1 hour' else now() + interval '1 day' end;
insert into listing_change_rates (source_host, kind, age_band, rate_per_day, look_every) select 'a.example', 'dealer', b, 0.1, '44 hours' from generate_series(0, 5) b;
insert into listing_looks (listing_id, source_host, kind, age_band, changed, way) select 1, 'a.example', 'dealer', 0, w = 'page', w from unnest(array['page', 'page', 'not_modified', 'index', 'index', 'index']) w;
insert into listing_looks (listing_id, at, source_host, kind, age_band, changed, way) values (1, now() - interval '25 hours', 'a.example', 'dealer', 0, true, 'page');

select results_eq($$select listings, last_look_median, last_look_p95, due, overdue, failing, rate_per_day, look_every, out_of_date, looks_page_24h, looks_not_modified_24h, looks_index_24h, changes_24h from freshness_status where source_host = 'a.example'$$,
  $$values (3::bigint, interval '2 hours', interval '9 days', 2::bigint, 1::bigint, 0::bigint, 0.1000, interval '44 hours', 0.632, 2::bigint, 1::bigint, 3::bigint, 2::bigint)$$,
  'a site''s row: how long ago it was seen, what is due, the rate, the share that is expected to be out of date (1 - e^-1), and the looks of a day');
select results_eq('select source_host, out_of_date from freshness_status where source_host <> ''a.example''', $$values ('b.example', null::numeric)$$, 'an auction that is live is not out of date before its end');

select * from finish();
rollback;
