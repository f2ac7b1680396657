-- A host that is slow, silent or shut has vehicles by the thousand before all others: they wait for it, the
-- others get their turn, and nothing is counted against anybody.
begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function pg_temp.hosts(p_work jsonb) returns text language sql as $$
  select string_agg(host || ' ' || n, ', ' order by host) from (select w ->> 'source_host' as host, count(*) as n from jsonb_array_elements(p_work) w group by 1) c
$$;
-- The slow ones are the most recent, so they stand first.
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://slow.example/' || n, now() from generate_series(1, 1500) n;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://quick.example/' || n, now() - interval '1 day' from generate_series(2001, 2040) n;

-- A pace of ten seconds: three of its pages fit into a run of thirty.
insert into source_hosts (host, min_interval_ms) values ('slow.example', 0), ('quick.example', 0);
update source_hosts set crawl_delay_ms = 10000 where host = 'slow.example';

select is(pg_temp.hosts(preview_micro_scrape(20)), 'quick.example 17, slow.example 3', 'a preview shows as many vehicles of a slow host as a run can read');
select is((select count(*) from micro_scrape_state where state <> 'due'), 0::bigint, 'a preview changes no state');
select is(pg_temp.hosts(claim_micro_scrape(20)), 'quick.example 17, slow.example 3', 'a claim takes as many vehicles of a slow host as a run can read, and fills up with others');
select is(
  (select string_agg(state || ' ' || n, ', ' order by state) from (
    select state, count(*) as n from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where source_host = 'slow.example' group by 1) c),
  'leased 3, waiting 1497', 'the vehicles of a slow host that a claim leaves out wait');
select is(
  (select array_agg(extract(epoch from s.due_at - now())::integer order by s.due_at, s.vehicle_id) from (
    select * from micro_scrape_state where state = 'waiting' order by due_at, vehicle_id limit 3) s),
  array[30, 40, 50], 'the vehicles of a slow host wait for one slot after the other');
select is((select max(due_at) from micro_scrape_state where state = 'waiting'), now() + interval '1 hour', 'no vehicle waits more than an hour for its slow host');
select is((select max(no_gain_passes + failures + blocked_days)::integer from micro_scrape_state), 0, 'nothing is counted against a vehicle that waits for its slow host');
select is(pg_temp.hosts(claim_micro_scrape(100)), 'quick.example 23', 'the next claim takes the vehicles of other hosts at once');

select * from finish();
rollback;
