begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.operator(p_name text) returns void language sql as $$
  insert into auth.users (id, email, raw_app_meta_data)
  values (('00000000-0000-4000-8000-00000000000' || p_name)::uuid, p_name || '@example.com', '{"role": "operator"}') on conflict do nothing;
  select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', '00000000-0000-4000-8000-00000000000' || p_name,
    'email', p_name || '@example.com', 'app_metadata', '{"role": "operator"}'::jsonb)::text, true)
$$;
select pg_temp.operator('a');
select is(operator_set_cost_rate('request', 2, 1000000, 'no rate') ->> 'outcome', 'done', 'a first rate is given');
select pg_temp.operator('b');
select results_eq(
  $$select r ->> 'outcome', r ->> 'by' from operator_set_cost_rate('request', 9, 1000000, 'no rate') r$$,
  $$values ('changed', 'a@example.com')$$, 'who saw none is told who gave it');
select is(operator_set_cost_rate('request', 3, 1000000, '2 for 1000000') ->> 'outcome', 'done', 'who saw it changes it');
select is((select price from cost_rates), 3::numeric, 'and it is changed');
select is(operator_set_cost_rate('request', null, 1, '2 for 1000000') ->> 'outcome', 'changed', 'nor is it taken away unseen');
select is(operator_set_cost_rate('request', null, 1, '3 for 1000000') ->> 'outcome', 'done', 'but when it was seen');

select * from finish();
rollback;
