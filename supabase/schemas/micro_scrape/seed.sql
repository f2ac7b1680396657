select private.add_lease('micro_scrape_state', 'state = ''leased''', true);
