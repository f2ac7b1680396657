begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

delete from pipeline_runs;
select is((select state from pipeline_status where part = 'pipeline-orchestrator'), 'waiting', 'the first run of pipeline-orchestrator is waited for in a fresh database');
select is_empty($$select part, why from pipeline_status where state in ('stuck', 'failing')$$, 'nothing of a fresh database is stuck or failing');
update private.queues set added_at = now() - interval '1 hour';
select is((select state from pipeline_status where part = 'pipeline-orchestrator'), 'stuck', 'pipeline-orchestrator is stuck when it has not run in an hour');
select isnt((select why from pipeline_status where part = 'pipeline-orchestrator'), null, 'a pipeline-orchestrator that is stuck says why');

select * from finish();
rollback;
