select cron.schedule('refresh-change-rates', '23 * * * *', 'select private.refresh_change_rates()');
