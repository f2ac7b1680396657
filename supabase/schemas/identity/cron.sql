select cron.schedule('join-proven-vehicles', '1-59/5,3-59/5 * * * *', 'select private.join_proven_vehicles()');
