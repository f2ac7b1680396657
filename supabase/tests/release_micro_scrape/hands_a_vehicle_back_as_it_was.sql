begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
insert into vehicles (id, discovery_url, created_at, year, make) values
  (pg_temp.id(1), 'https://a.example/1', now() - interval '1 day', 1990, 'BMW'), (pg_temp.id(2), 'https://a.example/2', now() - interval '2 days', null, null),
  (pg_temp.id(3), 'https://a.example/3', now(), 1990, null), (pg_temp.id(4), 'https://a.example/4', now() - interval '1 hour', null, null);
select claim_micro_scrape(4);
select release_micro_scrape((select jsonb_agg(jsonb_build_object('vehicle_id', vehicle_id, 'lease_token', lease_token)) from micro_scrape_state));

select is((select array_agg(distinct state || no_gain_passes || failures || (due_at <= now())) from micro_scrape_state), array['due00true'], 'a vehicle that is handed back is due, with nothing counted against it');
select claim_micro_scrape(1);
select release_micro_scrape((select jsonb_agg(jsonb_build_object('vehicle_id', vehicle_id, 'lease_token', lease_token, 'retry_at', now() + interval '3 seconds')) from micro_scrape_state where state = 'leased'));
select is((select due_at from micro_scrape_state where state = 'waiting'), now() + interval '3 seconds', 'a vehicle that is handed back for later waits until then');

select * from finish();
rollback;
