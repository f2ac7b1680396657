select cron.schedule('micro-scrape-bandaid', '*/5 * * * *', $$select private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}')$$);

-- The 20-second watch: a worker that died is replaced within a minute, a backlog drains without waiting for
-- the next five minutes. A job each, so that one that fails takes no other with it, and its own log says so.
select cron.schedule('look-after-micro-scrape', '20 seconds', 'select private.invoke_micro_scrape()');
