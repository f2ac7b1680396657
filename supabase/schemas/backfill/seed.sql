select private.add_queue(
  'backfill_queue', 'process-backfill-queue', 'completed', false, 'priority', p_reads_listings => true,
  p_worker_columns => '{vehicle_id,reason,source_url,fields_wanted,reextract}');
