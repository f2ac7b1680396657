-- Files in Storage are named by their content, so one that is being removed may be kept again at the same moment.
-- Whoever is about to name a file in a row, and whoever is about to remove it, take a lock on its name: no row is
-- without its file, whichever of them is first.

create function private.object_lock(p_path text) returns bigint
language sql immutable parallel safe
return hashtextextended('object ' || p_path, 5);
comment on function private.object_lock(text) is 'The advisory lock of a file in Storage.';
grant execute on function private.object_lock(text) to service_role;

create function private.is_needed_object(p_bucket text, p_path text) returns boolean
language sql stable
set search_path = ''
as $$
  select case p_bucket
    when 'vehicle-images' then exists (
      select from public.vehicle_images i
      where i.content_hash = substring(p_path from '[0-9a-f]{64}') and i.storage_path = p_path)
    else exists (
      select from public.page_snapshots s
      where s.sha256 = substring(p_path from '[0-9a-f]{64}') and s.storage_path = p_path)
  end
$$;
comment on function private.is_needed_object(text, text) is 'Whether a row names this file.';
grant execute on function private.is_needed_object(text, text) to service_role;

create function private.keep_objects(p_paths text[]) returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_removed text[];
begin
  if p_paths is null or p_paths = '{}' then
    return '{}';
  end if;
  perform pg_advisory_xact_lock_shared(k.key)
  from (select distinct private.object_lock(p) as key from unnest(p_paths) p order by 1) k;

  -- A statement of its own, which sees what was claimed before the locks were there.
  v_removed := array(
    select storage_path from private.unneeded_snapshot_objects
    where storage_path = any (p_paths) and removing_at is not null
    union all
    select storage_path from private.removed_objects
    where storage_path = any (p_paths) and removed_at > clock_timestamp() - interval '15 minutes'
  );
  if v_removed <> '{}' then
    with held as (
      select storage_path from private.unneeded_snapshot_objects
      where storage_path = any (v_removed) for update skip locked
    )
    update private.unneeded_snapshot_objects u set uploaded_again = true from held where u.storage_path = held.storage_path;
    with held as (
      select storage_path from private.removed_objects where storage_path = any (v_removed) for update skip locked
    )
    update private.removed_objects r set uploaded_again = true from held where r.storage_path = held.storage_path;
  end if;
  return array(select p from unnest(p_paths) p where p <> all (v_removed));
end
$$;
comment on function private.keep_objects(text[]) is
  'Of files that were uploaded, those that rows may name until the transaction ends. The others are being removed, or were a moment ago: whether before or after the upload nobody can say.';
grant execute on function private.keep_objects(text[]) to service_role;

create function public.claim_unneeded_objects(p_limit integer default 500) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_paths text[];
  v_claimed jsonb;
begin
  with old as (
    delete from private.removed_objects
    where removed_at < clock_timestamp() - interval '15 minutes'
    returning storage_path, bucket, uploaded_again
  )
  insert into private.unneeded_snapshot_objects (storage_path, bucket)
  select storage_path, bucket from old where uploaded_again
  on conflict do nothing;

  v_paths := array(
    select storage_path
    from private.unneeded_snapshot_objects
    where removing_at is null or removing_at < clock_timestamp() - interval '15 minutes' -- that run is dead
    order by since, storage_path
    limit p_limit
    for update skip locked
  );
  -- What somebody is about to name is left for another time.
  v_paths := array(select p from unnest(v_paths) p where pg_try_advisory_xact_lock(private.object_lock(p)));
  -- The same content may have been kept again since.
  delete from private.unneeded_snapshot_objects
  where storage_path = any (v_paths) and private.is_needed_object(bucket, storage_path);
  with claimed as (
    update private.unneeded_snapshot_objects
    set removing_at = clock_timestamp(), uploaded_again = false
    where storage_path = any (v_paths)
    returning bucket, storage_path
  )
  select coalesce(jsonb_agg(to_jsonb(c) order by c.storage_path), '[]') into v_claimed from claimed c;
  return v_claimed;
end
$$;
comment on function public.claim_unneeded_objects(integer) is
  'Files in Storage that the caller removes now, the oldest first, as [{bucket, storage_path}]; forget_snapshot_objects() then says that it did. Until then no row names them.';
grant execute on function public.claim_unneeded_objects(integer) to service_role;

create function public.preview_unneeded_objects(p_limit integer default 500) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket, 'storage_path', o.storage_path)), '[]')
  from (
    select bucket, storage_path
    from private.unneeded_snapshot_objects
    where not private.is_needed_object(bucket, storage_path)
    order by since, storage_path
    limit p_limit
  ) o
$$;
comment on function public.preview_unneeded_objects(integer) is 'What claim_unneeded_objects() would give. Changes nothing.';
grant execute on function public.preview_unneeded_objects(integer) to service_role;

create function public.unneeded_snapshot_objects(p_limit integer default 500) returns jsonb
language sql
set search_path = ''
as $$
  delete from private.unneeded_snapshot_objects where private.is_needed_object(bucket, storage_path);
  select coalesce(jsonb_agg(o.storage_path), '[]')
  from (
    select storage_path
    from private.unneeded_snapshot_objects
    where bucket = 'page-snapshots'
    order by since, storage_path
    limit p_limit
  ) o
$$;
comment on function public.unneeded_snapshot_objects(integer) is
  'Paths in the bucket page-snapshots that may be removed, the oldest first. For the functions of 0.1.0; claim_unneeded_objects() has taken its place.';
grant execute on function public.unneeded_snapshot_objects(integer) to service_role;

create function public.forget_snapshot_objects(p_paths text[]) returns integer
language sql
set search_path = ''
as $$
  with gone as (
    delete from private.unneeded_snapshot_objects
    where storage_path = any (p_paths)
    returning storage_path, bucket, uploaded_again
  ),
  noted as (
    insert into private.removed_objects (storage_path, bucket, removed_at, uploaded_again)
    select storage_path, bucket, clock_timestamp(), uploaded_again from gone
    on conflict (storage_path) do update
    set removed_at = excluded.removed_at, uploaded_again = excluded.uploaded_again
  )
  select count(*)::integer from gone
$$;
comment on function public.forget_snapshot_objects(text[]) is 'Says that these objects were removed from Storage.';
grant execute on function public.forget_snapshot_objects(text[]) to service_role;
