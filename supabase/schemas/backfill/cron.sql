select cron.schedule('process-backfill-queue', '*/5 * * * *', $$select private.invoke_worker('process-backfill-queue')$$);
