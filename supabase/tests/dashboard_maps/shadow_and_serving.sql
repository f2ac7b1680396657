begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

select is(dashboard_maps() ->> 'says', 'No map is needed: every page that comes is read by its adapter.', 'without maps it says what that means');
insert into extraction_maps (id, source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
values ('00000000-0000-4000-8000-000000000001', 'a.example', '{a.example}', 't', 1, 'serving', 'unreadable', '{}', '{mileage}', 20, 20, 1, now());
select is(dashboard_maps() ->> 'says', '1 map serves, 0 in shadow', 'how many serve');
select is(operator_retire_map('00000000-0000-4000-8000-000000000001', 'it reads the price of another car') ->> 'outcome', 'done', 'an operator retires it');
select is((select retired_because from extraction_maps), 'it reads the price of another car', 'with his reason');

select * from finish();
rollback;
