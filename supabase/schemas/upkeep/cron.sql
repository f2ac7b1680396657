select cron.schedule('prune-history', '7-59/10 * * * *', 'select private.prune_history()');
