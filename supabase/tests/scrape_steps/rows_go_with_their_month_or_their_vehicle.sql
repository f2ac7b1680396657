begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into vehicles (id, make) values ('00000000-0000-4000-8000-000000000001', 'BMW'), ('00000000-0000-4000-8000-000000000002', 'BMW');
select private.make_partition('scrape_steps', month) from unnest('{2131-03-01T00:00:00Z,2131-04-01T00:00:00Z}'::timestamptz[]) month;
create function pg_temp.failed(p_vehicle int, p_at timestamptz) returns void language sql as $$
  insert into public.scrape_steps (vehicle_id, step_name, status, outcome_code, created_at)
  values (('00000000-0000-4000-8000-00000000000' || p_vehicle)::uuid, 'extract_data', 'failed', 'timeout', p_at)
$$;
select pg_temp.failed(1, now());
select is((select count(*) from scrape_retry_queue), 1::bigint, 'a step that failed now waits to be tried again');
select pg_temp.failed(2, '2131-03-15');
select is((select count(*) from scrape_retry_queue), 2::bigint, 'so does one of whatever month');
select pg_temp.failed(1, '2131-04-15');
select pg_temp.failed(1, '2141-04-15');
select is((select count(distinct tableoid) from scrape_steps), 4::bigint, 'four steps of four times lie in four partitions');
select throws_ok(
  $$insert into scrape_steps (vehicle_id, step_name, status, created_at) values ('00000000-0000-4000-8000-00000000000f', 'extract_data', 'failed', '2131-03-02')$$,
  '23503', null, 'a step of a vehicle that is not there is refused in a month that was made later too');
select throws_ok($$insert into scrape_steps (step_name, status, created_at) values ('a', 'failed', null)$$, '23502', null, 'a step has a time');

delete from vehicles where id = '00000000-0000-4000-8000-000000000001';
select is((select array_agg(created_at) from scrape_steps), '{2131-03-15}'::timestamptz[], 'a vehicle takes its steps of all months with it');

select private.drop_old_partitions('scrape_steps', '2131-06-29T23:59:59Z');
select is((select count(*) from scrape_steps), 1::bigint, 'a month whose last step is younger than 90 days is kept');
select private.drop_old_partitions('scrape_steps', '2131-06-30T00:00:00Z');
select is((select count(*) from scrape_steps), 0::bigint, 'it is dropped when its last step is 90 days old');

select * from finish();
rollback;
