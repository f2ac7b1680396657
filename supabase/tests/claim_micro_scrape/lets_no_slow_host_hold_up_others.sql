-- A host that is slow, silent or shut has vehicles by the thousand before all others: they wait for it, the
-- others get their turn, and nothing is counted against anybody.
begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function pg_temp.hosts(p_work jsonb) returns text language sql as $$
  select string_agg(host || ' ' || n, ', ' order by host) from (select w ->> 'source_host' as host, count(*) as n from jsonb_array_elements(p_work) w group by 1) c
$$;
create function pg_temp.again() returns void language sql as $$
  update micro_scrape_state set state = 'due', due_at = now(), lease_token = null, lease_expires_at = null
$$;
-- The slow ones are the most recent, so they stand first.
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://slow.example/' || n, now() from generate_series(1, 1500) n;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://quick.example/' || n, now() - interval '1 day' from generate_series(2001, 2040) n;

-- A pace of ten seconds: three of its pages fit into a run of thirty.
insert into source_hosts (host, min_interval_ms) values ('slow.example', 0), ('quick.example', 0);
update source_hosts set crawl_delay_ms = 10000 where host = 'slow.example';
select is(pg_temp.hosts(preview_micro_scrape(20)), 'quick.example 17, slow.example 3', 'a dry run says so before');
select is((select count(*) from micro_scrape_state where state <> 'due'), 0::bigint, 'and changes nothing');
select is(pg_temp.hosts(claim_micro_scrape(20)), 'quick.example 17, slow.example 3', 'a run takes what its hosts let it read');
select is(
  (select string_agg(state || ' ' || n, ', ' order by state) from (
    select state, count(*) as n from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where source_host = 'slow.example' group by 1) c),
  'leased 3, waiting 1497', 'the rest waits for its host');
select is(
  (select array_agg(extract(epoch from s.due_at - now())::integer order by s.due_at, s.vehicle_id) from (
    select * from micro_scrape_state where state = 'waiting' order by due_at, vehicle_id limit 3) s),
  array[30, 40, 50], 'one after the other');
select is((select max(due_at) from micro_scrape_state where state = 'waiting'), now() + interval '1 hour', 'no more than an hour, for the host may become quicker');
select is((select max(no_gain_passes + failures + blocked_days)::integer from micro_scrape_state), 0, 'nothing is counted against them');
select is(pg_temp.hosts(claim_micro_scrape(100)), 'quick.example 23', 'the next run finds the others at once');

-- A breaker that is open, then one that lets one through.
select pg_temp.again();
update source_hosts set crawl_delay_ms = null, breaker = 'open', opened_at = now(), opened_because = 'three refusals', retry_at = now() + interval '5 minutes', times_opened = 1
where host = 'slow.example';
select is(pg_temp.hosts(claim_micro_scrape(20)), 'quick.example 20', 'vehicles of a host that is not asked do not fill a batch');
select is(
  (select string_agg(n || ' in ' || wait, ', ' order by wait) from (
    select due_at - now() as wait, count(*) as n from micro_scrape_state where state = 'waiting' group by 1) c),
  '1 in 00:05:00, 1499 in 00:06:00', 'they wait until it is; one goes ahead');
select pg_temp.again();
update source_hosts set opened_at = now() - interval '1 hour', retry_at = now() - interval '1 second' where host = 'slow.example';
select is(pg_temp.hosts(claim_micro_scrape(20)), 'quick.example 19, slow.example 1', 'when it may be tried, one vehicle tries');

-- A host that asked to be left alone; and when all hosts are silent, a run takes nothing and leaves nothing due.
select pg_temp.again();
update source_hosts set breaker = 'closed', opened_at = null, opened_because = null, retry_at = null, times_opened = 0, retry_after = now() + interval '10 minutes';
select is(claim_micro_scrape(20), '[]', 'who asked to be left alone is left alone');
select is((select count(*) from micro_scrape_state where state = 'due'), 0::bigint, 'and no run invokes the next for nothing');
select is(jsonb_array_length(claim_micro_scrape(20, array[pg_temp.id(1), pg_temp.id(2)])), 2, 'asked for by name a vehicle is taken all the same');

-- A host that was never asked, and hosts at their usual pace.
select pg_temp.again();
delete from source_hosts;
select is(pg_temp.hosts(claim_micro_scrape(20)), 'slow.example 20', 'of a host never asked nothing bad is thought');
select pg_temp.again();
insert into source_hosts (host, next_slot_at) values ('slow.example', now() + interval '3 seconds');
select is(pg_temp.hosts(claim_micro_scrape(20)), 'slow.example 20', 'at a page a second twenty fit, also beside another run');
select is((select count(*) from micro_scrape_state where state = 'waiting'), 0::bigint, 'and nobody is sent away');

select * from finish();
rollback;
