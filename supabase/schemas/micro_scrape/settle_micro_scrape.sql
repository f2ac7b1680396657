create function private.state_after_pass(
  s public.micro_scrape_state, v public.vehicles,
  p_outcome text, p_closed_a_gap boolean, p_hash text, p_error text,
  p_retry_at timestamptz, p_live_until timestamptz, p_scraper text, p_scraper_version text
) returns public.micro_scrape_state
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  s.last_checked_at := now();
  s.last_outcome := p_outcome;
  s.last_error := p_error;
  s.last_scraper := coalesce(p_scraper, s.last_scraper);
  s.last_scraper_version := coalesce(p_scraper_version, s.last_scraper_version);
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
    s.due_at := greatest(private.bounded(p_retry_at), now() + private.retry_wait(v.source_host, p_outcome, s.failures));
  end if;

  return s;
end
$$;
comment on function private.state_after_pass(
  public.micro_scrape_state, public.vehicles, text, boolean, text, text, timestamptz, timestamptz, text, text
) is
  'The state of a vehicle, as it was before, after a pass that ended with this outcome: complete, exhausted, ended, failed, or waiting until it is worth another look. Changes nothing.';
grant execute on function private.state_after_pass(
  public.micro_scrape_state, public.vehicles, text, boolean, text, text, timestamptz, timestamptz, text, text
) to service_role;

create function private.write_states(p_states public.micro_scrape_state[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  update public.micro_scrape_state m
  set state = s.state,
      due_at = s.due_at,
      no_gain_passes = s.no_gain_passes,
      failures = s.failures,
      blocked_days = s.blocked_days,
      last_blocked_on = s.last_blocked_on,
      lease_token = s.lease_token,
      lease_expires_at = s.lease_expires_at,
      last_checked_at = s.last_checked_at,
      last_outcome = s.last_outcome,
      last_error = s.last_error,
      extraction_hash = s.extraction_hash,
      last_scraper = s.last_scraper,
      last_scraper_version = s.last_scraper_version
  from unnest(p_states) s
  -- By the index, whatever the order of the join.
  where m.vehicle_id = any (array(select u.vehicle_id from unnest(p_states) u))
    and m.vehicle_id = s.vehicle_id;
end
$$;
comment on function private.write_states(public.micro_scrape_state[]) is
  'Writes the states of vehicles, each as it is given, but for its score; who calls it has them locked.';
grant execute on function private.write_states(public.micro_scrape_state[]) to service_role;

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
  s := private.state_after_pass(
    s, v, p_outcome, p_closed_a_gap, p_hash, p_error, p_retry_at, p_live_until, p_scraper, p_scraper_version);
  perform private.write_states(array[s]);
  return s.state;
end
$$;
comment on function private.settle_micro_scrape(uuid, text, boolean, text, text, timestamptz, timestamptz, text, text) is
  'Ends a pass over one vehicle by its outcome: complete, exhausted, ended, failed, or waiting until it is worth another look. Gives the new state.';
grant execute on function private.settle_micro_scrape(uuid, text, boolean, text, text, timestamptz, timestamptz, text, text) to service_role;
