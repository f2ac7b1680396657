begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

delete from pipeline_runs;
select is((select state from pipeline_status where part = 'pipeline-orchestrator'), 'waiting', 'its first run is to come');
select is_empty($$select part, why from pipeline_status where state in ('stuck', 'failing')$$, 'nothing else is wrong either');
update private.queues set added_at = now() - interval '1 hour';
select is((select state from pipeline_status where part = 'pipeline-orchestrator'), 'stuck', 'an hour later it should have come');
select isnt((select why from pipeline_status where part = 'pipeline-orchestrator'), null, 'and it says why it has not');

select * from finish();
rollback;
