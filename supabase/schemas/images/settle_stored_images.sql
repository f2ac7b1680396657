create function private.settle_stored_images(p_results private.image_result[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
set enable_seqscan = off
as $$
begin
  with held as materialized (
    select d.vehicle_id, d.url, d.position, r.content_hash, r.storage_path, r.mime_type, r.bytes, r.width, r.height
    from unnest(p_results) r
    join public.image_downloads d on d.vehicle_id = r.vehicle_id and d.url = r.url
    where d.lease_token = r.lease_token
  ),
  classified as (
    select h.*,
           coalesce(
             (
               select s.url from public.image_downloads s
               where s.vehicle_id = h.vehicle_id and s.content_hash = h.content_hash and s.status = 'stored'
             ),
             first_value(h.url) over (
               partition by h.vehicle_id, h.content_hash order by h.position, h.url
             )
           ) as original
    from held h
  ),
  new_pictures as (
    select j.*, row_number() over (partition by j.vehicle_id order by j.position, j.url) = 1
             and (
               select count(*) from public.vehicle_images i where i.vehicle_id = j.vehicle_id and i.is_primary
             ) = 0 as is_primary -- "not exists" may be planned as a hash of every primary picture there is
    from classified j
    where j.original = j.url
      and not exists (
        select from public.vehicle_images i
        where i.vehicle_id = j.vehicle_id and i.content_hash = j.content_hash
      )
  ),
  pictures as (
    insert into public.vehicle_images
      (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position, is_primary)
    select n.vehicle_id, n.content_hash, n.url, n.storage_path, n.mime_type, n.bytes, n.width, n.height, n.position, n.is_primary
    from new_pictures n
    on conflict (vehicle_id, content_hash) do nothing
  )
  update public.image_downloads d
  set status = case when j.original = j.url then 'stored' else 'duplicate' end,
      duplicate_of = nullif(j.original, j.url),
      content_hash = j.content_hash,
      outcome = 'ok',
      http_status = 200,
      last_error = null,
      last_attempt_at = now(),
      blocked_days = 0,
      last_blocked_on = null,
      lease_token = null,
      lease_expires_at = null
  from classified j
  where d.vehicle_id = j.vehicle_id and d.url = j.url;
end
$$;
grant execute on function private.settle_stored_images(private.image_result[]) to service_role;
