begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

insert into fill_cycles (cycle_id, slot, status, target, started_at, completed_at, data_quality_score)
select 'c' || d, to_timestamp(floor(extract(epoch from now()) / 7200) * 7200) - d * interval '1 day', 'completed', 10, now() - d * interval '1 day', now(), 0.8
from generate_series(0, 30) d;
insert into quality_metrics (cycle_id, field_name, completeness, sample_size)
select 'c' || d, f.name, case when f.name = 'mileage' and d < 6 then 0.5 else 0.9 end, 100
from generate_series(0, 30) d, unnest('{mileage,vin}'::text[]) f(name);

select private.sample_part('coverage');

select is(dashboard_coverage() #> '{summary,fell}', '["mileage"]', 'the field that is held less this week than in the weeks before');
select is(dashboard_coverage() #>> '{rows,0,title}', 'mileage', 'stands first');
select matches(dashboard_coverage() ->> 'says', '^mileage is held by \d+ of 100 vehicles of this week, usually 90', 'and is told in words');
select is(dashboard_coverage() #>> '{rows,1,state}', 'ok', 'the other is as usual');
select is(jsonb_array_length(dashboard_coverage() #> '{series,0,x}'), jsonb_array_length(dashboard_coverage() #> '{series,0,y,0,values}'), 'a chart has a value a day');

delete from quality_metrics where cycle_id in (select cycle_id from fill_cycles where slot < now() - interval '6 days');
select private.sample_part('coverage');
select is((select r ->> 'says' from jsonb_array_elements(dashboard_coverage() -> 'rows') r where r ->> 'title' = 'vin'), '90 of 100 hold it', 'what is usual is left out while it is not known');

select * from finish();
rollback;
