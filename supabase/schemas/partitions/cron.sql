select cron.schedule('look-after-partitions', '17 * * * *', 'select private.look_after_partitions()');
