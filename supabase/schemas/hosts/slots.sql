-- Who may ask which host, and when: slots and the breaker, shared by all workers.

create function private.breaker_open_time(p_times_opened integer) returns interval
language sql immutable parallel safe
set search_path = ''
as $$
  select least('5 minutes'::interval * 2 ^ least(p_times_opened - 1, 20), '6 hours'::interval)
$$;
comment on function private.breaker_open_time(integer) is
  'How long a breaker stays open the nth time in a row: 5, 10, 20 … minutes, at most 6 hours.';
grant execute on function private.breaker_open_time(integer) to service_role;

create function private.ms_until(p_when timestamptz, p_now timestamptz) returns bigint
language sql immutable parallel safe
set search_path = ''
as $$
  select greatest(0, ceil(extract(epoch from p_when - p_now) * 1000))::bigint
$$;
comment on function private.ms_until(timestamptz, timestamptz) is
  'Milliseconds from now until then, never negative: workers get distances, so their clocks may be wrong.';
grant execute on function private.ms_until(timestamptz, timestamptz) to service_role;
