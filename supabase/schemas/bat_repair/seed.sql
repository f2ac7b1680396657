select private.add_queue(
  'bat_extraction_queue', 'process-bat-extraction-queue', 'complete', true, 'priority', p_reads_listings => true,
  p_worker_columns => '{vehicle_id,bat_url,priority,reason}');

-- A finished row remembers what its vehicle's page does not state.
update private.queues set keep_done = '10 years' where table_name = 'bat_extraction_queue';
