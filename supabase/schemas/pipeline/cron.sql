select cron.schedule('pipeline-orchestrator', '*/10 * * * *',
  $$select private.invoke_worker('pipeline-orchestrator', '{"background": true, "triggered_by": "cron"}')$$);
select cron.schedule('prune-pipeline-runs', '37 3 * * *', 'select private.prune_pipeline_runs()');
