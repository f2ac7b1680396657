begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

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
insert into source_hosts (host, min_interval_ms) values ('slow.example', 0), ('quick.example', 0);
update source_hosts set breaker = 'open', opened_at = now(), opened_because = 'three refusals', retry_at = now() + interval '5 minutes', times_opened = 1
where host = 'slow.example';

select is(pg_temp.hosts(claim_micro_scrape(20)), 'quick.example 20', 'a claim takes no vehicle of a host with an open breaker');
select is(
  (select string_agg(n || ' in ' || wait, ', ' order by wait) from (
    select due_at - now() as wait, count(*) as n from micro_scrape_state where state = 'waiting' group by 1) c),
  '1 in 00:05:00, 1499 in 00:06:00', 'the vehicles of a host with an open breaker wait until it is tried again, and one goes ahead');
select pg_temp.again();
update source_hosts set opened_at = now() - interval '1 hour', retry_at = now() - interval '1 second' where host = 'slow.example';
select is(pg_temp.hosts(claim_micro_scrape(20)), 'quick.example 19, slow.example 1', 'a claim takes one vehicle of a host whose open breaker may be tried');

select * from finish();
rollback;
