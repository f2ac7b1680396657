begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

select is(dashboard_activity() ->> 'says', 'No operator has done anything here yet.', 'before anybody did anything');
select operator_set_policy('{"target": 500}');
select is(dashboard_activity() #>> '{rows,0,values,operator}', 'a@example.com', 'who');
select is(dashboard_activity() #>> '{rows,0,says}', 'the policy was changed: target 2000 → 500', 'did what');

select * from finish();
rollback;
