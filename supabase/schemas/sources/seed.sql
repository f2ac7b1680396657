select private.add_lease('source_probes', 'status = ''processing''');
