begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://a.example/' || n from generate_series(1, 3) n;
insert into backfill_queue (id, vehicle_id, reason) select pg_temp.id(n), pg_temp.id(n), 'r' from generate_series(1, 3) n;
select claim_queue('backfill_queue', 1, array[pg_temp.id(1)]);
update backfill_queue set lease_expires_at = now() - interval '1 second' where id = pg_temp.id(1);
update backfill_queue set next_attempt_at = now() - interval '1 second' where id = pg_temp.id(2);
update backfill_queue set next_attempt_at = now() + interval '1 hour' where id = pg_temp.id(3);

create function pg_temp.queue() returns text language sql as $$
  select string_agg(status || ' ' || coalesce((next_attempt_at > now())::text, 'due'), ', ' order by id) from backfill_queue
$$;
select is(private.promote_due('backfill_queue', 10), 1, 'a promotion counts the rows whose time has come');
select is(pg_temp.queue(), 'processing due, pending due, pending true', 'it takes no row from a worker, dead or not');
select is(private.rescue('backfill_queue', 10), 1, 'a rescue counts the rows of workers that died');
select is(pg_temp.queue(), 'pending due, pending due, pending true', 'and makes them due');
select throws_ok($$select private.promote_due('no_queue', 10)$$, '22023', null, 'a queue that there is not is an error');

update micro_scrape_state set state = 'waiting', due_at = now() - interval '1 second' where vehicle_id = pg_temp.id(1);
update micro_scrape_state set state = 'waiting', due_at = now() + interval '1 hour' where vehicle_id = pg_temp.id(2);
select claim_micro_scrape(1, array[pg_temp.id(3)]);
update micro_scrape_state set lease_expires_at = now() - interval '1 second' where lease_token is not null;
create function pg_temp.states() returns text language sql as $$ select string_agg(state, ', ' order by vehicle_id) from micro_scrape_state $$;
select is(private.promote_due_micro_scrape_state(10), 1, 'of vehicles a promotion counts the same');
select is(pg_temp.states(), 'due, waiting, leased', 'and rescues none');
select is(private.rescue('micro_scrape_state', 10), 1, 'that is left to the rescue');

select * from finish();
rollback;
