select cron.schedule('learn-strategies', '14 5 * * *', 'select private.learn_strategies()');
