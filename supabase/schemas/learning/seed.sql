select private.add_queue('extraction_map_jobs', 'learn-extraction-maps', 'completed', true, null,
  p_worker_columns => '{source,cause,fields,step,state}');
