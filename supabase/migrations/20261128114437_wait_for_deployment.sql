-- Wait for deployment.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.scraper_version_status;

drop function private.describe_version(uuid, boolean);

drop function public.sync_scrape_sources(jsonb);

alter table public.backfill_queue
  add column read_by_version text;

create or replace function private.deployed_version(p_scraper text) returns text
language sql stable
set search_path = ''
as $$
  select scraper_version
  from public.scrape_sources
  where scraper_name = p_scraper
  order by private.version_number(scraper_version) desc
  limit 1
$$;

create or replace function private.describe_version(p_id uuid, p_is_new boolean, p_queued_again integer default 0) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', v.id,
    'scraper_name', v.scraper_name,
    'version', v.version,
    'fields_affected', v.fields_affected,
    'backfill_required', v.backfill_required,
    'backfill_priority', v.backfill_priority,
    'reextract', v.reextract,
    'registered', p_is_new,
    'registered_at', v.created_at,
    'queued', v.queued_count,
    'scanned', v.scanned_count,
    'finished', v.scan_finished_at is not null,
    'queued_again', p_queued_again,
    'deployed_version', d.version,
    'warning', case
      when private.version_number(d.version) < private.version_number(v.version) then format(
        '%s is deployed as %s, older than %s: its vehicles wait until it is deployed',
        v.scraper_name, d.version, v.version)
    end
  )
  from public.scraper_versions v
  cross join lateral (select private.deployed_version(v.scraper_name) as version) d
  where v.id = p_id
$$;

create or replace function private.end_waits_for_deployment(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.backfill_queue b
  set next_attempt_at = null,
      error_message = null
  where b.id = any (array(
    select w.id
    from public.scraper_versions v
    join public.backfill_queue w on w.scraper_version_id = v.id and w.status = 'pending'
    where w.next_attempt_at = 'infinity'
      and private.version_number(private.deployed_version(v.scraper_name)) >= private.version_number(v.version)
    limit p_limit
    for update of w skip locked
  ));
  get diagnostics v_count = row_count;
  if v_count > 0 then
    perform private.invoke_worker('process-backfill-queue');
  end if;
  return v_count;
end
$$;

create or replace function private.queue_again_what_older_read(p_version_id uuid, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_version public.scraper_versions := (select v from public.scraper_versions v where v.id = p_version_id);
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
      and (b.read_by_version is null
        or private.version_number(b.read_by_version) < private.version_number(v_version.version))
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

create or replace function private.queue_for_new_versions(p_for interval default '4 seconds') returns void
language plpgsql
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + p_for;
  v_id uuid;
begin
  while clock_timestamp() < v_until loop
    exit when private.end_waits_for_deployment(10000) = 0;
  end loop;
  for v_id in
    select id from public.scraper_versions
    where scan_finished_at is null
    order by backfill_priority, created_at
  loop
    while clock_timestamp() < v_until loop
      exit when private.queue_for_version(v_id) is null;
    end loop;
  end loop;
end
$$;

create or replace function private.queue_for_version(p_version_id uuid, p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  s public.scraper_versions;
  p record;
  v_taken_over integer;
  v_queued integer;
  v_waits text;
begin
  select * into s from public.scraper_versions
  where id = p_version_id and scan_finished_at is null and backfill_required
  for update skip locked; -- somebody else is at it
  if not found then
    return null;
  end if;

  select * into p from private.scan_portion(
    s.scraper_name, s.version, s.fields_affected, s.reextract, s.scan_host, s.scan_after, p_limit);

  v_waits := private.waits_for_deployment(
    s.scraper_name, s.version, private.deployed_version(s.scraper_name));

  -- What waits already for an older version waits for this one too, and is read once.
  with older as (
    select b.id
    from public.backfill_queue b
    where b.vehicle_id = any (p.ids)
      and b.reason = 'scraper_improved'
      and b.status = 'pending'
      and b.scraper_version_id is distinct from s.id
    order by b.id
    for update skip locked
  )
  update public.backfill_queue b
  set scraper_version_id = s.id,
      fields_wanted = array(select distinct f from unnest(b.fields_wanted || s.fields_affected) f order by f),
      reextract = b.reextract or s.reextract,
      priority = least(b.priority, s.backfill_priority),
      next_attempt_at = case when v_waits is not null then 'infinity'::timestamptz end,
      error_message = v_waits,
      triggered_by = 'scraper_versions'
  from older
  where b.id = older.id;
  get diagnostics v_taken_over = row_count;

  v_queued := 0;
  if cardinality(p.ids) > 0 then
    with alive as ( -- who deletes a vehicle meanwhile is not waited for
      select id from public.vehicles where id = any (p.ids) order by id for key share skip locked
    )
    insert into public.backfill_queue
      (vehicle_id, reason, priority, source_url, triggered_by, scraper_version_id, fields_wanted, reextract,
       next_attempt_at, error_message)
    select
      alive.id, 'scraper_improved', s.backfill_priority, a.url, 'scraper_versions', s.id, s.fields_affected, s.reextract,
      case when v_waits is not null then 'infinity'::timestamptz end, v_waits
    from alive
    join unnest(p.ids, p.urls) as a(id, url) on a.id = alive.id
    on conflict do nothing;
    get diagnostics v_queued = row_count;
  end if;

  update public.scraper_versions
  set queued_count = queued_count + v_taken_over + v_queued,
      scanned_count = scanned_count + p.scanned,
      scan_host = coalesce(p.next_host, ''),
      scan_after = p.next_after,
      scan_finished_at = case when p.finished then clock_timestamp() end
  where id = s.id;
  return v_taken_over + v_queued;
end
$$;

create or replace function private.queue_metrics(q private.queues) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_from text := format('from public.%I where ', q.table_name);
  v_done text := v_from || format('status = %L and processed_at > ', q.done_status);
  v_next timestamptz;
  v_last timestamptz;
  v_oldest timestamptz := private.oldest_due(q);
begin
  execute format(
    'select min(%1$I) from public.%2$I where status = ''pending'' and %1$I < ''infinity''', q.due_column, q.table_name)
  into v_next;
  execute format(
    'select greatest(
       (select max(processed_at) from public.%1$I where status = %2$L),
       (select max(processed_at) from public.%1$I where status = ''failed''))', q.table_name, q.done_status)
  into v_last;
  return private.metrics_from_counts(jsonb_build_object(
      'due', private.counted(
        v_from || format('status = ''pending'' and %I is null', q.due_column), q.table_name || '_due'),
      'waiting', private.counted(
        v_from || format('status = ''pending'' and %I is not null', q.due_column), q.table_name || '_waiting'),
      'processing', private.counted(v_from || 'lease_token is not null and lease_expires_at > now()'),
      'expired', private.counted(v_from || 'lease_token is not null and lease_expires_at <= now()'),
      'failed', private.counted(v_from || 'status = ''failed'''),
      'done_last_hour', private.counted(v_done || 'now() - interval ''1 hour'''),
      'done_last_day', private.counted(v_done || 'now() - interval ''1 day''', p_exact_up_to => 100000),
      'failed_last_day', private.counted(v_from || 'status = ''failed'' and processed_at > now() - interval ''1 day''')))
    || jsonb_build_object(
      'function', q.function_name,
      'oldest_due_at', v_oldest,
      'oldest_due_seconds', round(extract(epoch from now() - v_oldest)),
      'next_due_at', v_next,
      'last_finished_at', v_last);
end
$$;

create or replace function private.queue_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
  f jsonb;
begin
  for q in select * from private.queues order by table_name loop
    f := private.queue_metrics(q);
    part := q.table_name;
    since := (f ->> 'oldest_due_at')::timestamptz;
    state := case
      when since < now() - interval '15 minutes'
        and (f ->> 'processing')::bigint = 0
        and coalesce((f ->> 'last_finished_at')::timestamptz, '-infinity') < now() - interval '15 minutes' then 'stuck'
      when (f ->> 'processing')::bigint > 0 or (f ->> 'due')::bigint > 0 then 'working'
      when (f ->> 'waiting')::bigint > 0 then 'waiting'
      else 'idle'
    end;
    what := format('%s due, %s in progress, %s waiting, %s failed, %s done in the last hour',
      f ->> 'due', f ->> 'processing', f ->> 'waiting', f ->> 'failed', f ->> 'done_last_hour');
    why := null;
    what_to_type := null;
    if state = 'stuck' then
      select r.why, r.what_to_type into why, what_to_type from private.remedy(q.function_name) r;
    elsif state = 'waiting' then
      why := coalesce(
        format('the next is due at %s', f ->> 'next_due_at'),
        'for versions that are registered and not deployed: select * from scraper_version_status where waits_for_deployment > 0');
      what_to_type := case when f ->> 'next_due_at' is null then 'supabase functions deploy' end;
    end if;
    return next;
  end loop;
end
$$;

create or replace function private.read_by_older(p_item jsonb) returns text
language sql stable
set search_path = ''
as $$
  select private.waits_for_deployment(v.scraper_name, v.version, p_item ->> 'scraper_version')
  from public.backfill_queue b
  join public.scraper_versions v on v.id = b.scraper_version_id
  where b.id = (p_item -> 'request' ->> 'id')::uuid
    and p_item -> 'request' ->> 'queue' = 'backfill_queue'
    and p_item ->> 'method' = v.scraper_name
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
        read_by_version = coalesce(p_item ->> 'scraper_version', read_by_version)
    where id = (v_request ->> 'id')::uuid;
  end if;
  return v_state;
end
$$;

create or replace function private.waits_for_deployment(p_scraper text, p_version text, p_reader text) returns text
language sql stable
set search_path = ''
as $$
  select case when private.version_number(p_reader) < private.version_number(p_version) then format(
    'waits for %s %s: %s is deployed; supabase functions deploy', p_scraper, p_version, p_reader) end
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
    return private.describe_version(v_id, false, private.queue_again_what_older_read(v_id, 10000));
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

create or replace function public.sync_scrape_sources(p_sources jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with written as (
    insert into public.scrape_sources as held (slug, name, kind, hosts, scraper_name, scraper_version)
    select s.slug, s.name, s.kind, s.hosts, s.scraper_name, s.scraper_version
    from jsonb_to_recordset(p_sources)
      as s(slug text, name text, kind text, hosts text[], scraper_name text, scraper_version text)
    on conflict (slug) do update
    set name = excluded.name,
        kind = excluded.kind,
        hosts = excluded.hosts,
        scraper_name = excluded.scraper_name,
        scraper_version = excluded.scraper_version,
        updated_at = now()
    where (held.name, held.kind, held.hosts, held.scraper_name, held.scraper_version)
      is distinct from
      (excluded.name, excluded.kind, excluded.hosts, excluded.scraper_name, excluded.scraper_version)
    returning 1
  )
  select count(*) into v_count from written;
  if v_count > 0 then
    perform private.end_waits_for_deployment(10000); -- cron goes on with the rest
  end if;
  return v_count;
end
$$;

create view public.scraper_version_status with (security_invoker = true) as
select
  v.id,
  v.scraper_name,
  v.version,
  v.fields_affected,
  v.backfill_required,
  v.backfill_priority,
  v.created_at,
  v.scan_finished_at is not null as all_queued,
  v.queued_count,
  coalesce(now_.pending, 0) as pending,
  coalesce(now_.processing, 0) as processing,
  coalesce(now_.completed, 0) + coalesce(past.completed, 0) as completed,
  coalesce(now_.changed, 0) + coalesce(past.changed, 0) as backfilled_count,
  coalesce(now_.failed, 0) as failed,
  v.queued_count - coalesce(now_.every, 0) - coalesce(past.completed, 0) as moved_on,
  private.deployed_version(v.scraper_name) as deployed_version,
  coalesce(now_.waits, 0) as waits_for_deployment
from public.scraper_versions v
left join lateral (
  select
    count(*) as every,
    count(*) filter (where b.status = 'pending') as pending,
    count(*) filter (where b.status = 'processing') as processing,
    count(*) filter (where b.status = 'completed') as completed,
    count(*) filter (where b.status = 'failed') as failed,
    count(*) filter (where b.status = 'completed' and b.fields_updated <> '{}') as changed,
    count(*) filter (where b.status = 'pending' and b.next_attempt_at = 'infinity') as waits
  from public.backfill_queue b
  where b.scraper_version_id = v.id
) now_ on true
left join lateral (
  select sum(f.completed) as completed, sum(f.changed) as changed
  from private.backfill_forgotten f
  where f.scraper_version_id = v.id
) past on true
order by v.created_at desc;

comment on column public.backfill_queue.read_by_version is 'The version of the scraper that read the page last.';

comment on column public.backfill_queue.scraper_version_id is 'The version that asked for it. Only a reader of at least that version ends the row: until it is deployed the row waits, with infinity in next_attempt_at.';

comment on function private.deployed_version(text) is 'The version of a scraper that the deployed functions have, as they last said themselves.';

comment on function private.end_waits_for_deployment(integer) is 'Makes due what waited for a version that is deployed now; a portion a call. Gives how many.';

comment on function private.queue_again_what_older_read(uuid, integer) is 'Queues the vehicles of a version again whose rows ended by an older reader, a portion a call. Gives how many.';

comment on function private.queue_for_new_versions(interval) is 'Makes due what waited for a version that is deployed now, and goes on, portion by portion, with the versions whose vehicles are not all queued yet. Called every 20 seconds.';

comment on function private.read_by_older(jsonb) is 'Why a reading does not end the row that asked for it: a reader older than the version that was to read it made it. Null when it does.';

comment on function private.settle_request(jsonb, text, text, jsonb) is 'Settles the queue row that asked for a reading; what a reader older than the version that asked read goes on waiting. Gives its new status.';

comment on function private.waits_for_deployment(text, text, text) is 'Why a vehicle that p_version is to read waits, when its reader is p_reader; null when that one will do.';

comment on function public.register_scraper_version(text, text, text[], integer, boolean, boolean, text)
  is 'Registers a version and queues the vehicles that it affects: the first portion at once. Registering it again gives what is registered, and queues again (queued_again, up to 10,000 a call) what an older reader ended.';

comment on function public.sync_scrape_sources(jsonb) is 'Takes the registry as [{slug, name, kind, hosts, scraper_name, scraper_version}], writes what differs, gives how many rows changed.';

comment on view public.scraper_version_status is 'How far each version''s backfill has come: queued, pending, processing, completed, of those changed (backfilled_count), failed; moved_on are those that a newer version took over, or whose vehicle was deleted; waits_for_deployment: pending until the deployed version is as new.';

revoke all on function private.deployed_version(text) from public;

grant execute on function private.deployed_version(text) to authenticated, postgres, service_role;

revoke all on function private.describe_version(uuid, boolean, integer) from public;

grant execute on function private.describe_version(uuid, boolean, integer) to postgres, service_role;

revoke all on function private.end_waits_for_deployment(integer) from public;

grant execute on function private.end_waits_for_deployment(integer) to postgres, service_role;

revoke all on function private.queue_again_what_older_read(uuid, integer) from public;

grant execute on function private.queue_again_what_older_read(uuid, integer) to postgres, service_role;

revoke all on function private.read_by_older(jsonb) from public;

grant execute on function private.read_by_older(jsonb) to postgres, service_role;

revoke all on function private.waits_for_deployment(text, text, text) from public;

grant execute on function private.waits_for_deployment(text, text, text) to postgres, service_role;

revoke all on function public.sync_scrape_sources(jsonb) from public;

grant execute on function public.sync_scrape_sources(jsonb) to postgres, service_role;

grant select on table public.scraper_version_status to authenticated;

grant all on table public.scraper_version_status to postgres, service_role;
