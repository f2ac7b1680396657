-- Which vehicles a version affects, found and queued in portions.

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
    where s.found_by = 'code' -- what was found is read by the scraper for any host
      and (its.exactness is not null or s.hosts = '{}')
    order by its.exactness desc nulls last
    limit 1
  );
end
$$;
comment on function private.scraper_of_host(text) is
  'The scraper that reads a host: the one that names it, or a parent domain of it, else the one for any host.';

-- Who may call what ------------------------------------------------------------------------------

grant execute on function private.scraper_of_host(text) to service_role;
grant execute on function private.scraper_of_host(text) to authenticated;

create function private.next_host_of_scraper(p_scraper text, p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text := p_after;
begin
  loop -- one look into the index of hosts for each host, however many vehicles it has
    v_host := private.next_listing_host(v_host);
    if v_host is null
      or private.scraper_of_host(v_host) = p_scraper
      or p_scraper = private.map_scraper(private.reading_source(v_host))
    then
      return v_host;
    end if;
  end loop;
end
$$;
comment on function private.next_host_of_scraper(text, text) is
  'The next host, by name, that has vehicles and is read by this scraper; null when there is none.';
grant execute on function private.next_host_of_scraper(text, text) to service_role;

create function private.is_disputed(p_field text, p_state jsonb) returns boolean
language sql immutable parallel safe
return p_state ? 'conflict'
  and not coalesce(private.is_rejected(p_field, p_state, p_state -> 'conflict' ->> 'value'), false);
comment on function private.is_disputed(text, jsonb) is
  'Whether another reading disagrees with the value held and no person has said that it is wrong.';
grant execute on function private.is_disputed(text, jsonb) to service_role;

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
grant execute on function private.why_affected(text[], text, text, boolean) to service_role;

create function private.queue_for_new_versions(p_for interval default '4 seconds') returns void
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
comment on function private.queue_for_new_versions(interval) is
  'Makes due what waited for a version that is deployed now, and goes on, portion by portion, with the versions whose vehicles are not all queued yet. Called every 20 seconds.';
revoke execute on function private.queue_for_new_versions(interval) from public;
