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

create function private.may_be_asked_at(h public.source_hosts) returns timestamptz
language sql stable -- without a search_path, so that it is a part of the query that asks
return greatest(
  now(), h.next_slot_at, h.retry_after,
  case h.breaker when 'open' then h.retry_at when 'half_open' then h.probe_until end);
comment on function private.may_be_asked_at(public.source_hosts) is
  'From when on a host has a free slot; now, of one that was never asked.';
grant execute on function private.may_be_asked_at(public.source_hosts) to service_role;

create function private.pace_set_by(h public.source_hosts) returns text
language sql immutable parallel safe
return case
  when h.slowed_interval_ms > greatest(h.min_interval_ms, h.crawl_delay_ms) then 'its answers slowed it down'
  when h.crawl_delay_ms > h.min_interval_ms then 'crawl-delay of its robots.txt'
  else 'min_interval_ms'
end;
comment on function private.pace_set_by(public.source_hosts) is 'What sets the time between two requests to a host.';
grant execute on function private.pace_set_by(public.source_hosts) to authenticated, service_role;

create function private.slot_margin_ms(h public.source_hosts) returns integer
language sql immutable parallel safe
return case
  when h.crawl_delay_ms > 0 and h.crawl_delay_ms >= h.interval_ms then greatest(25, h.interval_ms / 10)
end;
comment on function private.slot_margin_ms(public.source_hosts) is
  'How much later than its slot a request may start where the crawl-delay of robots.txt sets the pace: the next worker''s slot comes so much later, so that the delay holds between any two. Null where no site asked for the pace.';
grant execute on function private.slot_margin_ms(public.source_hosts) to service_role;
