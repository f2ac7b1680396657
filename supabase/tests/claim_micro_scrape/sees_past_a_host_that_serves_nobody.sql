begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (discovery_url) select 'https://dead.example/' || n from generate_series(1, 4500) n;
insert into vehicles (id, discovery_url, year) values ('00000000-0000-4000-8000-000000000001', 'https://well.example/1', 1990);
insert into source_hosts (host, breaker, opened_at, opened_because, retry_at, times_opened)
values ('dead.example', 'open', now(), 'network', now() + interval '3 hours', 3);
update micro_scrape_state set score = case when vehicle_id = '00000000-0000-4000-8000-000000000001' then 9 else 0 end;
delete from worker_invocations;

select private.invoke_micro_scrape();
select is((select count(*) from worker_invocations where function_name = 'micro-scrape-bandaid'), 1::bigint,
  'the vehicle behind 4,500 of a dead host invokes the worker');
select is((select jsonb_agg(w ->> 'vehicle_id') from jsonb_array_elements(claim_micro_scrape(20)) w),
  '["00000000-0000-4000-8000-000000000001"]', 'and is claimed');
select is((select count(*) from micro_scrape_state where state = 'waiting'), 4500::bigint, 'those of the dead host wait');

-- They were never tried: they wait for their host and nothing else.
select is((select (resume_host('dead.example') ->> 'vehicles')::integer), 4500, 'resume_host() makes due what was put off before it was ever tried');

select * from finish();
rollback;
