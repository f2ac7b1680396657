-- A scraper that got better says so once. Every vehicle that it affects is then queued to be read again, in
-- portions, and the registry shows how far that has come.

create table public.scraper_versions (
  id uuid primary key default gen_random_uuid(),
  scraper_name text not null,
  version text not null check (version ~ '^v\d{1,6}\.\d{1,6}\.\d{1,6}$'),
  fields_affected text[] not null check (cardinality(fields_affected) > 0),
  backfill_required boolean not null default true,
  backfill_priority integer not null default 5 check (backfill_priority between 1 and 10),
  reextract boolean not null default false,
  description text,
  created_at timestamptz not null default now(),
  queued_count integer not null default 0 check (queued_count >= 0),
  scanned_count bigint not null default 0 check (scanned_count >= 0),
  scan_host text not null default '',
  scan_after uuid,
  scan_finished_at timestamptz,
  unique (scraper_name, version)
);
comment on table public.scraper_versions is
  'The registry of scraper improvements. Inserting a row queues every vehicle of the scraper''s sources that lacks one of fields_affected, or holds it unsurely or in conflict.';
comment on column public.scraper_versions.reextract is
  'Also queue vehicles that hold a value which an older version read: the older one read it wrong. What the new version no longer reads from the same page is taken back.';
comment on column public.scraper_versions.queued_count is
  'Vehicles queued for this version so far; scraper_version_status shows what became of them.';
comment on column public.scraper_versions.scan_after is
  'How far the search for affected vehicles has come: the host and the last id on it. Finished when scan_finished_at is set.';
create index scraper_versions_unfinished on public.scraper_versions (created_at) where scan_finished_at is null;

alter table public.scraper_versions enable row level security;
create policy operators_read on public.scraper_versions
  for select to authenticated using ((select private.is_operator()));
grant select on public.scraper_versions to authenticated;
grant all on public.scraper_versions to service_role;

-- What a queue row knows of the version that asked for it.
alter table public.backfill_queue
  add column scraper_version_id uuid references public.scraper_versions (id) on delete set null,
  add column fields_wanted text[] not null default '{}',
  add column reextract boolean not null default false;
comment on column public.backfill_queue.fields_wanted is 'The fields that the row hopes for; empty: whatever the page says.';
create index backfill_queue_by_version on public.backfill_queue (scraper_version_id, status)
  where scraper_version_id is not null;

-- A row in a worker's hands may be read by the code of before, so a newer version gets a row of its own.
drop index public.backfill_queue_one_open;
create unique index backfill_queue_one_open on public.backfill_queue (vehicle_id, reason, scraper_version_id)
  nulls not distinct
  where status in ('pending', 'processing');

-- Whose vehicles ---------------------------------------------------------------------------------

create function private.scraper_of_host(p_host text) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select s.scraper_name
    from public.scrape_sources s
    left join lateral (
      select length(own) as exactness
      from unnest(s.hosts) own
      where p_host = own or p_host like '%.' || own
      order by 1 desc
      limit 1
    ) its on true
    where its.exactness is not null or s.hosts = '{}'
    order by its.exactness desc nulls last
    limit 1
  );
end
$$;
comment on function private.scraper_of_host(text) is
  'The scraper that reads a host: the one that names it, or a parent domain of it, else the one for any host.';

create function private.next_host_of_scraper(p_scraper text, p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text := p_after;
begin
  loop -- one look into the index of hosts for each host, however many vehicles it has
    select v.source_host into v_host
    from public.vehicles v
    where v.source_host > v_host
    order by v.source_host
    limit 1;
    if v_host is null or private.scraper_of_host(v_host) = p_scraper then
      return v_host;
    end if;
  end loop;
end
$$;
comment on function private.next_host_of_scraper(text, text) is
  'The next host, by name, that has vehicles and is read by this scraper; null when there is none.';

create function private.is_disputed(p_field text, p_state jsonb) returns boolean
language sql immutable parallel safe
return p_state ? 'conflict'
  and not coalesce(private.is_rejected(p_field, p_state, p_state -> 'conflict' ->> 'value'), false);
comment on function private.is_disputed(text, jsonb) is
  'Whether another reading disagrees with the value held and no person has said that it is wrong.';

create function private.why_affected(p_fields text[], p_scraper text, p_version text, p_reextract boolean)
returns text
language sql immutable
set search_path = ''
as $$
  -- SQL text for one row v of vehicles. Columns are named one by one: a row as jsonb would unpack every
  -- description. A value without state is not known to be unsure.
  select format('array_remove(array[%s]::text[], null)', string_agg(
    format(
      $sql$
        case
          when v.%1$I is null then 'missing:' || %1$L
          when (v.field_state -> %1$L ->> 'confidence')::numeric < 0.6 then 'unsure:' || %1$L
          when private.is_disputed(%1$L, v.field_state -> %1$L) then 'conflict:' || %1$L
          %2$s
        end
      $sql$,
      f,
      case when p_reextract then format(
        $sql$
          when v.field_state -> %1$L ->> 'method' = %2$L
            and private.version_number(v.field_state -> %1$L ->> 'version') < %3$s
            then 'older version:' || %1$L
        $sql$, f, p_scraper, private.version_number(p_version)) end
    ), ','))
  from unnest(p_fields) f
$$;
comment on function private.why_affected(text[], text, text, boolean) is
  'The expression over a vehicle v that gives why it should be read again, as {"missing:vin", …}; empty when it should not.';

create function private.scan_portion(
  p_scraper text, p_version text, p_fields text[], p_reextract boolean,
  p_host text, p_after uuid, p_limit integer,
  out ids uuid[], out urls text[], out whys text[], out scanned bigint, out next_host text, out next_after uuid,
  out finished boolean
)
language plpgsql stable
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_urls text[];
  v_whys text[];
  v_scanned bigint;
  v_last uuid;
begin
  ids := '{}';
  urls := '{}';
  whys := '{}';
  scanned := 0;
  finished := false;
  next_after := p_after;
  next_host := case when p_after is null then private.next_host_of_scraper(p_scraper, p_host) else p_host end;
  while next_host is not null and scanned < p_limit loop
    execute format(
      $sql$
        with portion as materialized (
          select v.id, v.discovery_url, %s as why
          from (
            select *
            from public.vehicles
            where source_host = $1 and ($2 is null or id > $2)
            order by id
            limit $3
          ) v
        )
        select
          coalesce(array_agg(id order by id) filter (where why <> '{}'), '{}'),
          coalesce(array_agg(discovery_url order by id) filter (where why <> '{}'), '{}'),
          coalesce(array_agg(array_to_string(why, ',') order by id) filter (where why <> '{}'), '{}'),
          count(*),
          (select id from portion order by id desc limit 1)
        from portion
      $sql$, private.why_affected(p_fields, p_scraper, p_version, p_reextract))
    into v_ids, v_urls, v_whys, v_scanned, v_last
    using next_host, next_after, p_limit - scanned;
    ids := ids || v_ids;
    urls := urls || v_urls;
    whys := whys || v_whys;
    if scanned + v_scanned < p_limit then -- that host is done
      next_host := private.next_host_of_scraper(p_scraper, next_host);
      next_after := null;
    else
      next_after := v_last;
    end if;
    scanned := scanned + v_scanned;
  end loop;
  if next_host is null then
    finished := true;
    next_after := null;
  end if;
end
$$;
comment on function private.scan_portion(text, text, text[], boolean, text, uuid, integer) is
  'Looks at the next p_limit vehicles of a scraper''s sources, by host and id, and gives those that should be read again, with why.';

-- Queueing ---------------------------------------------------------------------------------------

create function private.queue_for_version(p_version_id uuid, p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  s public.scraper_versions;
  p record;
  v_taken_over integer;
  v_queued integer;
begin
  select * into s from public.scraper_versions
  where id = p_version_id and scan_finished_at is null and backfill_required
  for update skip locked; -- somebody else is at it
  if not found then
    return null;
  end if;

  select * into p from private.scan_portion(
    s.scraper_name, s.version, s.fields_affected, s.reextract, s.scan_host, s.scan_after, p_limit);

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
      next_attempt_at = null,
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
      (vehicle_id, reason, priority, source_url, triggered_by, scraper_version_id, fields_wanted, reextract)
    select
      alive.id, 'scraper_improved', s.backfill_priority, a.url, 'scraper_versions', s.id, s.fields_affected, s.reextract
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
comment on function private.queue_for_version(uuid, integer) is
  'Looks at the next portion of a version''s vehicles and queues those that it affects. Gives how many, or null when there is nothing to do or somebody else is at it.';

create function private.queue_for_new_versions(p_for interval default '4 seconds') returns void
language plpgsql
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + p_for;
  v_id uuid;
begin
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
comment on function private.queue_for_new_versions(interval) is
  'Goes on, portion by portion, with the versions whose vehicles are not all queued yet. Called every 20 seconds.';

-- Registering ------------------------------------------------------------------------------------

create function private.spelled_version(p_version text) returns text
language sql immutable parallel safe
return 'v' || ltrim(btrim(p_version), 'vV');
comment on function private.spelled_version(text) is '3.2.1 as v3.2.1.';

create function private.spelled_fields(p_fields text[]) returns text[]
language sql immutable parallel safe
return array(
  select f
  from (
    select lower(btrim(u.f)) as f, min(u.n) as n
    from unnest(p_fields) with ordinality as u(f, n)
    group by 1
  ) g
  order by n
);
comment on function private.spelled_fields(text[]) is 'The fields in lower case, each once, in the order given.';

create function private.refuse_bad_version(p_scraper text, p_version text, p_fields text[], p_priority integer)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_wrong text;
begin
  if coalesce(p_version, '') !~ '^v\d{1,6}\.\d{1,6}\.\d{1,6}$' then
    raise exception 'not a semantic version: "%"', ltrim(p_version, 'v')
      using errcode = '22023', hint = 'write MAJOR.MINOR.PATCH, for example v3.2.1';
  end if;
  if coalesce(p_priority, 0) not between 1 and 10 then
    raise exception 'priority must be from 1 (first) to 10 (last), not %', coalesce(p_priority::text, 'null')
      using errcode = '22023';
  end if;
  if coalesce(cardinality(p_fields), 0) = 0 then
    raise exception 'name at least one field that the version reads better' using errcode = '22023';
  end if;
  select string_agg(format('"%s"', f), ', ') into v_wrong
  from unnest(p_fields) f
  where coalesce(f <> all (private.fact_columns()), true);
  if v_wrong is not null then
    raise exception 'unknown field: %', v_wrong
      using errcode = '22023', hint = 'known are ' || array_to_string(private.fact_columns(), ', ');
  end if;
  if not exists (select from public.scrape_sources where scraper_name = p_scraper) then
    raise exception 'unknown scraper: "%"', p_scraper
      using errcode = '22023',
        hint = 'known are ' || coalesce(
          (select string_agg(distinct scraper_name, ', ' order by scraper_name) from public.scrape_sources),
          'none: deploy the functions first');
  end if;
end
$$;
comment on function private.refuse_bad_version(text, text, text[], integer) is
  'Raises a clear word for a version that would queue the wrong vehicles.';

create function private.newest_version(p_scraper text) returns text
language sql stable
set search_path = ''
as $$
  select version
  from public.scraper_versions
  where scraper_name = p_scraper
  order by private.version_number(version) desc
  limit 1
$$;
comment on function private.newest_version(text) is 'The newest registered version of a scraper, by its numbers.';

create function private.check_scraper_version() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.version := private.spelled_version(new.version);
  new.fields_affected := private.spelled_fields(new.fields_affected);
  perform private.refuse_bad_version(
    new.scraper_name, new.version, new.fields_affected, new.backfill_priority);
  if private.version_number(new.version) < private.version_number(private.newest_version(new.scraper_name)) then
    raise exception '% % is older than %, which is registered',
      new.scraper_name, new.version, private.newest_version(new.scraper_name)
      using errcode = '22023';
  end if;
  new.queued_count := 0;
  new.scanned_count := 0;
  new.scan_host := '';
  new.scan_after := null;
  new.scan_finished_at := case when new.backfill_required then null else now() end;
  return new;
end
$$;
comment on function private.check_scraper_version() is
  'Refuses, with a clear word, a version that would queue the wrong vehicles.';
create trigger check_scraper_version
  before insert on public.scraper_versions
  for each row execute function private.check_scraper_version();

create function private.queue_affected_vehicles() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.queue_for_version(new.id);
  return null;
end
$$;
comment on function private.queue_affected_vehicles() is
  'A new version queues its first 10,000 vehicles at once; cron goes on with the rest.';
create trigger queue_affected_vehicles
  after insert on public.scraper_versions
  for each row when (new.backfill_required)
  execute function private.queue_affected_vehicles();

create function private.describe_version(p_id uuid, p_is_new boolean) returns jsonb
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
    'deployed_version', d.version,
    'warning', case
      when private.version_number(d.version) < private.version_number(v.version) then format(
        '%s is deployed as %s, older than %s: vehicles are read with the deployed version',
        v.scraper_name, d.version, v.version)
    end
  )
  from public.scraper_versions v
  cross join lateral (
    select s.scraper_version as version
    from public.scrape_sources s
    where s.scraper_name = v.scraper_name
    order by private.version_number(s.scraper_version) desc
    limit 1
  ) d
  where v.id = p_id
$$;

create function public.register_scraper_version(
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
  select id into v_id from public.scraper_versions where scraper_name = p_scraper_name and version = v_version;
  if v_id is not null then
    return private.describe_version(v_id, false);
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
comment on function public.register_scraper_version(text, text, text[], integer, boolean, boolean, text) is
  'Registers a version and queues the vehicles that it affects: the first portion at once. Registering it again changes nothing and gives what is registered.';

create function public.continue_scraper_version(p_id uuid) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform private.queue_for_version(p_id);
  return private.describe_version(p_id, false);
end
$$;
comment on function public.continue_scraper_version(uuid) is
  'Queues the next portion of a version''s vehicles, for who does not wait for cron; call it until "finished".';

create function public.preview_scraper_version(
  p_scraper_name text,
  p_version text,
  p_fields_affected text[],
  p_reextract boolean default false,
  p_host text default '',
  p_after uuid default null,
  p_limit integer default 10000
) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_version text := private.spelled_version(p_version);
  v_fields text[] := private.spelled_fields(p_fields_affected);
  p record;
begin
  perform private.refuse_bad_version(p_scraper_name, v_version, v_fields, 1);
  select * into p from private.scan_portion(
    p_scraper_name, v_version, v_fields, p_reextract, p_host, p_after, p_limit);
  return jsonb_build_object(
    'affected', cardinality(p.ids),
    'scanned', p.scanned,
    'why', (
      select coalesce(jsonb_object_agg(w.why, w.count), '{}')
      from (
        select why, count(*) as count
        from unnest(p.whys) of_one, unnest(string_to_array(of_one, ',')) why
        group by why
      ) w),
    'finished', p.finished,
    'next_host', p.next_host,
    'next_after', p.next_after
  );
end
$$;
comment on function public.preview_scraper_version(text, text, text[], boolean, text, uuid, integer) is
  'How many of the next p_limit vehicles a version would queue, and why. Changes nothing; call it again with next_host and next_after until "finished".';

-- How far it has come ----------------------------------------------------------------------------

create table private.backfill_forgotten (
  scraper_version_id uuid not null,
  completed integer not null,
  changed integer not null
);
comment on table private.backfill_forgotten is
  'What finished queue rows that were deleted since had come to, so that the counts of a version stay true. A row a deletion: nobody waits.';
create index backfill_forgotten_by_version on private.backfill_forgotten (scraper_version_id);
alter table private.backfill_forgotten enable row level security;
create policy operators_read on private.backfill_forgotten
  for select to authenticated using ((select private.is_operator()));
grant select on private.backfill_forgotten to authenticated;
grant all on private.backfill_forgotten to service_role;

create function private.remember_finished_backfills() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.backfill_forgotten (scraper_version_id, completed, changed)
  select scraper_version_id, count(*), count(*) filter (where fields_updated <> '{}')
  from removed
  where scraper_version_id is not null and status = 'completed'
  group by scraper_version_id;
  return null;
end
$$;
create trigger remember_finished_backfills
  after delete on public.backfill_queue
  referencing old table as removed
  for each statement execute function private.remember_finished_backfills();

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
  v.queued_count - coalesce(now_.every, 0) - coalesce(past.completed, 0) as moved_on
from public.scraper_versions v
left join lateral (
  select
    count(*) as every,
    count(*) filter (where b.status = 'pending') as pending,
    count(*) filter (where b.status = 'processing') as processing,
    count(*) filter (where b.status = 'completed') as completed,
    count(*) filter (where b.status = 'failed') as failed,
    count(*) filter (where b.status = 'completed' and b.fields_updated <> '{}') as changed
  from public.backfill_queue b
  where b.scraper_version_id = v.id
) now_ on true
left join lateral (
  select sum(f.completed) as completed, sum(f.changed) as changed
  from private.backfill_forgotten f
  where f.scraper_version_id = v.id
) past on true
order by v.created_at desc;
comment on view public.scraper_version_status is
  'How far each version''s backfill has come: queued, pending, processing, completed, of those changed (backfilled_count), failed; moved_on are those that a newer version took over, or whose vehicle was deleted.';

create function public.backfilled_count(v public.scraper_versions) returns bigint
language sql stable
set search_path = ''
as $$
  select s.backfilled_count from public.scraper_version_status s where s.id = v.id
$$;
comment on function public.backfilled_count(public.scraper_versions) is
  'Vehicles in which a version changed something, as a column: select v.version, v.backfilled_count from scraper_versions v.';

create view public.scrapers_ahead_of_registry with (security_invoker = true) as
select
  d.scraper_name,
  d.deployed_version,
  r.version as registered_version,
  case
    when r.version is null then 'no version was ever registered'
    else 'what it reads better is not registered: no vehicle was queued for it'
  end as meaning
from (
  select distinct on (scraper_name) scraper_name, scraper_version as deployed_version
  from public.scrape_sources
  order by scraper_name, private.version_number(scraper_version) desc
) d
cross join lateral (select private.newest_version(d.scraper_name) as version) r
where r.version is null
  or private.version_number(r.version) < private.version_number(d.deployed_version)
order by d.scraper_name;
comment on view public.scrapers_ahead_of_registry is
  'Scrapers whose deployed code is newer than their newest registered version: scripts/deploy-scraper-version.js registers it.';

-- Who may call what ------------------------------------------------------------------------------

grant select on public.scraper_version_status, public.scrapers_ahead_of_registry to authenticated, service_role;
grant execute on function private.version_number(text) to authenticated, service_role;
grant execute on function public.backfilled_count(public.scraper_versions) to authenticated, service_role;
grant execute on function private.scraper_of_host(text) to service_role;
grant execute on function private.next_host_of_scraper(text, text) to service_role;
grant execute on function private.is_disputed(text, jsonb) to service_role;
grant execute on function private.why_affected(text[], text, text, boolean) to service_role;
grant execute on function private.scan_portion(text, text, text[], boolean, text, uuid, integer) to service_role;
grant execute on function private.queue_for_version(uuid, integer) to service_role;
grant execute on function private.newest_version(text) to authenticated, service_role;
grant execute on function private.spelled_version(text) to service_role;
grant execute on function private.spelled_fields(text[]) to service_role;
grant execute on function private.refuse_bad_version(text, text, text[], integer) to service_role;
grant execute on function private.check_scraper_version() to service_role;
grant execute on function private.queue_affected_vehicles() to service_role;
grant execute on function private.describe_version(uuid, boolean) to service_role;
grant execute on function private.remember_finished_backfills() to service_role;
revoke execute on function private.queue_for_new_versions(interval) from public;
grant execute on function public.register_scraper_version(text, text, text[], integer, boolean, boolean, text) to service_role;
grant execute on function public.continue_scraper_version(uuid) to service_role;
grant execute on function public.preview_scraper_version(text, text, text[], boolean, text, uuid, integer) to service_role;

-- Set going --------------------------------------------------------------------------------------

select cron.schedule('process-backfill-queue', '*/5 * * * *', $$select private.ring('process-backfill-queue')$$);
select cron.schedule('queue-for-new-versions', '20 seconds', 'select private.queue_for_new_versions()');
