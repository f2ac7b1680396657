select private.add_lease('pipeline_runs', 'status = ''running''');
