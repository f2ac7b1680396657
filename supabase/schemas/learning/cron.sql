select cron.schedule('queue-map-jobs', '9-59/10 * * * *', 'select private.queue_map_jobs()');
select cron.schedule('queue-coverage-jobs', '34 * * * *', 'select private.queue_coverage_jobs()');
