select cron.schedule('rescore-by-new-rules', '0-59/5,3-59/5 * * * *', 'select private.rescore_by_new_rules()');
