begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.in_place() returns bigint language sql as $$
  select n_tup_hot_upd from pg_stat_xact_user_tables where relid = 'public.vehicle_quality_scores'::regclass
$$;
insert into vehicles (id, discovery_url, year, make, model) select pg_temp.id(n), 'https://a.example/' || n, 1990, 'BMW', 'M3' from generate_series(1, 3) n;
create temp table rounds (changed jsonb, in_place bigint);
do $$
declare
  v_before bigint;
  v_changed jsonb;
begin
  for v_round in 1 .. 4 loop
    update vehicle_quality_scores set score_version = 0, updated_at = now() - interval '1 day';
    v_before := pg_temp.in_place();
    v_changed := rescore_vehicles() -> 'changed';
    insert into rounds values (v_changed, pg_temp.in_place() - v_before);
  end loop;
end
$$;

select is(array_agg(distinct changed), '{3}', 'vehicles whose scores are all of older rules are rescored') from rounds;
-- A row whose page is full goes to the next one, once.
select cmp_ok(sum(in_place), '>=', 9::numeric, 'scores that newer rules leave as they were are written in their place, and in no index')
from rounds;
select results_eq('select distinct score_version, overall_score from vehicle_quality_scores', 'values (private.score_version(), 30.0)', 'they have the version of the rules');

update vehicle_quality_scores set score_version = 0;
delete from micro_scrape_state where vehicle_id = pg_temp.id(2);
select rescore_vehicles();
select is((select score from micro_scrape_state where vehicle_id = pg_temp.id(2)), 30.0, 'where all are of older rules, a state that was lost is made again, too');

alter table vehicles disable trigger user;
update vehicles set model = null where id = pg_temp.id(3);
alter table vehicles enable trigger user;
update vehicle_quality_scores set score_version = 0 where vehicle_id = pg_temp.id(1);
select is(rescore_vehicles() -> 'changed', '2', 'where some are of older rules, the others are compared with what they hold');
select results_eq('select score_version, overall_score from vehicle_quality_scores order by vehicle_id',
  'values (private.score_version(), 30.0), (private.score_version(), 30.0), (private.score_version(), 20.0)', 'and each has its score');
select is(rescore_vehicles() -> 'changed', '0', 'what was rescored is not rescored again');

select * from finish();
rollback;
