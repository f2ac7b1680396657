select cron.schedule('prune-scraping-health', '17 * * * *', 'select private.prune_scraping_health()');
