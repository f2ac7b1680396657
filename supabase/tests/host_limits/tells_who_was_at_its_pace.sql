begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into source_hosts (host, min_interval_ms, crawl_delay_ms, slowed_interval_ms)
values ('busy.example', 1000, null, null), ('idle.example', 1000, null, null), ('delay.example', 1000, 10000, null), ('slow.example', 1000, null, 4000);
insert into private.host_metrics (host, began_at, pages, new_pages, covers, galleries, put_off, taken_ms)
select h, '2026-03-01 10:00Z'::timestamptz + n * interval '10 minutes', p, p, 0, 0, w, t
from (values ('busy.example', 590, 9, 590000), ('idle.example', 100, 3, 100000), ('delay.example', 58, 9, 580000), ('slow.example', 148, 0, 592000))
  v(h, p, w, t), generate_series(0, 11) n;

select results_eq(
  $$select host, requests, put_off, at_limit, why from private.host_limits('2026-03-01 10:00Z', '2026-03-01 12:00Z') order by host$$,
  $$values ('busy.example', 7080::bigint, 108::bigint, true, 'min_interval_ms'),
    ('delay.example', 696, 108, true, 'crawl-delay of its robots.txt'),
    ('idle.example', 1200, 36, false, 'min_interval_ms'),
    ('slow.example', 1776, 0, false, 'its answers slowed it down')$$,
  'at its limit is who had no time left and was wanted in vain');
select results_eq(
  $$select host, requests, taken_percent from private.host_limits('2026-03-01 10:10Z', '2026-03-01 10:20Z') where host = 'busy.example'$$,
  $$values ('busy.example', 590::bigint, 98.3)$$, 'ten minutes are the least that it tells apart');
select is_empty($$select from private.host_limits('2026-03-01 13:00Z', '2026-03-01 14:00Z')$$, 'who was not asked is not in it');

select * from finish();
rollback;
