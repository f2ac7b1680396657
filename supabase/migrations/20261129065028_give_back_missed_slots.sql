-- Give back missed slots.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function public.reserve_host_slots(
  p_worker uuid,
  p_requests jsonb,
  p_horizon_ms integer default 3000
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_asked record;
  v_host public.source_hosts;
  v_now timestamptz;
  v_interval interval;
  v_first timestamptz;
  v_barred_until timestamptz;
  v_granted integer;
  v_paced integer; -- what the pace would give
  v_why text;
  v_answer jsonb;
  v_answers jsonb := '[]';
begin
  insert into public.source_hosts (host)
  select distinct r.host
  from jsonb_to_recordset(p_requests) as r(host text)
  order by 1
  on conflict (host) do nothing;

  for v_asked in
    select r.host, least(sum(r.count), 1000)::integer as count,
      bool_or(coalesce(r.probing, false)) as probing, max(r.known_robots) as known_robots,
      least(greatest(sum(r.unused), 0), 1000)::integer as unused,
      -- Asked for together they go as the most urgent of them.
      (array['page', 'new_page', 'cover', 'gallery'])[min(
        coalesce(array_position(array['page', 'new_page', 'cover', 'gallery'], r.kind), 1))] as kind
    from jsonb_to_recordset(p_requests)
      as r(host text, count integer, probing boolean, known_robots text, kind text, unused integer)
    group by r.host
    order by r.host -- the same order in every worker: no deadlock
  loop
    select * into strict v_host from public.source_hosts where host = v_asked.host for update;
    v_now := clock_timestamp(); -- after the lock was waited for
    if v_asked.unused > 0 and v_host.new_pages_used > 0 then
      -- Budgets are of pages, and a slot that was missed asked for none.
      v_host.new_pages_used := greatest(v_host.new_pages_used - v_asked.unused, 0);
      update public.source_hosts set new_pages_used = v_host.new_pages_used where host = v_host.host;
    end if;

    v_interval := v_host.interval_ms * '1 millisecond'::interval;
    v_why := null;
    v_first := greatest(v_now, v_host.next_slot_at, v_host.retry_after);
    if v_first > v_now + p_horizon_ms * '1 millisecond'::interval then
      v_granted := 0;
    elsif v_interval = '0' then
      v_granted := v_asked.count;
    else
      v_granted := least(v_asked.count, 1 + floor(
        extract(epoch from v_now + p_horizon_ms * '1 millisecond'::interval - v_first)
        / extract(epoch from v_interval)
      )::integer);
    end if;
    v_paced := v_granted;

    if v_asked.kind in ('cover', 'gallery') then
      select t.granted, t.first_at, t.why into v_granted, v_first, v_why
      from private.behind_pages(v_host, v_asked.kind, v_granted, v_first, v_now, p_horizon_ms) t;
    elsif v_asked.kind = 'new_page' and v_host.budget_until > v_now
      and v_granted > v_host.new_pages_budget - v_host.new_pages_used then
      v_granted := greatest(v_host.new_pages_budget - v_host.new_pages_used, 0);
      if v_granted = 0 then
        v_first := least(v_host.budget_until, v_now + interval '10 minutes'); -- by then it may have been raised
        v_why := 'the requests for new pages that its budget gives it are used up';
      end if;
    end if;

    -- Until robots.txt is known there is nothing to ask for but robots.txt.
    if coalesce(v_host.robots_fresh_until, '-infinity') <= v_now then
      v_granted := least(v_granted, 1);
    end if;

    -- A breaker that is not closed lets one probe through, of one worker, until it answers or its
    -- time is over. Only the worker that holds the probe may take further requests for it.
    if v_host.breaker <> 'closed' then
      v_barred_until := case v_host.breaker when 'open' then v_host.retry_at else v_host.probe_until end;
      if v_host.breaker = 'half_open' and v_host.probe_holder = p_worker and v_asked.probing then
        v_granted := least(v_granted, 1);
      elsif v_now >= v_barred_until then
        v_granted := least(v_granted, 1);
      else
        v_granted := 0;
        v_first := greatest(v_first, v_barred_until);
      end if;
      if v_granted > 0 then
        v_host.breaker := 'half_open';
        v_host.probe_holder := p_worker;
        v_host.probe_until := v_now + '60 seconds';
      end if;
    end if;

    if v_granted > 0 then
      v_host.next_slot_at := v_first + v_granted * v_interval
        + coalesce(private.slot_margin_ms(v_host), 0) * '1 millisecond'::interval;
    end if;
    perform private.note_host_slots(v_host, v_asked.kind, v_asked.count, v_paced, v_granted, v_now);

    v_answer := jsonb_build_object(
      'host', v_host.host,
      'granted', v_granted,
      'first_in_ms', private.ms_until(v_first, v_now),
      'interval_ms', v_host.interval_ms,
      'late_ms', private.slot_margin_ms(v_host),
      'breaker', v_host.breaker,
      'why', coalesce(
        v_host.opened_because, v_why, case when v_host.retry_after > v_now then 'asked to wait' end),
      'put_off', v_why is not null,
      'budget_left', case
        when v_asked.kind = 'new_page' and v_host.budget_until > v_now
          then greatest(v_host.new_pages_budget - v_host.new_pages_used - v_granted, 0)
      end,
      'robots_version', v_host.robots_fetched_at::text,
      'robots_fresh_ms', private.ms_until(v_host.robots_fresh_until, v_now)
    );
    if v_host.robots_fetched_at::text is distinct from v_asked.known_robots then
      v_answer := v_answer || jsonb_build_object('robots', jsonb_build_object(
        'status', v_host.robots_status,
        'body', v_host.robots_body,
        'error', v_host.robots_error
      ));
    end if;
    v_answers := v_answers || v_answer;
  end loop;
  return v_answers;
end
$$;

comment on function public.reserve_host_slots(uuid, jsonb, integer) is 'Gives a worker the next free slots of hosts: [{host, count, probing, known_robots, kind, unused}] to [{host, granted, first_in_ms, interval_ms, late_ms, breaker, why, put_off, budget_left, robots…}]. kind: page (by itself), new_page (of a listing that is new, under the budget of its host), cover, gallery; put_off: others come first, or the budget is used up. Slots beyond the horizon are not given away; then first_in_ms says when the next one is. late_ms: how late a slot may be used, where a crawl-delay sets the pace. unused: slots for new pages given before that were missed; they do not count in the budget. No two workers get the same slot.';
