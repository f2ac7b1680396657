select private.add_queue(
  'listing_checks', 'check-listings', 'complete', false, 'priority', p_reads_listings => true,
  p_promotes_itself => true, p_worker_columns => '{listing_id,vehicle_id,listing_url}');

-- A finished row says when its listing is looked at next.
update private.queues set keep_done = '10 years', since_column = 'requeue_at' where table_name = 'listing_checks';

insert into private.change_rates_refreshed (up_to) values ('-infinity') on conflict (one) do nothing;
