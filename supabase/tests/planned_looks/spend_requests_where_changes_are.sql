begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.every(p_groups jsonb) returns table (source_host text, hours numeric) language sql as $$
  select source_host, round(extract(epoch from look_every) / 3600, 1) from private.planned_looks(p_groups) order by source_host
$$;
select results_eq($$select * from pg_temp.every('[{"source_host": "a", "kind": "dealer", "age_band": 0, "listings": 100, "rate_per_day": 0.1},
  {"source_host": "b", "kind": "dealer", "age_band": 0, "listings": 100, "rate_per_day": 0.0015}]')$$, $$values ('a', 44.0), ('b', 336.0)$$,
  'the group that holds nearly all changes is looked at every 44 hours, one where next to nothing happens every 14 days');
select results_eq($$select * from pg_temp.every('[{"source_host": "a", "kind": "dealer", "age_band": 0, "listings": 1, "rate_per_day": 30}]')$$, $$values ('a', 6.0)$$, 'never more often than every 6 hours');
select results_eq($$select * from pg_temp.every('[{"source_host": "a", "kind": "dealer", "age_band": 0, "listings": 100, "rate_per_day": 0.5}]')$$, $$values ('a', 24.0)$$, 'what changes every other day is looked at every day');
select results_eq($$select * from pg_temp.every('[{"source_host": "a", "kind": "dealer", "age_band": 0, "listings": 10, "rate_per_day": 0.002}]')$$, $$values ('a', 44.0)$$,
  'what changes most is looked at every 44 hours however seldom that is');
select results_eq($$select * from pg_temp.every('[{"source_host": "*", "kind": "dealer", "age_band": 0, "listings": 0, "rate_per_day": 0.05}, {"source_host": "a", "kind": "dealer", "age_band": 0, "listings": 1, "rate_per_day": 0.1}]')$$, $$values ('*', 75.9), ('a', 44.0)$$, 'a group without listings stands by its rate alone');
select is_empty($$select * from pg_temp.every('[]')$$, 'no groups, no intervals');

select * from finish();
rollback;
