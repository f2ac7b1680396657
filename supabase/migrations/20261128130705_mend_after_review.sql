-- Mend after review.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function public.resume_host(text, integer);

create or replace function private.invoke_micro_scrape() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_micro_scrape_state(10000);
  perform private.promote_due_micro_scrape_state(10000);
  perform private.reopen_for_new_versions(10000);
  perform private.close_dead_runs();
  -- Vehicles of a host that serves nobody may stand before all others.
  if not private.has_claimable('micro-scrape-bandaid') then
    perform private.put_off_late_micro_scrape();
  end if;
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}');
end
$$;

create or replace function private.on_vehicle_deleted() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_kept uuid := nullif(current_setting('vehicles.merged_into', true), '')::uuid;
  v_reason text := coalesce(nullif(current_setting('vehicles.reason', true), ''), 'deleted by hand');
  v_title text := nullif(concat_ws(' ', old.year, old.make, old.model), '');
  v_addresses text[] := array(
    select old.canonical_url where old.canonical_url is not null
    union
    select e.source_url from public.auction_events e where e.vehicle_id = old.id
    union
    select q.canonical_url from public.import_queue q where q.vehicle_id = old.id
    union
    select r.canonical_url from public.remembered_addresses r where r.vehicle_id = old.id
  );
begin
  perform private.remember_addresses(v_addresses, old.id, v_kept, v_title, v_reason);
  if v_kept is null then
    perform private.forget_pages(v_addresses);
    -- Also the row of a worker: it loses its lease, and what it has read makes no vehicle; and one that could be
    -- tried again.
    delete from public.import_queue
    where canonical_url = any (v_addresses) and status in ('pending', 'processing', 'failed');
    -- The copies that merges keep, to be taken back.
    delete from public.vehicle_merges where old.id in (kept_vehicle_id, merged_vehicle_id);
  end if;
  return old;
end
$$;

create or replace function private.put_off_late_micro_scrape() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_seen uuid[];
  v_late uuid[];
  v_count integer := 0;
begin
  for i in 1 .. 10 loop
    v_seen := array(
      select vehicle_id
      from public.micro_scrape_state
      where state = 'due'
      order by score, vehicle_created_at desc, vehicle_id
      limit 2000
      for update skip locked
    );
    with late as (
      select r.vehicle_id, r.starts_at
      from private.next_fetch_at(v_seen) r
      where r.starts_at >= now() + private.claim_horizon()
    ),
    put_off as (
      update public.micro_scrape_state s
      set state = 'waiting', due_at = least(late.starts_at, now() + interval '1 hour')
      from late
      where s.vehicle_id = late.vehicle_id
      returning s.vehicle_id
    )
    select array_agg(vehicle_id) into v_late from put_off;
    v_count := v_count + coalesce(cardinality(v_late), 0);
    exit when cardinality(v_seen) < 2000 or coalesce(cardinality(v_late), 0) < cardinality(v_seen);
  end loop;
  return v_count;
end
$$;

create or replace function private.queue_again_what_older_read(p_version_id uuid, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_version public.scraper_versions := (select v from public.scraper_versions v where v.id = p_version_id);
  v_deployed_at timestamptz := (
    select max(updated_at) from public.scrape_sources where scraper_name = v_version.scraper_name);
  v_id uuid;
  v_count integer := 0;
begin
  if private.version_number(private.deployed_version(v_version.scraper_name)) < private.version_number(v_version.version) then
    return 0; -- it would be read by the same reader again
  end if;
  for v_id in
    select b.id
    from public.backfill_queue b
    where b.scraper_version_id = p_version_id
      and b.status = 'completed'
      and (private.version_number(b.read_by_version) < private.version_number(v_version.version)
        or b.read_by_version is null and b.processed_at < v_deployed_at)
    order by b.id
    limit p_limit
    for update skip locked
  loop
    begin
      update public.backfill_queue set status = 'pending' where id = v_id;
      v_count := v_count + 1;
    exception when unique_violation then
      null; -- it waits already, in a row of its own
    end;
  end loop;
  return v_count;
end
$$;

create or replace function private.settle_request(p_item jsonb, p_outcome text, p_error text, p_changes jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_request jsonb := p_item -> 'request';
  v_waits text := case
    when private.was_read(p_outcome) and v_request ->> 'queue' = 'backfill_queue' then private.read_by_older(p_item) end;
  v_state text;
begin
  if v_waits is not null then
    update public.backfill_queue
    set status = 'pending',
        lease_token = null,
        lease_expires_at = null,
        attempts = greatest(attempts - 1, 0),
        next_attempt_at = 'infinity',
        error_message = v_waits
    where id = (v_request ->> 'id')::uuid
      and lease_token = (v_request ->> 'lease_token')::uuid
    returning status into v_state;
  else
    v_state := private.settle_queue_row(
      v_request ->> 'queue', (v_request ->> 'id')::uuid, (v_request ->> 'lease_token')::uuid,
      p_outcome, p_error, (p_item ->> 'retry_at')::timestamptz);
  end if;
  if v_request ->> 'queue' = 'backfill_queue' then
    update public.backfill_queue
    set changes_detected = p_changes,
        fields_updated = array(select k from jsonb_object_keys(p_changes) k order by k),
        read_by_version = case
          when p_item ->> 'method' = (
            select v.scraper_name from public.scraper_versions v where v.id = scraper_version_id)
          then p_item ->> 'scraper_version' end
    where id = (v_request ->> 'id')::uuid;
  end if;
  return v_state;
end
$$;

create or replace function private.waits_for_host(p_host text) returns text
language sql stable
set search_path = ''
as $$
  select nullif(concat_ws(', ',
    private.up_to_thousand(vehicles, 'vehicle'),
    private.up_to_thousand(images, 'image'),
    private.up_to_thousand(feeds, 'feed')), '')
  from (
    select
      (select count(*) from (
        select
        -- So many are looked at at most: a site may have a million that are complete.
        from (select w.id from public.vehicles w where w.source_host = p_host order by w.id desc limit 20000) v
        join public.micro_scrape_state s on s.vehicle_id = v.id
        where s.state in ('due', 'waiting')
          and s.last_outcome is distinct from 'ok'
          and s.last_outcome is distinct from 'not_modified'
        limit 1001) v) as vehicles,
      (select count(*) from (
        select from public.image_downloads d where d.host = p_host and d.status = 'pending' limit 1001) i) as images,
      (select count(*) from public.listing_feeds f where f.enabled and private.url_host(f.url) = p_host) as feeds
  ) waits
$$;

create or replace function public.claim_image_downloads(
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
  v_limit constant integer := v_left;
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
  -- A run claims again and again: its last claim, which finds nothing, says nothing of an invocation on its way.
  if p_vehicle_ids is null
    and (v_left < v_limit or not exists (select from public.image_downloads d where d.lease_token is not null)) then
    perform private.note_claim('backfill-images', v_limit - v_left);
  end if;
end
$$;

create or replace function public.register_scraper_version(
  p_scraper_name text,
  p_version text,
  p_fields_affected text[],
  p_backfill_priority integer default 5,
  p_backfill_required boolean default true,
  p_reextract boolean default false,
  p_description text default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_version text := private.spelled_version(p_version);
  v_id uuid;
begin
  perform private.refuse_bad_version(
    p_scraper_name, v_version, private.spelled_fields(p_fields_affected), p_backfill_priority);
  select id into v_id from public.scraper_versions where scraper_name = p_scraper_name and version = v_version;
  if v_id is not null then
    return private.describe_version(v_id, false, private.queue_again_what_older_read(v_id, 1000));
  end if;
  insert into public.scraper_versions
    (scraper_name, version, fields_affected, backfill_priority, backfill_required, reextract, description)
  values
    (p_scraper_name, v_version, p_fields_affected, p_backfill_priority, p_backfill_required, p_reextract, p_description)
  on conflict (scraper_name, version) do nothing
  returning id into v_id;
  if v_id is null then -- registered by somebody else at this moment
    select id into v_id from public.scraper_versions where scraper_name = p_scraper_name and version = v_version;
    return private.describe_version(v_id, false);
  end if;
  return private.describe_version(v_id, true);
end
$$;

create or replace function public.resume_host(p_host text, p_limit integer default 10000) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(p_host), lower(regexp_replace(btrim(p_host), '^www\.', '')));
  v_vehicles integer;
  v_queued integer;
  v_images integer;
  v_feeds integer;
  v_more integer;
  v_most integer := 0;
  q private.queues;
begin
  update public.source_hosts
  set breaker = 'closed',
      opened_at = null,
      opened_because = null,
      retry_at = null,
      probe_holder = null,
      probe_until = null,
      times_opened = 0,
      consecutive_refusals = 0,
      consecutive_errors = 0,
      retry_after = null,
      robots_fresh_until = case when robots_error is not null then now() else robots_fresh_until end
  where host = v_host;
  if not found and not exists (select from public.vehicles where source_host = v_host) then
    raise exception 'no host "%" was ever asked, and no vehicle is listed there', v_host
      using errcode = '22023', hint = 'select host from source_host_status;';
  end if;

  update public.micro_scrape_state s
  set due_at = now()
  from (
    select w.vehicle_id
    from public.vehicles v
    join public.micro_scrape_state w on w.vehicle_id = v.id
    where v.source_host = v_host
      and w.state = 'waiting'
      and w.due_at > now()
      -- What was read waits for another reason, unless a claim put it off for the host.
      and (w.last_outcome is null or w.last_outcome not in ('ok', 'not_modified') or w.due_at <= now() + interval '1 hour')
    limit p_limit
    for update of w skip locked
  ) late
  where s.vehicle_id = late.vehicle_id;
  get diagnostics v_vehicles = row_count;

  v_queued := 0;
  for q in select * from private.queues loop -- one statement a queue table
    execute format(
      $sql$
        update public.%1$I
        set %2$I = null
        where id = any (array(
          select id
          from public.%1$I
          where status = 'pending' and %2$I > now() and %2$I < 'infinity' and outcome_code is not null and %3$s
          limit $2
          for update skip locked
        ))
      $sql$, q.table_name, q.due_column,
      case when q.table_name = 'import_queue' then 'private.url_host(listing_url) = $1'
        else 'vehicle_id in (select v.id from public.vehicles v where v.source_host = $1)' end)
    using v_host, p_limit;
    get diagnostics v_more = row_count;
    v_queued := v_queued + v_more;
    v_most := greatest(v_most, v_more);
    if v_more > 0 then
      perform private.invoke_worker(q.function_name);
    end if;
  end loop;

  update public.image_downloads d
  set next_attempt_at = now()
  from (
    select w.vehicle_id, w.url
    from public.image_downloads w
    where w.host = v_host and w.status = 'pending' and w.next_attempt_at > now()
    limit p_limit
    for update skip locked
  ) late
  where (d.vehicle_id, d.url) = (late.vehicle_id, late.url);
  get diagnostics v_images = row_count;

  update public.listing_feeds
  set next_check_at = now()
  where private.url_host(url) = v_host and enabled and failures > 0 and next_check_at > now();
  get diagnostics v_feeds = row_count;

  perform private.promote_due_micro_scrape_state(10000);
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "resume_host", "background": true}');
  perform private.invoke_worker('backfill-images');
  return jsonb_build_object(
    'host', v_host, 'vehicles', v_vehicles, 'queued', v_queued, 'images', v_images, 'feeds', v_feeds,
    'more', greatest(v_vehicles, v_images, v_most) >= p_limit);
end
$$;

create index if not exists backfill_queue_waits_for_deployment on public.backfill_queue using btree (scraper_version_id)
  where ((status = 'pending'::text) and (next_attempt_at = 'infinity'::timestamp with time zone));

comment on column public.backfill_queue.read_by_version is 'The version of the scraper that was asked for it, when that one read the page last; null when another did, or none.';

comment on function private.put_off_late_micro_scrape() is 'Lets due vehicles wait whose hosts have no time for them, as a claim does, so that those behind them are seen: up to 20,000. Gives how many.';

comment on function private.waits_for_host(text) is 'What waits because a host does not serve, as "240 vehicles, 12 images, 1 feed"; null when nothing does. Counted up to a thousand of each, among 20,000 vehicles of the host.';

comment on function public.register_scraper_version(text, text, text[], integer, boolean, boolean, text)
  is 'Registers a version and queues the vehicles that it affects: the first portion at once. Registering it again gives what is registered, and queues again (queued_again, up to 1,000 a call) what an older reader ended.';

comment on function public.resume_host(text, integer) is 'For a host that serves again: closes its breaker, and makes due what waited because of it, up to p_limit of a kind. Gives {host, vehicles, queued, images, feeds, more}; call it again while more is true.';

revoke all on function private.put_off_late_micro_scrape() from public;

grant execute on function private.put_off_late_micro_scrape() to postgres, service_role;

revoke all on function public.resume_host(text, integer) from public;

grant execute on function public.resume_host(text, integer) to postgres, service_role;
