begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

delete from import_queue;
insert into source_hosts (host, min_interval_ms) values ('slow.example', 10000), ('quick.example', 0), ('spent.example', 0), ('barred.example', 0);
update source_hosts set new_pages_budget = 5, new_pages_used = 5, budget_until = now() + interval '90 minutes' where host = 'spent.example';
update source_hosts set retry_after = now() + interval '20 minutes' where host = 'barred.example';
insert into import_queue (listing_url, created_at)
select 'https://' || h || '/' || n, now() - interval '1 day' + n * interval '1 second' + d * interval '1 hour'
from (values ('slow.example', 0), ('spent.example', 1), ('barred.example', 2), ('quick.example', 3)) v(h, d), generate_series(1, 500) n;
insert into import_queue (listing_url, priority) values ('https://slow.example/by-hand', 1000);
create function pg_temp.due() returns table (host text, due bigint) language sql as $$
  select private.url_host(canonical_url), count(*) from import_queue where status = 'pending' and next_attempt_at is null group by 1 order by 1
$$;

select is(private.spread_imports(), 1494, 'what nobody may read within a minute waits for its turn');
select results_eq('select * from pg_temp.due()', $$values ('quick.example'::text, 500::bigint), ('slow.example', 7)$$, 'due are those that their host lets read');
select is((select next_attempt_at from import_queue where listing_url = 'https://slow.example/by-hand'), null, 'the most urgent of a host first');
select is((select next_attempt_at from import_queue where listing_url = 'https://slow.example/60'), now() + interval '570 seconds', 'the others at its pace, half a minute before their turn');
select is((select max(next_attempt_at) from import_queue), now() + interval '1 hour', 'within an hour they are looked at again');
select is((select distinct next_attempt_at from import_queue where listing_url like '%spent%'), now() + interval '570 seconds', 'whose budget is used up waits ten minutes: it may be raised');
select is((select distinct next_attempt_at from import_queue where listing_url like '%barred%' and listing_url like '%/1'), now() + interval '1170 seconds', 'who asked to be left alone is');
select is(private.spread_imports(), 0, 'a second time there is nothing to spread');

select * from finish();
rollback;
