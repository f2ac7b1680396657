begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://a.example/' || n from generate_series(1, 6) n;
insert into backfill_queue (id, vehicle_id, reason, created_at) select pg_temp.id(n), pg_temp.id(n), 'r', now() - interval '1 day' + n * interval '1 minute' from generate_series(1, 6) n;
update private.queue_heads set priority = 5, created_at = now() - interval '1 day', id = pg_temp.id(1), expires_at = now() + interval '1 hour' where table_name = 'backfill_queue';
select claim_micro_scrape(2, array[pg_temp.id(2), pg_temp.id(3)]);
create function pg_temp.claim(n integer) returns text language sql as $$
  select string_agg(right(c ->> 'id', 1), '' order by place) from jsonb_array_elements(claim_queue('backfill_queue', n)) with ordinality as e(c, place)
$$;

select is(pg_temp.claim(3), '145', 'a claim that begins behind its head fills its batch with rows whose vehicles nobody has leased');
select results_eq($$select right(id::text, 1), status, attempts from backfill_queue where vehicle_id in (pg_temp.id(2), pg_temp.id(3)) order by id$$,
  $$values ('2', 'pending', 0), ('3', 'pending', 0)$$, 'a row that such a claim passes over stays as it is');
update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';
select is(pg_temp.claim(3), '236', 'such a claim takes rows of vehicles whose worker has died');

select * from finish();
rollback;
