-- Snapshots and pictures are for operators to look at: Storage asks this policy.
create policy operators_read_kept_files on storage.objects
  for select to authenticated
  using (bucket_id in ('page-snapshots', 'vehicle-images') and (select private.is_operator()));
