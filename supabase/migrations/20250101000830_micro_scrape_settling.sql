-- What a pass over a vehicle means for it: complete, exhausted, ended, failed, or waiting.

create function private.no_gain_wait(p_passes integer) returns interval
language sql immutable parallel safe
return (array['5 minutes', '1 hour', '6 hours', '1 day', '7 days']::interval[])[p_passes];
comment on function private.no_gain_wait(integer) is
  'How long to leave a vehicle alone after its nth pass without a gain; null when it is exhausted.';

create function private.settle_micro_scrape(
  p_vehicle_id uuid, p_outcome text, p_closed_a_gap boolean, p_hash text, p_error text,
  p_retry_at timestamptz, p_live_until timestamptz,
  p_scraper text default null, p_scraper_version text default null
) returns text
language plpgsql
set search_path = ''
as $$
declare
  s public.micro_scrape_state;
  v public.vehicles;
begin
  select * into s from public.micro_scrape_state where vehicle_id = p_vehicle_id;
  select * into v from public.vehicles where id = p_vehicle_id;

  s.last_checked_at := now();
  s.last_outcome := p_outcome;
  s.last_error := p_error;
  s.lease_token := null;
  s.lease_expires_at := null;

  if private.was_read(p_outcome) or p_outcome = 'unreadable' then
    s.failures := 0;
    s.blocked_days := 0;
    s.extraction_hash := coalesce(p_hash, s.extraction_hash);
    -- A gain starts the waits anew; the page that gave it has been read now. A value that only changes,
    -- as some pages do at every look, closes no gap.
    s.no_gain_passes := case when p_closed_a_gap then 1 else least(s.no_gain_passes + 1, 100) end;
    if private.is_complete(v, s.score) then
      s.state := 'complete';
      s.due_at := now();
    elsif v.sale_status = 'live' and p_live_until > now() then
      s.state := 'waiting';
      s.due_at := least(p_live_until, now() + interval '30 days') + interval '10 minutes';
      s.no_gain_passes := 0;
    elsif private.no_gain_wait(s.no_gain_passes) is null then
      s.state := 'exhausted';
    else
      s.state := 'waiting';
      s.due_at := now() + private.no_gain_wait(s.no_gain_passes);
    end if;

  elsif p_outcome = 'gone' then
    s.state := 'ended';

  elsif private.is_final(p_outcome) then
    s.state := 'failed';

  elsif private.is_refused(p_outcome) then
    s.blocked_days := private.days_blocked(p_outcome, s.blocked_days, s.last_blocked_on);
    s.last_blocked_on := case when private.is_walled(p_outcome) then current_date else s.last_blocked_on end;
    s.state := case when s.blocked_days >= private.max_blocked_days() then 'failed' else 'waiting' end;
    s.due_at := private.retry_after_refusal(p_retry_at);

  else -- timeout, network, server_error
    s.failures := s.failures + 1;
    s.state := case when s.failures >= 5 then 'failed' else 'waiting' end;
    s.due_at := private.retry_after_failure(s.failures, p_retry_at);
  end if;

  update public.micro_scrape_state
  set state = s.state,
      due_at = s.due_at,
      no_gain_passes = s.no_gain_passes,
      failures = s.failures,
      blocked_days = s.blocked_days,
      last_blocked_on = s.last_blocked_on,
      lease_token = null,
      lease_expires_at = null,
      last_checked_at = s.last_checked_at,
      last_outcome = s.last_outcome,
      last_error = s.last_error,
      extraction_hash = s.extraction_hash,
      last_scraper = coalesce(p_scraper, last_scraper),
      last_scraper_version = coalesce(p_scraper_version, last_scraper_version)
  where vehicle_id = p_vehicle_id;
  return s.state;
end
$$;
comment on function private.settle_micro_scrape(uuid, text, boolean, text, text, timestamptz, timestamptz, text, text) is
  'Ends a pass over one vehicle by its outcome: complete, exhausted, ended, failed, or waiting until it is worth another look. Gives the new state.';

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

create function private.reopen_for_new_versions(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with outdated as (
    select s.vehicle_id, a.scraper_version
    from public.scrape_sources a
    join public.micro_scrape_state s
      on s.state = 'exhausted'
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

grant execute on function private.no_gain_wait(integer) to service_role;
grant execute on function private.settle_micro_scrape(uuid, text, boolean, text, text, timestamptz, timestamptz, text, text) to service_role;
grant execute on function public.reopen_micro_scrape(uuid[]) to service_role;

grant execute on function private.version_number(text) to service_role;
