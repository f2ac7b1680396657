select private.add_queue(
  'backfill_queue', 'process-backfill-queue', 'completed', false, 'priority', p_reads_listings => true);
