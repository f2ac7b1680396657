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
select matches(dashboard_running() ->> 'says', '^It is being set up', 'a database that was just made is not ill');
update private.queues set added_at = now() - interval '1 day';
select matches(dashboard_running() ->> 'says', '^Nothing was ever measured: cron', 'cron that never ran is told');
select private.sample_dashboard();
update dashboard_parts set state = '[{"part": "pipeline-orchestrator", "state": "idle", "what": "w", "place": 1}]' where part = 'running';
select is(dashboard_running() ->> 'says', 'It runs: 1 part, and nothing is wrong.', 'nothing wrong');
update dashboard_parts set state = '[{"part": "pipeline-orchestrator", "state": "idle", "what": "w", "place": 1},
  {"part": "import_queue", "state": "stuck", "what": "w", "why": "not deployed", "what_to_type": "supabase functions deploy process-import-queue", "place": 2}]' where part = 'running';
select is(dashboard_running() ->> 'says', 'import_queue is stuck: not deployed', 'what is wrong, and why');
select is(dashboard_running() #>> '{summary,what_to_type}', 'supabase functions deploy process-import-queue', 'what to type');
update dashboard_parts set made_at = now() - interval '10 minutes' where part = 'sampler';
select matches(dashboard_running() ->> 'says', '^Cron stands still', 'what was measured long ago proves nothing: cron stands still');

select * from finish();
rollback;
