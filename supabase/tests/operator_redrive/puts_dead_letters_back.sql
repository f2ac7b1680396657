begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.operator(p_name text) returns void language sql as $$
  insert into auth.users (id, email, raw_app_meta_data)
  values (('00000000-0000-4000-8000-00000000000' || p_name)::uuid, p_name || '@example.com', '{"role": "operator"}') on conflict do nothing;
  select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', '00000000-0000-4000-8000-00000000000' || p_name,
    'email', p_name || '@example.com', 'app_metadata', '{"role": "operator"}'::jsonb)::text, true)
$$;

insert into import_queue (id, listing_url, status, outcome_code, error_message, attempts, processed_at)
values
  ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 'failed', 'timeout', 'no answer', 3, now()),
  ('00000000-0000-4000-8000-000000000002', 'https://a.example/2', 'failed', 'timeout', 'no answer', 3, now()),
  ('00000000-0000-4000-8000-000000000003', 'https://a.example/3', 'failed', 'gone', 'gone', 3, now());
select pg_temp.operator('a');
select private.sample_part('dead_letters'), private.sample_part('queues');

select is(dashboard_queues() #>> '{summary,dead_letters}', '2', 'the panel counts those that could work another time');
select is(operator_redrive('import_queue', null, '00000000-0000-4000-8000-000000000001') ->> 'outcome', 'done', 'one is put back');
select is(dashboard_queues() #>> '{summary,dead_letters}', '1', 'and the panel says so at once');
select is(operator_redrive('import_queue', null, '00000000-0000-4000-8000-000000000001') ->> 'outcome', 'nothing_to_do', 'not twice');
select is(operator_redrive('import_queue', 'timeout') #>> '{after,import_queue}', '1', 'the rest of an outcome together');
select results_eq('select status, count(*) from import_queue group by 1 order by 1', $$values ('failed', 1::bigint), ('pending', 2::bigint)$$, 'what is gone stays gone');
insert into import_queue (listing_url, status, error_message, attempts, processed_at) values ('https://a.example/4', 'failed', 'attempts spent', 3, now());
select private.sample_part('dead_letters');
select results_eq($$select r -> 'actions' from jsonb_array_elements(dashboard_queues() -> 'rows') r where r ->> 'key' = 'dead import_queue '$$, $$values ('[]'::jsonb)$$,
  'of those without an outcome no button puts all back: it would take every outcome of the queue');
select is(operator_redrive('vehicles') ->> 'outcome', 'refused', 'of a table that is no queue nothing is put back');

select * from finish();
rollback;
