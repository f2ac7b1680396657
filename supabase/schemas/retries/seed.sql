select private.add_queue(
  'scrape_retry_queue', 'retry-failed-steps', 'completed', false, null,
  'retry_count', 'max_retries', 'next_retry_at', true,
  p_worker_columns => '{vehicle_id,step_name}');
