select private.add_queue('import_queue', 'process-import-queue', 'complete', true, 'priority', p_worker_columns => '{listing_url}');

-- What was imported, or is no vehicle, is not found anew.
update private.queues set keep_done = '10 years' where table_name = 'import_queue';
