select cron.schedule('queue-map-jobs', '9-59/10 * * * *', 'select private.queue_map_jobs()');
