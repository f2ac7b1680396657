-- Settling and releasing image downloads: what became of what was claimed. Only the holder of a lease settles it.

create function private.lock_vehicles(p_vehicle_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform from public.vehicles v
  where v.id = any (p_vehicle_ids)
  order by v.id
  for no key update;
end
$$;
comment on function private.lock_vehicles(uuid[]) is
  'Writers take the vehicles in id order, then image_downloads and micro_scrape_state: so none waits in a circle.';

-- Rows are always reached by their vehicle and URL. "enable_seqscan = off" says so to a plan that is made
-- while the tables are small, and kept by its session while they grow.
create type private.image_result as (
  vehicle_id uuid,
  url text,
  lease_token uuid,
  kind text, -- stored | failed | released
  code text,
  http_status integer,
  error text,
  retry_at timestamptz,
  content_hash text,
  storage_path text,
  mime_type text,
  bytes integer,
  width integer,
  height integer
);

create function private.settle_other_images(p_results private.image_result[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
set enable_seqscan = off
as $$
begin
  with held as (
    select r.*,
           d.attempts,
           private.bounded(r.retry_at) as not_before,
           private.is_refused(r.code) as is_refused,
           private.is_walled(r.code) as is_walled,
           private.days_blocked(r.code, d.blocked_days, d.last_blocked_on) as days_blocked
    from unnest(p_results) r
    join public.image_downloads d on d.vehicle_id = r.vehicle_id and d.url = r.url
    where d.lease_token = r.lease_token
  ),
  classified as (
    select h.*,
           case
             when h.kind = 'released' or h.code = 'rate_limited' then 'pending'
             when h.is_walled and h.days_blocked < private.max_blocked_days() then 'pending'
             when h.code = 'gone' then 'gone'
             when h.code in ('timeout', 'network', 'server_error')
               and h.attempts < private.image_max_attempts() then 'pending'
             else 'failed'
           end as next_status,
           (h.kind = 'released' or h.is_refused)::integer as refund
    from held h
  )
  update public.image_downloads d
  set status = j.next_status,
      attempts = greatest(d.attempts - j.refund, 0),
      next_attempt_at = case
        when j.next_status <> 'pending' then null
        when j.kind = 'released' then coalesce(j.not_before, now())
        when j.is_walled then coalesce(j.not_before, now() + interval '6 hours')
        when j.code = 'rate_limited' then coalesce(j.not_before, now() + interval '10 minutes')
        else private.retry_after_failure(2 * d.attempts, j.retry_at)
      end,
      outcome = case when j.kind = 'released' then d.outcome else j.code end,
      http_status = case when j.kind = 'released' then d.http_status else j.http_status end,
      last_error = coalesce(left(j.error, 500), j.code, d.last_error),
      last_attempt_at = case when j.kind = 'released' then d.last_attempt_at else now() end,
      blocked_days = j.days_blocked,
      last_blocked_on = case when j.is_walled then current_date else d.last_blocked_on end,
      lease_token = null,
      lease_expires_at = null
  from classified j
  where d.vehicle_id = j.vehicle_id and d.url = j.url;
end
$$;

create function private.why_image_result_is_refused(r private.image_result) returns text
language sql immutable
set search_path = ''
as $$
  select case
    when r.vehicle_id is null or r.url is null then 'vehicle_id and url are needed'
    when r.kind = 'released' then null
    when r.kind = 'failed' then case
      when r.code in (
        'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network', 'server_error',
        'too_large', 'unreadable', 'not_a_listing', 'invalid'
      ) then null
      else 'unknown failure code ' || coalesce(r.code, '(none)')
    end
    when r.kind = 'stored' then case
      when r.content_hash ~ '^[0-9a-f]{64}$' and strpos(r.storage_path, r.content_hash) > 0
        and r.mime_type in ('image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif')
        and r.bytes > 0 and r.width > 0 and r.height > 0 then null
      else 'a stored image needs content_hash, storage_path, mime_type, bytes, width and height'
    end
    else 'unknown kind ' || coalesce(r.kind, '(none)')
  end
$$;

create function private.settle_images(p_results private.image_result[]) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_kept text[];
begin
  if cardinality(p_results) = 0 then
    return;
  end if;
  -- A picture whose file is being removed at this moment is downloaded once more.
  v_kept := private.keep_objects(array(select distinct storage_path from unnest(p_results) where kind = 'stored'));
  p_results := array(
    select case
      when r.kind = 'stored' and r.storage_path <> all (v_kept) then jsonb_populate_record(r, jsonb_build_object(
        'kind', 'released', 'error', 'its file was just removed from Storage',
        'retry_at', now() + interval '20 minutes'))
      else r
    end
    from unnest(p_results) r);
  perform private.settle_stored_images(
    array(select r from unnest(p_results) r where r.kind = 'stored')
  );
  perform private.settle_other_images(
    array(select r from unnest(p_results) r where r.kind <> 'stored')
  );

  -- A vehicle that has a picture now leaves wave 0; one whose cover failed tries its next URL.
  update public.image_downloads d
  set wave = 1
  where d.vehicle_id in (select r.vehicle_id from unnest(p_results) r)
    and d.wave = 0
    and d.status = 'pending'
    and exists (select from public.vehicle_images i where i.vehicle_id = d.vehicle_id);
  perform private.try_next_cover(
    array(
      select distinct r.vehicle_id from unnest(p_results) r
      where r.kind = 'failed' and not private.is_refused(r.code)
    )
  );
end
$$;

create function public.settle_image_downloads(p_results jsonb)
returns table (
  vehicle_id uuid, url text, result text, next_attempt_at timestamptz, detail text
)
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_results private.image_result[] :=
    array(select r from jsonb_populate_recordset(null::private.image_result, p_results) r);
  v_valid private.image_result[];
begin
  perform private.lock_vehicles(array(select r.vehicle_id from unnest(v_results) r));

  v_valid := array(
    select r
    from unnest(v_results) r
    join public.image_downloads d on d.vehicle_id = r.vehicle_id and d.url = r.url
    where d.lease_token = r.lease_token
      and private.why_image_result_is_refused(r) is null
    order by d.vehicle_id, d.url
    for update of d
  );
  perform private.settle_images(v_valid);

  return query
  select
    r.vehicle_id,
    r.url,
    case
      when private.why_image_result_is_refused(r) is not null then 'refused'
      when exists (select from unnest(v_valid) v where v.lease_token = r.lease_token) then d.status
      else 'stale'
    end,
    d.next_attempt_at,
    coalesce(private.why_image_result_is_refused(r), d.last_error, d.duplicate_of)
  from unnest(v_results) r
  left join public.image_downloads d on d.vehicle_id = r.vehicle_id and d.url = r.url;
end
$$;
comment on function public.settle_image_downloads(jsonb) is
  'Takes [{vehicle_id, url, lease_token, kind: stored|failed|released, …}] and says of each what became of it: a status of image_downloads, or stale (the lease was lost: nothing changed), or refused (the item makes no sense: nothing changed).';

create function public.release_image_downloads(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  select count(*)::integer
  from public.settle_image_downloads((
    select jsonb_agg(i || '{"kind": "released"}') from jsonb_array_elements(p_items) i
  ))
  where result = 'pending'
$$;
comment on function public.release_image_downloads(jsonb) is
  'Hands back images that were not begun, as [{vehicle_id, url, lease_token, retry_at, error}]; the attempt is given back. Gives how many were still held.';

revoke execute on function
  public.settle_image_downloads(jsonb),
  public.release_image_downloads(jsonb)
from public, anon, authenticated;

grant execute on function
  public.settle_image_downloads(jsonb),
  public.release_image_downloads(jsonb),
  private.lock_vehicles(uuid[]),
  private.settle_other_images(private.image_result[]),
  private.why_image_result_is_refused(private.image_result),
  private.settle_images(private.image_result[])
to service_role;
