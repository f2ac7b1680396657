begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0'), ('b', 'B', 'auction', '{b.example}', 'b', 'v1.0.0');
insert into fill_cycles (cycle_id, slot, target, status, completed_at) values
  ('first', '2026-03-02T00:00:00Z', 2000, 'completed', now()), ('second', '2026-03-02T02:00:00Z', 2000, 'completed', now()),
  ('next day', '2026-03-03T04:00:00Z', 2000, 'completed', now());
insert into vehicles (discovery_url, year, make, model)
select 'https://a.example/' || n, 2004, 'Audi', 'A4' from generate_series(1, 3) n;
insert into vehicles (discovery_url) values ('https://www.b.example/1'), ('https://nowhere.example/1');
update micro_scrape_state set score = 90, state = 'complete' where vehicle_id = (select id from vehicles where discovery_url = 'https://a.example/1');

create function pg_temp.measure(p_cycle text) returns void language plpgsql as $$
declare
  v_answer jsonb := measure_fill_quality(p_cycle);
begin
  while not (v_answer ->> 'done')::boolean loop
    v_answer := measure_fill_quality(p_cycle, v_answer -> 'cursor');
  end loop;
end
$$;
create function pg_temp.history(p_day date) returns text language sql as $$
  select string_agg(format('%s: %s, mean %s, %s complete', s.slug, h.vehicles_count, h.mean_score, h.complete_count), '; ' order by s.slug)
  from vehicle_score_history h join scrape_sources s on s.id = h.source_id where h.day = p_day and s.slug in ('a', 'b')
$$;
select pg_temp.measure('first');
select is(pg_temp.history('2026-03-02'), 'a: 3, mean 50.0, 1 complete; b: 1, mean 0.0, 0 complete', 'the first cycle of a day counts all vehicles, whenever they came');
delete from vehicles where discovery_url = 'https://a.example/2';
select pg_temp.measure('second');
select is(pg_temp.history('2026-03-02'), 'a: 3, mean 50.0, 1 complete; b: 1, mean 0.0, 0 complete', 'the others of that day do not');
select pg_temp.measure('next day');
select is(pg_temp.history('2026-03-03'), 'a: 2, mean 60.0, 1 complete; b: 1, mean 0.0, 0 complete', 'the next day has a row of its own');

create temp table last (cursor jsonb);
insert into last values (private.count_scores('first', 0, null, null, 2));
update last set cursor = private.count_scores('first', 1, cursor ->> 'from', (cursor ->> 'after')::uuid, 2);
update last set cursor = private.count_scores('first', 1, 'a.example', (select id from vehicles where discovery_url like '%a.ex%' order by id desc limit 1), 2);
select is((select sum((counts ->> 'count')::integer) from private.fill_quality_portions), 4::bigint, 'in portions each vehicle is counted once');
select is(private.count_scores('first', 2, 'www.b.example', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 2), null, 'after the last there is nowhere to go on');

select * from finish();
rollback;
