begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'r');
update backfill_queue set status = 'completed', processed_at = now() - interval '31 days';
select private.prune_queues();

select is((select count(*) from backfill_queue), 0::bigint, 'a completed row is forgotten after 31 days');
insert into backfill_queue (vehicle_id, reason, status, processed_at) values ('00000000-0000-4000-8000-000000000001', 'r', 'failed', now() - interval '1 year');
select private.prune_queues();
select is((select count(*) from backfill_queue), 1::bigint, 'a failed row is kept for a year and longer');

select * from finish();
rollback;
