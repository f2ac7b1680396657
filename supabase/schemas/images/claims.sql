-- Claiming image downloads: who downloads what, and for how long.

create function private.image_max_attempts() returns integer
language sql immutable parallel safe
set search_path = ''
as $$ select 5 $$;

create function private.rescue_image_downloads(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_rescued integer;
begin
  update public.image_downloads d
  set status = case when d.attempts < private.image_max_attempts() then 'pending' else 'failed' end,
      next_attempt_at = case when d.attempts < private.image_max_attempts() then now() end,
      lease_token = null,
      lease_expires_at = null,
      outcome = 'timeout',
      last_error = private.worker_died(),
      last_attempt_at = now()
  from (
    select e.vehicle_id, e.url
    from public.image_downloads e
    where e.lease_token is not null and e.lease_expires_at <= now()
    order by e.lease_expires_at
    limit p_limit
    for update skip locked
  ) expired
  where (d.vehicle_id, d.url) = (expired.vehicle_id, expired.url);
  get diagnostics v_rescued = row_count;
  return v_rescued;
end
$$;
comment on function private.rescue_image_downloads(integer) is
  'Takes back the images of workers that died; the attempt counts, so that an image that kills its worker ends. Gives how many.';

create function private.lock_due_images(p_wave smallint, p_limit integer, p_skip_hosts text[])
returns table (vehicle_id uuid, url text, "position" integer, next_attempt_at timestamptz)
language sql
set search_path = ''
as $$
  select d.vehicle_id, d.url, d.position, d.next_attempt_at
  from public.image_downloads d
  where d.status = 'pending'
    and d.wave = p_wave
    and d.next_attempt_at <= now()
    and d.host <> all (p_skip_hosts)
  order by d.next_attempt_at
  limit p_limit
  for update skip locked
$$;

create function private.lock_due_images_of(p_vehicle_ids uuid[], p_limit integer, p_skip_hosts text[])
returns table (vehicle_id uuid, url text, "position" integer, next_attempt_at timestamptz)
language sql
set search_path = ''
as $$
  select d.vehicle_id, d.url, d.position, d.next_attempt_at
  from public.image_downloads d
  where d.vehicle_id = any (p_vehicle_ids)
    and d.status = 'pending'
    and d.wave <= (select private.last_wave())
    and d.next_attempt_at <= now()
    and d.host <> all (p_skip_hosts)
  order by d.wave, d.position, d.next_attempt_at
  limit p_limit
  for update skip locked
$$;

create function public.heartbeat_image_downloads(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases('image_downloads', p_tokens)
$$;
comment on function public.heartbeat_image_downloads(uuid[]) is
  'Extends the leases that are still held; gives how many.';

revoke execute on function public.heartbeat_image_downloads(uuid[]) from public, anon, authenticated;

grant execute on function
  public.heartbeat_image_downloads(uuid[]),
  private.image_max_attempts(),
  private.rescue_image_downloads(integer),
  private.lock_due_images(smallint, integer, text[]),
  private.lock_due_images_of(uuid[], integer, text[])
to service_role;
