-- Registering a version: what is refused, what is queued at once, and what would be.

create function private.spelled_version(p_version text) returns text
language sql immutable parallel safe
return 'v' || ltrim(btrim(p_version), 'vV');
comment on function private.spelled_version(text) is '3.2.1 as v3.2.1.';
grant execute on function private.spelled_version(text) to service_role;

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
grant execute on function private.spelled_fields(text[]) to service_role;

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
  if not exists (select from public.scrape_sources where scraper_name = p_scraper)
    and not exists (select from public.extraction_maps where private.map_scraper(source) = p_scraper)
  then
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
grant execute on function private.refuse_bad_version(text, text, text[], integer) to service_role;

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
grant execute on function private.newest_version(text) to authenticated, service_role;

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
grant execute on function private.check_scraper_version() to service_role;

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
grant execute on function private.queue_affected_vehicles() to service_role;

create function private.describe_version(p_id uuid, p_is_new boolean, p_queued_again integer default 0) returns jsonb
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
grant execute on function private.describe_version(uuid, boolean, integer) to service_role;

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
comment on function public.register_scraper_version(text, text, text[], integer, boolean, boolean, text) is
  'Registers a version and queues the vehicles that it affects: the first portion at once. Registering it again gives what is registered, and queues again (queued_again, up to 1,000 a call) what an older reader ended.';
grant execute on function public.register_scraper_version(text, text, text[], integer, boolean, boolean, text) to service_role;

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
grant execute on function public.continue_scraper_version(uuid) to service_role;

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
grant execute on function public.preview_scraper_version(text, text, text[], boolean, text, uuid, integer) to service_role;
