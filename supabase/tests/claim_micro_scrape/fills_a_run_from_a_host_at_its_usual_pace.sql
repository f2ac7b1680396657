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
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://slow.example/' || n, now() from generate_series(1, 1500) n;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://quick.example/' || n, now() - interval '1 day' from generate_series(2001, 2040) n;

select is(pg_temp.hosts(claim_micro_scrape(20)), 'slow.example 20', 'a claim takes vehicles of a host that was never asked');
select pg_temp.again();
insert into source_hosts (host, next_slot_at) values ('slow.example', now() + interval '3 seconds');
select is(pg_temp.hosts(claim_micro_scrape(20)), 'slow.example 20', 'a claim takes twenty vehicles of a host that is asked once a second');
select is((select count(*) from micro_scrape_state where state = 'waiting'), 0::bigint, 'no vehicle waits when its host has slots for all');

select * from finish();
rollback;
