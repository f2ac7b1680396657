-- Not at the full minute, where other jobs begin: pg_cron runs eight at once.
select cron.schedule('sample-dashboard', '59 seconds', 'select private.sample_dashboard()');
