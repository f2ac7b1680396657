-- What a pass over a vehicle means for it: complete, exhausted, ended, failed, or waiting.

create function private.no_gain_wait(p_passes integer) returns interval
language sql immutable parallel safe
return (array['5 minutes', '1 hour', '6 hours', '1 day', '7 days']::interval[])[p_passes];
comment on function private.no_gain_wait(integer) is
  'How long to leave a vehicle alone after its nth pass without a gain; null when it is exhausted.';
grant execute on function private.no_gain_wait(integer) to service_role;

create function public.reopen_micro_scrape(p_vehicle_ids uuid[]) returns integer
language sql
set search_path = ''
as $$
  with locked as (
    select vehicle_id
    from public.micro_scrape_state
    where vehicle_id = any (p_vehicle_ids)
      and state <> 'leased'
    order by vehicle_id
    for update
  ),
  reopened as (
    update public.micro_scrape_state s
    set state = 'due', due_at = now(), no_gain_passes = 0, failures = 0, blocked_days = 0,
        last_blocked_on = null
    from locked
    where s.vehicle_id = locked.vehicle_id
    returning 1
  )
  select count(*)::integer from reopened
$$;
comment on function public.reopen_micro_scrape(uuid[]) is
  'By hand: looks at these vehicles again, whatever became of them. Gives how many were reopened.';
grant execute on function public.reopen_micro_scrape(uuid[]) to service_role;

create function private.version_number(p_version text) returns bigint
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  m text[] := regexp_match(p_version, '^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})');
begin
  return m[1]::bigint * 1000000000000 + m[2]::bigint * 1000000 + m[3]::bigint;
end
$$;
comment on function private.version_number(text) is 'v1.10.0 as a number that sorts after v1.9.0; null when it is no version.';
grant execute on function private.version_number(text) to service_role;
grant execute on function private.version_number(text) to authenticated, service_role;

create function private.reopen_for_new_versions(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with outdated as (
    select s.vehicle_id, a.scraper_version
    from public.scrape_sources a
    join public.micro_scrape_state s
      on a.found_by = 'code'
      and s.state = 'exhausted'
      and s.last_scraper = a.scraper_name
      -- Two ranges, so that the index skips what the present version has read.
      and (s.last_scraper_version < a.scraper_version or s.last_scraper_version > a.scraper_version)
      and private.version_number(s.last_scraper_version) < private.version_number(a.scraper_version)
    limit p_limit
    for update of s skip locked
  ),
  reopened as (
    update public.micro_scrape_state s
    set state = 'due', due_at = now(), no_gain_passes = 0,
        last_scraper_version = outdated.scraper_version -- one chance a version, also if it reads no page
    from outdated
    where s.vehicle_id = outdated.vehicle_id
    returning 1
  )
  select count(*)::integer from reopened
$$;
comment on function private.reopen_for_new_versions(integer) is
  'A vehicle that an older version of its scraper could not complete gets another chance with the new one; a portion a call.';
