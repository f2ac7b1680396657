begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.operator(p_name text) returns void language sql as $$
  insert into auth.users (id, email, raw_app_meta_data)
  values (('00000000-0000-4000-8000-00000000000' || p_name)::uuid, p_name || '@example.com', '{"role": "operator"}') on conflict do nothing;
  select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', '00000000-0000-4000-8000-00000000000' || p_name,
    'email', p_name || '@example.com', 'app_metadata', '{"role": "operator"}'::jsonb)::text, true)
$$;

select pg_temp.operator('a');
create temp table seen as select dashboard_cycle() #>> '{summary,policy,seen}' as token;
select is(operator_set_policy('{"target": 500, "galleries": "cover"}', (select token from seen)) ->> 'outcome', 'done', 'the policy is changed');
select results_eq('select target, galleries from fill_policy', $$values (500, 'cover')$$, 'as was said');
select is((select before ->> 'target' || ' ' || (after ->> 'target') from operator_actions), '2000 500', 'with what it was before');
select is(operator_set_policy('{"target": 700}', (select token from seen)) ->> 'outcome', 'changed', 'not over what was not seen');
select is(operator_set_policy('{"target": 0}') ->> 'outcome', 'refused', 'not beyond its bounds');
select is(operator_set_policy('{"only_row": false}') ->> 'outcome', 'refused', 'not what is no choice');
select is(operator_set_policy('{"nope": 1}') ->> 'outcome', 'refused', 'not what there is not');
select is(operator_set_policy('[]') ->> 'outcome', 'refused', 'not by what is no object');

select * from finish();
rollback;
