-- Of a host's requests pages come first, covers next, and galleries get what is left.

create function private.behind_pages(
  p_host public.source_hosts, p_kind text, p_granted integer, p_first timestamptz, p_now timestamptz,
  p_horizon_ms integer
)
returns table (granted integer, first_at timestamptz, why text)
language plpgsql stable
set search_path = ''
as $$
declare
  v_until timestamptz := case p_kind
    when 'cover' then p_host.pages_wait_until
    else greatest(p_host.pages_wait_until, p_host.covers_wait_until)
  end;
  -- So long they are put off, then one goes: nothing waits for ever.
  v_turn_at timestamptz := case p_kind
    when 'cover' then p_host.covers_wait_since + interval '10 seconds'
    else p_host.galleries_wait_since + interval '1 minute'
  end;
begin
  if v_until is null or v_until <= p_now or p_host.interval_ms = 0 then
    return query select p_granted, p_first, null::text;
  elsif v_turn_at <= p_now
    and p_first <= p_now + (2 * p_horizon_ms + p_host.interval_ms) * interval '1 millisecond' then
    return query select 1, p_first, null::text; -- beyond the horizon too, which pages fill
  else
    return query select
      0,
      greatest(p_first, p_now + interval '1 second', least(v_until, coalesce(v_turn_at, v_until))),
      'pages of this host come first'::text;
  end if;
end
$$;
comment on function private.behind_pages(public.source_hosts, text, integer, timestamptz, timestamptz, integer) is
  'What a cover or gallery gets of the slots that the pace would give it: none while pages of the host (for a gallery: pages or covers) waited in the last seconds, but one after 10 seconds (a gallery: a minute) of that.';

create function private.note_host_slots(
  p_host public.source_hosts, p_kind text, p_wanted integer, p_paced integer, p_granted integer, p_now timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_waits boolean := p_paced < p_wanted and p_host.breaker = 'closed' and p_host.interval_ms > 0;
  v_is_page boolean := p_kind in ('page', 'new_page');
  v_is_over_budget boolean := coalesce(
    p_kind = 'new_page' and p_granted < p_paced and p_host.budget_until > p_now
      and p_host.new_pages_used + p_granted >= p_host.new_pages_budget, false);
  -- Who waits asks again when its slots are nearly used up.
  v_wait_until timestamptz := p_now + greatest(interval '10 seconds', 3 * p_host.interval_ms * interval '1 millisecond');
begin
  -- A page that is barred by the breaker or by its budget changes nothing of the host.
  if p_granted > 0 or v_waits or (p_paced > p_granted and not v_is_page) then
    update public.source_hosts
    set next_slot_at = p_host.next_slot_at,
        breaker = p_host.breaker,
        probe_holder = p_host.probe_holder,
        probe_until = p_host.probe_until,
        pages_wait_until = case
          -- One whose budget is used up waits for that, and not for a slot.
          when v_is_page and v_waits and p_granted = p_paced then v_wait_until else pages_wait_until end,
        covers_wait_until = case when p_kind = 'cover' and v_waits then v_wait_until else covers_wait_until end,
        covers_wait_since = case
          when p_kind <> 'cover' then covers_wait_since
          when p_granted = 0 then coalesce(covers_wait_since, p_now)
        end,
        galleries_wait_since = case
          when p_kind <> 'gallery' then galleries_wait_since
          when p_granted = 0 then coalesce(galleries_wait_since, p_now)
        end,
        new_pages_used = new_pages_used + case when p_kind = 'new_page' and budget_until > p_now then p_granted else 0 end
    where host = p_host.host;
  end if;

  if not (p_granted > 0 or v_waits or v_is_over_budget) then
    return;
  end if;
  insert into private.host_metrics as m
    (host, began_at, pages, new_pages, covers, galleries, put_off, over_budget, taken_ms)
  values (
    p_host.host, private.metrics_slot(p_now),
    case when v_is_page then p_granted else 0 end,
    case when p_kind = 'new_page' then p_granted else 0 end,
    case when p_kind = 'cover' then p_granted else 0 end,
    case when p_kind = 'gallery' then p_granted else 0 end,
    v_waits::integer,
    v_is_over_budget::integer,
    p_granted * p_host.interval_ms::bigint)
  on conflict (host, began_at) do update
  set pages = m.pages + excluded.pages,
      new_pages = m.new_pages + excluded.new_pages,
      covers = m.covers + excluded.covers,
      galleries = m.galleries + excluded.galleries,
      put_off = m.put_off + excluded.put_off,
      over_budget = m.over_budget + excluded.over_budget,
      taken_ms = m.taken_ms + excluded.taken_ms;
end
$$;
comment on function private.note_host_slots(public.source_hosts, text, integer, integer, integer, timestamptz) is
  'Writes down what a host was asked for and what was given: its next slot, who waits, its budget, and its metrics.';

grant execute on function
  private.behind_pages(public.source_hosts, text, integer, timestamptz, timestamptz, integer),
  private.note_host_slots(public.source_hosts, text, integer, integer, integer, timestamptz)
to service_role;
