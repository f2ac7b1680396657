-- How fast a host is asked, by how it answers: half as fast at once when it is in trouble, a step faster while all is
-- well (additive increase, multiplicative decrease). Never faster than min_interval_ms and crawl_delay_ms.

create function private.host_trouble(p_limited bigint, p_timeouts bigint, p_ms numeric, p_usual_ms integer) returns text
language sql immutable parallel safe
return case
  when p_limited > 0 then 'it answered 429 or 503'
  when p_timeouts > 0 then 'it did not answer in time'
  -- Four times as long as usual, and so long that somebody would notice.
  when p_ms > greatest(4 * coalesce(p_usual_ms, 2000), 5000)
    then 'its answers took ' || round(p_ms / 1000, 1) || ' s'
      || coalesce(', and ' || round(p_usual_ms / 1000.0, 1) || ' s as a rule', '')
end;
comment on function private.host_trouble(bigint, bigint, numeric, integer) is
  'Why a host is to be asked less often after these answers: some were 429 or 503, some did not come in time, or they took much longer than usual. Null: all is well.';

create function private.paced_host(
  p_host public.source_hosts, p_good bigint, p_trouble text, p_now timestamptz
) returns public.source_hosts
language plpgsql stable
set search_path = ''
as $$
declare
  v_host public.source_hosts := p_host;
  v_least integer := greatest(p_host.min_interval_ms, p_host.crawl_delay_ms);
  v_most integer;
  v_next integer;
begin
  if p_trouble is not null then
    -- Answers to what was sent at the old pace say nothing of the new one.
    if v_host.paced_at > p_now - interval '10 seconds' and v_host.paced_because not like 'all is well%' then
      return v_host;
    end if;
    v_most := (select host_interval_ceiling_ms from public.fill_policy);
    v_next := least(greatest(2 * greatest(v_host.slowed_interval_ms, v_least), 500), coalesce(v_most, 60000));
    v_host.slowed_interval_ms := case when v_next > v_least then v_next end;
    v_host.slowdowns := v_host.slowdowns + 1;
    v_host.paced_because := p_trouble;
    v_host.paced_at := p_now;
    v_host.good_answers := 0;
    -- The slots that are given away already are the last at the old pace.
    v_host.next_slot_at := greatest(v_host.next_slot_at, p_now + v_next * interval '1 millisecond');
    return v_host;
  end if;

  v_host.good_answers := v_host.good_answers + p_good;
  if v_host.paced_at > p_now - interval '30 seconds'
    or v_host.good_answers < least(10, greatest(2, 60000 / v_host.slowed_interval_ms)) then
    return v_host;
  end if;
  -- A tenth of the full rate more, and at most twice as fast as before.
  v_next := greatest(
    v_host.slowed_interval_ms / 2,
    1000 / (1000.0 / v_host.slowed_interval_ms + 100.0 / greatest(v_least, 20)));
  v_host.slowed_interval_ms := case when v_next > greatest(v_least, 100) then v_next end;
  v_host.paced_because := 'all is well: ' || v_host.good_answers || ' good answers';
  v_host.paced_at := p_now;
  v_host.good_answers := 0;
  return v_host;
end
$$;
comment on function private.paced_host(public.source_hosts, bigint, text, timestamptz) is
  'The host at the pace that follows from p_good answers, or from p_trouble: half as fast at once, at most once in ten seconds and down to host_interval_ceiling_ms of fill_policy; faster by a tenth of its full rate after ten good answers and half a minute, until nothing slows it down.';

create function private.note_host_paces(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_most integer := (select host_interval_ceiling_ms from public.fill_policy);
  v_noted integer;
begin
  with moved as (
    select h.host, h.noted_slowed_ms as was,
      -- A ceiling that was lowered since holds for who is slowed down already.
      least(h.slowed_interval_ms, v_most) as slowed, h.slowdowns
    from public.source_hosts h
    where h.slowed_interval_ms is distinct from h.noted_slowed_ms or h.slowed_interval_ms > v_most
    order by h.host
    for update skip locked
  ),
  noted as (
    update public.source_hosts h
    set noted_slowed_ms = m.slowed,
        slowed_interval_ms = m.slowed,
        slowdowns = 0
    from moved m
    where h.host = m.host
    returning h.host, m.was, m.slowdowns, h.interval_ms, h.paced_because, h.paced_at,
      greatest(h.min_interval_ms, h.crawl_delay_ms) as least_ms
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'host_pace', host, greatest(was, least_ms)::text, interval_ms::text,
      coalesce(paced_because, 'host_interval_ceiling_ms was lowered'),
      jsonb_build_object('slowdowns', slowdowns, 'least_ms', least_ms, 'at', paced_at)
    from noted
    where greatest(was, least_ms) <> interval_ms
    returning 1
  )
  select count(*) into v_noted from decided;
  return v_noted;
end
$$;
comment on function private.note_host_paces(text) is
  'Writes one decision a host whose pace is another than when it was last told: where it came from, where it is now, why it was last moved, and how often it was slowed down in between. Gives how many.';

grant execute on function
  private.host_trouble(bigint, bigint, numeric, integer),
  private.paced_host(public.source_hosts, bigint, text, timestamptz),
  private.note_host_paces(text)
to service_role;
