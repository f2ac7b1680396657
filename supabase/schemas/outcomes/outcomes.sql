-- What the outcome of an attempt means for the next one: the same for every leased table.

create function private.was_read(p_outcome text) returns boolean
language sql immutable parallel safe
return coalesce(p_outcome in ('ok', 'not_modified'), false);
comment on function private.was_read(text) is 'Whether the attempt brought what it was there for.';

create function private.is_final(p_outcome text) returns boolean
language sql immutable parallel safe
return coalesce(p_outcome in ('gone', 'not_a_listing', 'invalid', 'too_large'), false);
comment on function private.is_final(text) is
  'Whether the site has given its answer: trying again would give the same.';

create function private.can_heal(p_outcome text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_outcome in ('timeout', 'network', 'server_error', 'unreadable', 'rate_limited', 'blocked', 'vehicle_locked'), false);
comment on function private.can_heal(text) is
  'Whether what failed with this outcome may work another time.';

create function private.is_refused(p_outcome text) returns boolean
language sql immutable parallel safe
return coalesce(p_outcome in ('rate_limited', 'blocked', 'robots_disallowed'), false);
comment on function private.is_refused(text) is
  'Whether the site would not be asked. That is its word and not the row''s fault: the attempt is given back.';

create function private.is_walled(p_outcome text) returns boolean
language sql immutable parallel safe
return coalesce(p_outcome in ('blocked', 'robots_disallowed'), false);
comment on function private.is_walled(text) is
  'Whether a wall stands there. One that is met on private.max_blocked_days() days ends the row.';

create function private.max_blocked_days() returns integer
language sql immutable parallel safe
return 3;

create function private.days_blocked(p_outcome text, p_before integer, p_last_on date) returns integer
language sql stable parallel safe
return p_before + (private.is_walled(p_outcome) and p_last_on is distinct from current_date)::integer;
comment on function private.days_blocked(text, integer, date) is
  'On how many days a wall was met, with this attempt: however often in a day, it counts once.';

-- Waits ------------------------------------------------------------------------------------------

create function private.backoff(p_failures integer) returns interval
language sql volatile
set search_path = ''
as $$
  -- Exponential with full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
  select make_interval(secs => 30 + random() * least(30 * 2 ^ least(p_failures, 20), 6 * 3600))
$$;
comment on function private.backoff(integer) is
  'Wait before the next try after the nth failure: 30 s plus a random part of 1, 2, 4 … minutes, at most six hours.';

create function private.bounded(p_retry_at timestamptz) returns timestamptz
language sql stable parallel safe
return case when p_retry_at is not null then least(p_retry_at, now() + interval '7 days') end;
comment on function private.bounded(timestamptz) is
  'When a site says to come back, at most a week from now: nothing waits for ever because of one header.';

create function private.retry_after_failure(p_failures integer, p_retry_at timestamptz) returns timestamptz
language sql volatile
return greatest(private.bounded(p_retry_at), now() + private.backoff(p_failures));
comment on function private.retry_after_failure(integer, timestamptz) is
  'When to try again after the nth failure, not before the time that the site gave.';

create function private.retry_after_refusal(p_retry_at timestamptz) returns timestamptz
language sql stable parallel safe
return greatest(coalesce(private.bounded(p_retry_at), now() + interval '1 hour'), now() + interval '1 minute');
comment on function private.retry_after_refusal(timestamptz) is
  'When to ask a site again that would not be asked: at the time that it gave, or in an hour.';

grant execute on function
  private.was_read(text),
  private.is_final(text),
  private.can_heal(text)
to authenticated, service_role;

grant execute on function
  private.is_refused(text),
  private.is_walled(text),
  private.max_blocked_days(),
  private.days_blocked(text, integer, date),
  private.backoff(integer),
  private.bounded(timestamptz),
  private.retry_after_failure(integer, timestamptz),
  private.retry_after_refusal(timestamptz)
to service_role;
