begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'r');
create temp table c as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;

select is(release_queue('backfill_queue', (select jsonb_build_array(jsonb_build_object('id', '00000000-0000-4000-8000-000000000001', 'lease_token', token)) from c)), 1, 'a row that was claimed and not started is handed back');
select results_eq('select status, attempts, next_attempt_at from backfill_queue', $$values ('pending', 0, null::timestamptz)$$, 'a row that is handed back is due at once, and its attempt does not count');
truncate c;
insert into c select c ->> 'lease_token' from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
select is(release_queue('backfill_queue', (select jsonb_build_array(jsonb_build_object('id', '00000000-0000-4000-8000-000000000001', 'lease_token', token, 'retry_at', now() + interval '3 seconds')) from c)), 1, 'a row can be handed back for a later time');
select is((select next_attempt_at from backfill_queue), now() + interval '3 seconds', 'a row that is handed back for a later time waits until then');

select * from finish();
rollback;
