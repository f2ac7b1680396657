create function private.note_unneeded_images() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.unneeded_snapshot_objects (bucket, storage_path)
  select distinct 'vehicle-images', d.storage_path
  from deleted d
  where not private.is_needed_object('vehicle-images', d.storage_path)
  order by 2 -- two that delete the same pictures do not wait in a circle
  on conflict do nothing;
  return null;
end
$$;
comment on function private.note_unneeded_images() is
  'The files of deleted pictures that no other vehicle shows are removed from Storage by prune-snapshots.';
revoke execute on function private.note_unneeded_images() from public;

create trigger note_unneeded_images
  after delete on public.vehicle_images
  referencing old table as deleted
  for each statement execute function private.note_unneeded_images();
