begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into source_hosts (host, min_interval_ms, crawl_delay_ms, robots_status, robots_fetched_at, robots_fresh_until)
values
  ('slow.example', 500, 1000, 200, now(), now() + interval '1 day'),
  ('ours.example', 1000, null, 200, now(), now() + interval '1 day'),
  ('kind.example', 2000, 100, 200, now(), now() + interval '1 day');
create temporary table answers as
select a.answer
from jsonb_array_elements(reserve_host_slots(gen_random_uuid(), jsonb_build_array(
  jsonb_build_object('host', 'slow.example', 'count', 2),
  jsonb_build_object('host', 'ours.example', 'count', 2),
  jsonb_build_object('host', 'kind.example', 'count', 1)))) a(answer);

select results_eq(
  $$select answer ->> 'host', answer ->> 'late_ms' from answers order by 1$$,
  $$values ('kind.example', null), ('ours.example', null), ('slow.example', '100')$$,
  'only where robots.txt sets the pace a slot may be no more than a tenth late');
select ok(
  (select s.next_slot_at - o.next_slot_at between interval '90 milliseconds' and interval '110 milliseconds'
  from source_hosts s, source_hosts o where s.host = 'slow.example' and o.host = 'ours.example'),
  'and the next worker''s slot is a tenth further, so that the delay holds between any two requests');
update source_hosts set crawl_delay_ms = 100, min_interval_ms = 0, next_slot_at = now() where host = 'slow.example';
select is(
  (select reserve_host_slots(gen_random_uuid(), '[{"host": "slow.example", "count": 1}]') -> 0 ->> 'late_ms'), '25',
  'a short delay has a margin of 25 ms');
update source_hosts set crawl_delay_ms = 0 where host = 'slow.example';
select is(
  (select reserve_host_slots(gen_random_uuid(), '[{"host": "slow.example", "count": 1}]') -> 0 ->> 'late_ms'), null,
  'a delay of none has none');

select * from finish();
rollback;
