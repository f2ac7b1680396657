-- How the images stand, and trying them again.

create function public.retry_image_downloads(p_vehicle_ids uuid[], p_include_gone boolean default false)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_retried integer;
begin
  perform private.lock_vehicles(p_vehicle_ids);

  update public.image_downloads d
  set status = 'pending',
      attempts = 0,
      next_attempt_at = now(),
      blocked_days = 0,
      last_blocked_on = null,
      content_hash = null,
      duplicate_of = null
  where d.vehicle_id = any (p_vehicle_ids)
    and (
      (d.status = 'failed' and d.outcome <> 'invalid')
      or (d.status = 'gone' and p_include_gone)
      -- Waiting for its turn, unless the host itself said when to come back.
      or (
        d.status = 'pending' and d.next_attempt_at > now()
        and coalesce(d.outcome, '') not in ('rate_limited', 'blocked')
      )
      -- Stored once, and the picture was deleted since.
      or (
        d.status in ('stored', 'duplicate')
        and not exists (
          select from public.vehicle_images i
          where i.vehicle_id = d.vehicle_id and i.content_hash = d.content_hash
        )
      )
    );
  get diagnostics v_retried = row_count;
  perform private.try_next_cover(coalesce(p_vehicle_ids, '{}'));
  return v_retried;
end
$$;
comment on function public.retry_image_downloads(uuid[], boolean) is
  'A person''s "try these again": failed images, and those waiting for another try, are due now with all attempts before them. Images that the site removed only with p_include_gone.';

create function public.images_given_up(p_vehicle_ids uuid[] default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'images', count(*),
    'vehicles', count(distinct d.vehicle_id),
    'what_to_type', case
      when count(*) = 0 then null
      when p_vehicle_ids is null
        then 'select retry_image_downloads(array(select distinct vehicle_id from image_downloads where status = ''failed''));'
      else format('select retry_image_downloads(%L::uuid[]);', array_agg(distinct d.vehicle_id))
    end)
  from public.image_downloads d
  where d.status = 'failed'
    and d.outcome <> 'invalid' -- what is no picture is none the next time
    and (p_vehicle_ids is null or d.vehicle_id = any (p_vehicle_ids))
$$;
comment on function public.images_given_up(uuid[]) is
  'How many images of these vehicles, or of all, no worker tries again because their attempts are spent, of how many vehicles, and what to type so that they are: {images, vehicles, what_to_type}.';

create function public.vehicles_due_for_images(p_limit integer default 50, p_only_missing boolean default true)
returns setof uuid
language sql stable
set search_path = ''
as $$
  select due.vehicle_id
  from (
    select w.wave, d.vehicle_id, d.next_attempt_at
    from generate_series(0, case when p_only_missing then least(0, private.last_wave()) else private.last_wave() end) as w(wave)
    cross join lateral (
      select d.vehicle_id, d.next_attempt_at
      from public.image_downloads d
      where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
        and not (
          (p_only_missing or private.last_wave() = 0)
          and exists (select from public.vehicle_images i where i.vehicle_id = d.vehicle_id)
        )
      order by d.next_attempt_at
      limit p_limit * 4
    ) d
  ) due
  group by due.vehicle_id
  order by min(due.wave), min(due.next_attempt_at)
  limit p_limit
$$;
comment on function public.vehicles_due_for_images(integer, boolean) is
  'Vehicles with an image to download now, those without any picture first, longest due first.';

create function public.image_backlog(p_vehicle_ids uuid[])
returns table (
  vehicle_id uuid, urls integer, images integer, due integer, waiting integer, leased integer,
  failed integer, gone integer, next_attempt_at timestamptz, last_error text
)
language sql stable
set search_path = ''
as $$
  select
    v.id,
    count(d.url)::integer,
    (select count(*) from public.vehicle_images i where i.vehicle_id = v.id)::integer,
    count(*) filter (where d.status = 'pending' and d.next_attempt_at <= now())::integer,
    count(*) filter (where d.status = 'pending' and d.next_attempt_at > now())::integer,
    count(*) filter (where d.status = 'leased')::integer,
    count(*) filter (where d.status = 'failed')::integer,
    count(*) filter (where d.status = 'gone')::integer,
    min(d.next_attempt_at),
    (array_agg(d.last_error order by d.last_attempt_at desc nulls last) filter (where d.last_error is not null))[1]
  from public.vehicles v
  left join public.image_downloads d on d.vehicle_id = v.id
  where v.id = any (p_vehicle_ids)
  group by v.id
$$;
comment on function public.image_backlog(uuid[]) is
  'How the images of the given vehicles stand. A vehicle that does not exist is not in the answer.';

create function private.image_downloads_are_due() returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from generate_series(0, private.last_wave()) as w(wave)
    where exists (
      select from public.image_downloads d
      where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
        and (
          private.last_wave() > 0
          or not exists (select from public.vehicle_images i where i.vehicle_id = d.vehicle_id))
    )
  ) or exists (
    select from public.image_downloads d where d.lease_token is not null and d.lease_expires_at <= now()
  )
$$;
comment on function private.image_downloads_are_due() is
  'Whether backfill-images has something to do: a due image, or one whose worker died.';

create view public.image_download_status with (security_invoker = true) as
select
  d.vehicle_id,
  d.host,
  count(*) as urls,
  count(*) filter (where d.status = 'stored') as stored,
  count(*) filter (where d.status = 'duplicate') as duplicates,
  count(*) filter (where d.status = 'pending') as waiting,
  count(*) filter (where d.status = 'leased') as in_progress,
  count(*) filter (where d.status = 'failed') as failed,
  count(*) filter (where d.status = 'gone') as gone,
  min(d.next_attempt_at) as next_attempt_at,
  (array_agg(d.last_error order by d.last_attempt_at desc nulls last) filter (where d.last_error is not null))[1]
    as why
from public.image_downloads d
group by d.vehicle_id, d.host;
comment on view public.image_download_status is
  'For each vehicle and image host: how many images are stored, waiting (and until when), failed or gone, and what the last failure was.';
grant select on public.image_download_status to authenticated, service_role;

revoke execute on function
  public.retry_image_downloads(uuid[], boolean),
  public.images_given_up(uuid[]),
  public.vehicles_due_for_images(integer, boolean),
  public.image_backlog(uuid[])
from public, anon, authenticated;

grant execute on function
  public.retry_image_downloads(uuid[], boolean),
  public.images_given_up(uuid[]),
  public.vehicles_due_for_images(integer, boolean),
  public.image_backlog(uuid[]),
  private.image_downloads_are_due()
to service_role;
