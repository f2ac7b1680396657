select cron.schedule('queue-for-new-versions', '20 seconds', 'select private.queue_for_new_versions()');
