select cron.schedule('database-fill-agent', '0 */2 * * *', 'select private.start_fill_cycle()');
