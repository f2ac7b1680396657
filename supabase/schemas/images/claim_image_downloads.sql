create function public.claim_image_downloads(
  p_limit integer default 8,
  p_vehicle_ids uuid[] default null,
  p_only_missing boolean default false,
  p_per_vehicle integer default null,
  p_skip_hosts text[] default '{}'
)
returns table (
  vehicle_id uuid, url text, "position" integer, attempts integer, lease_token uuid, lease_expires_at timestamptz,
  wave smallint
)
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('image_downloads');
  v_left integer := greatest(p_limit, 0);
  v_limit constant integer := v_left;
  -- A cap per vehicle passes rows over, so more are looked at than are taken.
  v_look integer := case when p_per_vehicle is null then 1 else 8 end;
  v_vehicles uuid[];
  v_urls text[];
  v_last_wave integer := private.last_wave();
  v_only_missing boolean := p_only_missing or v_last_wave = 0;
begin
  perform private.rescue_image_downloads(1000);

  -- Wave 0 holds only vehicles without a picture, so "only missing" is wave 0 and nothing else.
  for v_wave in 0 .. case when v_only_missing or p_vehicle_ids is not null then least(0, v_last_wave) else v_last_wave end loop
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
        where not v_only_missing
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
    returning d.vehicle_id, d.url, d.position, d.attempts, d.lease_token, d.lease_expires_at, d.wave;
    v_left := v_left - coalesce(cardinality(v_urls), 0);
  end loop;
  -- A run claims again and again: its last claim, which finds nothing, says nothing of an invocation on its way.
  if p_vehicle_ids is null
    and (v_left < v_limit or not exists (select from public.image_downloads d where d.lease_token is not null)) then
    perform private.note_claim('backfill-images', v_limit - v_left);
  end if;
end
$$;
comment on function public.claim_image_downloads(integer, uuid[], boolean, integer, text[]) is
  'Leases up to p_limit due images, each under a token of its own. First the covers of vehicles without a picture, then the galleries in waves. p_only_missing: only vehicles without a picture. p_per_vehicle: at most so many of one vehicle. p_skip_hosts: hosts that take no request now. Of none is more taken than fill_policy.galleries wants. wave 0 is a cover.';

revoke execute on function
  public.claim_image_downloads(integer, uuid[], boolean, integer, text[])
from public, anon, authenticated;
grant execute on function public.claim_image_downloads(integer, uuid[], boolean, integer, text[]) to service_role;
