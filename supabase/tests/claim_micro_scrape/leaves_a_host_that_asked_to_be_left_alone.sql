-- When all hosts are silent, a run takes nothing and leaves nothing due.
begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function pg_temp.hosts(p_work jsonb) returns text language sql as $$
  select string_agg(host || ' ' || n, ', ' order by host) from (select w ->> 'source_host' as host, count(*) as n from jsonb_array_elements(p_work) w group by 1) c
$$;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://slow.example/' || n, now() from generate_series(1, 1500) n;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://quick.example/' || n, now() - interval '1 day' from generate_series(2001, 2040) n;
insert into source_hosts (host, retry_after) values ('slow.example', now() + interval '10 minutes'), ('quick.example', now() + interval '10 minutes');

select is(claim_micro_scrape(20), '[]', 'a claim takes no vehicle of hosts that asked to be left alone');
select is((select count(*) from micro_scrape_state where state = 'due'), 0::bigint, 'no vehicle stays due when all hosts asked to be left alone');
select is(jsonb_array_length(claim_micro_scrape(20, array[pg_temp.id(1), pg_temp.id(2)])), 2, 'a claim that names vehicles takes them though their host asked to be left alone');

select * from finish();
rollback;
