-- A version may be registered before it is deployed. Its vehicles are queued, and wait for the reader that was meant.

create function private.deployed_version(p_scraper text) returns text
language sql stable
set search_path = ''
as $$
  select scraper_version
  from public.scrape_sources
  where scraper_name = p_scraper and found_by = 'code'
  order by private.version_number(scraper_version) desc
  limit 1
$$;
comment on function private.deployed_version(text) is
  'The version of a scraper that the deployed functions have, as they last said themselves.';
grant execute on function private.deployed_version(text) to authenticated, service_role;

create function private.waits_for_deployment(p_scraper text, p_version text, p_reader text) returns text
language sql stable
set search_path = ''
as $$
  select case when private.version_number(p_reader) < private.version_number(p_version) then format(
    'waits for %s %s: %s is deployed; supabase functions deploy', p_scraper, p_version, p_reader) end
$$;
comment on function private.waits_for_deployment(text, text, text) is
  'Why a vehicle that p_version is to read waits, when its reader is p_reader; null when that one will do.';
grant execute on function private.waits_for_deployment(text, text, text) to service_role;

create function private.end_waits_for_deployment(p_limit integer) returns integer
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
comment on function private.end_waits_for_deployment(integer) is
  'Makes due what waited for a version that is deployed now; a portion a call. Gives how many.';
grant execute on function private.end_waits_for_deployment(integer) to service_role;

create function private.read_by_older(p_items jsonb[], p_outcomes text[]) returns text[]
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  return array(
    with asked as materialized (
      select b.id, v.scraper_name, v.version
      from (
        -- On its own, by its ids: by its version, a row is one of all that this version has queued.
        select q.id, q.scraper_version_id
        from public.backfill_queue q
        where q.id = any (array(
          select private.as_uuid(i -> 'request' ->> 'id')
          from unnest(p_items) i
          where i -> 'request' ->> 'queue' = 'backfill_queue'))
        offset 0
      ) b
      join public.scraper_versions v on v.id = b.scraper_version_id
    )
    select case
      when private.was_read(r.outcome)
        and private.version_number(r.item ->> 'scraper_version') < private.version_number(a.version)
        then private.waits_for_deployment(a.scraper_name, a.version, r.item ->> 'scraper_version')
    end
    from unnest(p_items, p_outcomes) with ordinality r(item, outcome, place)
    left join asked a
      on r.item -> 'request' ->> 'queue' = 'backfill_queue'
      and a.id = private.as_uuid(r.item -> 'request' ->> 'id')
      and a.scraper_name = r.item ->> 'method'
    order by r.place
  );
end
$$;
comment on function private.read_by_older(jsonb[], text[]) is
  'For each of these readings why it does not end the row that asked for it: a reader older than the version that was to read it made it. Null where it does.';
grant execute on function private.read_by_older(jsonb[], text[]) to service_role;

create function private.queue_again_what_older_read(p_version_id uuid, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_version public.scraper_versions := (select v from public.scraper_versions v where v.id = p_version_id);
  v_deployed_at timestamptz := (
    select max(updated_at) from public.scrape_sources where scraper_name = v_version.scraper_name and found_by = 'code');
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
comment on function private.queue_again_what_older_read(uuid, integer) is
  'Queues the vehicles of a version again whose rows ended by an older reader, a portion a call. Gives how many.';
grant execute on function private.queue_again_what_older_read(uuid, integer) to service_role;
