begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
insert into vehicles (id, discovery_url, created_at, year, make) values
  (pg_temp.id(1), 'https://a.example/1', now() - interval '1 day', 1990, 'BMW'), (pg_temp.id(2), 'https://a.example/2', now() - interval '2 days', null, null),
  (pg_temp.id(3), 'https://a.example/3', now(), 1990, null), (pg_temp.id(4), 'https://a.example/4', now() - interval '1 hour', null, null);

select is((select string_agg(right(w ->> 'vehicle_id', 1), '' order by n) from jsonb_array_elements(preview_micro_scrape(10)) with ordinality as e(w, n)), '4231',
  'a preview shows the lowest score first, and of one score the most recent');
select is((select count(*) from micro_scrape_state where state = 'leased'), 0::bigint, 'a preview leases no vehicle');
select is((select string_agg(right(w ->> 'vehicle_id', 1), '' order by n) from jsonb_array_elements(claim_micro_scrape(3)) with ordinality as e(w, n)), '423', 'a claim takes the lowest score first, and of one score the most recent');
select is((select string_agg(right(w ->> 'vehicle_id', 1), '' order by n) from jsonb_array_elements(claim_micro_scrape(3)) with ordinality as e(w, n)), '1', 'a second claim takes only the vehicle that the first one left');
select is(claim_micro_scrape(3), '[]', 'a claim is empty when all vehicles are leased');

select * from finish();
rollback;
