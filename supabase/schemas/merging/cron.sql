select cron.schedule('check-shared-vins', '* * * * *', 'select private.check_shared_vins()');
