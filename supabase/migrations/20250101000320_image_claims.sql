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
    and d.next_attempt_at <= now()
    and d.host <> all (p_skip_hosts)
  order by d.wave, d.position, d.next_attempt_at
  limit p_limit
  for update skip locked
$$;

create function public.claim_image_downloads(
  p_limit integer default 8,
  p_vehicle_ids uuid[] default null,
  p_only_missing boolean default false,
  p_per_vehicle integer default null,
  p_skip_hosts text[] default '{}'
)
returns table (
  vehicle_id uuid, url text, "position" integer, attempts integer, lease_token uuid, lease_expires_at timestamptz
)
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('image_downloads');
  v_left integer := greatest(p_limit, 0);
  -- A cap per vehicle passes rows over, so more are looked at than are taken.
  v_look integer := case when p_per_vehicle is null then 1 else 8 end;
  v_vehicles uuid[];
  v_urls text[];
begin
  perform private.rescue_image_downloads(1000);

  -- Wave 0 holds only vehicles without a picture, so "only missing" is wave 0 and nothing else.
  for v_wave in 0 .. case when p_only_missing or p_vehicle_ids is not null then 0 else 3 end loop
    exit when v_left = 0;

    select array_agg(r.vehicle_id), array_agg(r.url)
    into v_vehicles, v_urls
    from (
      select due.vehicle_id, due.url
      from (
        select l.*, row_number() over (partition by l.vehicle_id order by l.position) as turn
        from (
          select * from private.lock_due_images(v_wave::smallint, v_left * v_look, p_skip_hosts)
          where p_vehicle_ids is null
          union all
          select * from private.lock_due_images_of(p_vehicle_ids, v_left * v_look, p_skip_hosts)
          where p_vehicle_ids is not null
        ) l
        where not p_only_missing
          or not exists (select from public.vehicle_images i where i.vehicle_id = l.vehicle_id)
      ) due
      where p_per_vehicle is null or due.turn <= p_per_vehicle
      order by due.turn, due.next_attempt_at, due.vehicle_id
      limit v_left
    ) r;

    return query
    update public.image_downloads d
    set status = 'leased',
        attempts = d.attempts + 1,
        next_attempt_at = null,
        lease_token = gen_random_uuid(),
        lease_expires_at = now() + v_lease
    from unnest(v_vehicles, v_urls) as k(vehicle_id, url)
    where d.vehicle_id = k.vehicle_id and d.url = k.url
    returning d.vehicle_id, d.url, d.position, d.attempts, d.lease_token, d.lease_expires_at;
    v_left := v_left - coalesce(cardinality(v_urls), 0);
  end loop;
end
$$;
comment on function public.claim_image_downloads(integer, uuid[], boolean, integer, text[]) is
  'Leases up to p_limit due images, each under a token of its own. First the covers of vehicles without a picture, then the galleries in waves. p_only_missing: only vehicles without a picture. p_per_vehicle: at most so many of one vehicle. p_skip_hosts: hosts that take no request now.';

create function public.heartbeat_image_downloads(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases('image_downloads', p_tokens)
$$;
comment on function public.heartbeat_image_downloads(uuid[]) is
  'Extends the leases that are still held; gives how many.';

revoke execute on function
  public.claim_image_downloads(integer, uuid[], boolean, integer, text[]),
  public.heartbeat_image_downloads(uuid[])
from public, anon, authenticated;
grant execute on function
  public.claim_image_downloads(integer, uuid[], boolean, integer, text[]),
  public.heartbeat_image_downloads(uuid[]),
  private.image_max_attempts(),
  private.rescue_image_downloads(integer),
  private.lock_due_images(smallint, integer, text[]),
  private.lock_due_images_of(uuid[], integer, text[])
to service_role;
