create function private.invoke_due_images() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_image_downloads(1000);
  perform private.invoke_worker('backfill-images');
end
$$;
comment on function private.invoke_due_images() is
  'Rescues the images of workers that died, and invokes backfill-images when one is due.';
revoke execute on function private.invoke_due_images() from public;
