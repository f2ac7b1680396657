create function public.claim_micro_scrape(
  p_limit integer default 20,
  p_vehicle_ids uuid[] default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('micro_scrape_state');
  v_claimed uuid[];
  v_seen uuid[];
  v_late uuid[];
  v_late_until timestamptz[];
  v_portion integer := p_limit;
begin
  if p_vehicle_ids is null then
    perform pg_advisory_xact_lock(private.page_claims_lock());
    perform private.promote_due_micro_scrape_state(2000);
    perform private.rescue_micro_scrape_state(2000);
    loop
      v_seen := array(
        select vehicle_id
        from public.micro_scrape_state
        where state = 'due'
        order by score, vehicle_created_at desc, vehicle_id
        limit v_portion
        for update skip locked
      );
      select
        (array_agg(r.vehicle_id order by r.place) filter (where not late))[1:p_limit],
        array_agg(r.vehicle_id order by r.place) filter (where late),
        array_agg(r.starts_at order by r.place) filter (where late)
      into v_claimed, v_late, v_late_until
      from private.next_fetch_at(v_seen) r
      cross join lateral (select r.starts_at >= now() + private.claim_horizon() as late) l
      where not private.is_leased(r.vehicle_id); -- another queue's worker reads its page now
      exit when coalesce(cardinality(v_claimed), 0) = p_limit
        or cardinality(v_seen) < v_portion
        or v_portion > p_limit;
      v_portion := p_limit + 2000; -- the vehicles of a host that is slow or silent stand before the others
    end loop;
    if v_late is not null then
      perform private.put_off_micro_scrape(v_late, v_late_until);
    end if;
    perform private.note_claim('micro-scrape-bandaid', coalesce(cardinality(v_claimed), 0));
  else
    -- Asked for by name: also what is complete, exhausted or waiting, but never what another run holds.
    v_claimed := array(
      select vehicle_id
      from public.micro_scrape_state
      where vehicle_id = any (p_vehicle_ids)
        and (lease_token is null or lease_expires_at <= now())
      order by vehicle_id
      limit p_limit
      for update skip locked
    );
  end if;
  update public.micro_scrape_state
  set state = 'leased',
      lease_token = gen_random_uuid(),
      lease_expires_at = now() + v_lease
  where vehicle_id = any (v_claimed);
  return private.micro_scrape_work(v_claimed);
end
$$;
comment on function public.claim_micro_scrape(integer, uuid[]) is
  'Leases the vehicles to look at next: of those due, the lowest score first and the most recent first; or the named ones that no run holds. Two runs never get the same vehicle. Those whose host has no time for them in this run wait for it, and let others go first.';
grant execute on function public.claim_micro_scrape(integer, uuid[]) to service_role;
