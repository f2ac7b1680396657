-- Listings of a host that cannot be asked now must not stand before those of hosts that can.

create function private.spread_imports(p_look integer default 5000) returns integer
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_spread integer;
begin
  with ahead as (
    select c.id, c.priority, c.created_at, private.url_host(c.canonical_url) as host
    from public.import_queue c
    where c.status = 'pending' and c.next_attempt_at is null
    order by c.priority desc, c.created_at, c.id
    limit p_look
  ),
  placed as (
    select a.id,
      case
        when h.budget_until > now() and h.new_pages_used >= h.new_pages_budget
          then least(h.budget_until, now() + interval '10 minutes')
        else free.at + (
          row_number() over (partition by a.host order by a.priority desc, a.created_at, a.id) - 1
          ) * h.interval_ms * interval '1 millisecond'
      end as starts_at
    from ahead a
    join public.source_hosts h on h.host = a.host
    cross join lateral (select private.may_be_asked_at(h) as at) free
  ),
  late as (
    select i.id, p.starts_at
    from placed p
    join public.import_queue i on i.id = p.id
    -- What can be asked for before this looks again may be claimed.
    where p.starts_at > now() + interval '1 minute'
    order by i.id
    for update of i skip locked
  )
  update public.import_queue i
  set next_attempt_at = least(l.starts_at - interval '30 seconds', now() + interval '1 hour')
  from late l
  where i.id = l.id
    and i.status = 'pending'
    and i.next_attempt_at is null;
  get diagnostics v_spread = row_count;
  return v_spread;
end
$$;
comment on function private.spread_imports(integer) is
  'Of the first p_look rows of import_queue that are due, those that their host''s pace, breaker or budget lets nobody read within a minute wait for their turn: so a claim takes rows of hosts that can be asked. Gives how many.';
grant execute on function private.spread_imports(integer) to service_role;
