select cron.schedule('add-missing-listings', '1-59/5,4-59/5 * * * *', 'select private.add_missing_listings()');
