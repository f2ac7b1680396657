-- However many vehicles a version has queued: each of the batch is looked up once.
begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

select sync_scrape_sources('[
  {"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v1.0.0"}
]');
insert into scraper_versions (id, scraper_name, version, fields_affected, backfill_required)
values ('00000000-0000-4000-8000-0000000000aa', 'ksl_test_scraper', 'v900.0.0', '{engine}', false);
insert into vehicles (discovery_url) select 'https://a.example/' || n from generate_series(1, 500) n;
insert into backfill_queue (vehicle_id, reason, scraper_version_id)
select id, 'scraper_improved', '00000000-0000-4000-8000-0000000000aa' from vehicles;
create temp table asked as
select array_agg(jsonb_build_object(
  'method', case when n = 3 then 'another_scraper' else 'ksl_test_scraper' end,
  'scraper_version', case when n = 2 then 'v900.0.0' else 'v899.9.0' end,
  'request', jsonb_build_object('queue', 'backfill_queue', 'id', id)) order by n) as items
from (select id, row_number() over (order by id) as n from backfill_queue order by id limit 4) b;
create function pg_temp.rows_read() returns bigint language sql as $$
  select coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables where relid = 'public.backfill_queue'::regclass
$$;
create temp table before as select pg_temp.rows_read() as read;

select is(
  (select array(select w is not null from unnest(private.read_by_older(items, '{ok,ok,ok,timeout}')) w) from asked),
  '{true,false,false,false}', 'what a version older than the one that asked read waits, and nothing else');
select is(pg_temp.rows_read() - (select read from before), 4::bigint, 'of 500 rows that the version queued the four that asked are read');
select is(
  (select private.read_by_older(array_agg(i - 'request' order by n), '{ok,ok,ok,ok}') from asked, unnest(items) with ordinality u(i, n)),
  '{null,null,null,null}', 'what nobody queued waits for nobody');

select * from finish();
rollback;
