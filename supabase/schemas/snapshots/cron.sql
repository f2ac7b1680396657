select cron.schedule('forget-snapshots', '*/10 * * * *', 'select private.forget_snapshots()');
select cron.schedule('prune-snapshots', '23 * * * *', 'select private.invoke_prune_snapshots()');
