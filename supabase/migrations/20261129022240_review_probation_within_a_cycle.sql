-- Review probation within a cycle.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.probation_waits() returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return exists (
    select
    from public.scrape_sources s
    where s.is_active
      and s.lifecycle = 'probation'
      and private.listings_of(s.hosts, s.listings_allowed) >= s.listings_allowed
  );
end
$$;

create or replace function public.check_fill_target(p_cycle_id text) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_policy public.fill_policy;
  v_until timestamptz;
  v_count record;
  v_projected integer;
  v_left text[];
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  select * into strict v_policy from public.fill_policy;
  v_until := private.slot_so_far(c.slot);
  select * into v_count from private.count_fill(c.slot, v_until);
  v_projected := private.projected_vehicles(v_count.vehicles_added, c.slot, v_until);
  v_left := array_remove(array[
    case when private.queue_is_claimable('import_queue') then 'process_queue' end,
    case when private.probation_waits() or exists (
      select from public.listing_feeds f where f.next_check_at > now() and f.lease_token is null and private.may_activate(f)
    ) then 'activate_sources' end,
    case when v_policy.new_sources_ceiling > 0 and (
      exists (select from public.scrape_sources s where s.is_active and s.lifecycle in ('candidate', 'probing'))
      or exists (
        select from public.fill_cycle_steps s
        where s.cycle_id = p_cycle_id and s.step = 'discover_sources' and s.rounds = 0 and s.status <> 'failed')
    ) then 'discover_sources' end
  ], null);
  return jsonb_build_object(
    'vehicles_added', v_count.vehicles_added,
    'vehicles_queued', v_count.vehicles_queued,
    'sources_active', v_count.sources_active,
    'sources_discovered', v_count.sources_discovered,
    'target', c.target,
    'gap', greatest(c.target - v_count.vehicles_added, 0),
    'projected', v_projected,
    'below_target', v_count.vehicles_added < c.target and coalesce(v_projected < c.target, true),
    'left_to_try', to_jsonb(v_left),
    -- As far as the slot has come it should have so many.
    'verdict', private.fill_verdict(
      c.slot, v_until, v_count.vehicles_added,
      ceil(c.target * extract(epoch from v_until - c.slot) / 7200)::integer));
end
$$;

comment on function private.probation_waits() is 'Whether a source on probation gave all the listings that it may: a review lets it give more, or ends its probation.';

comment on function public.check_fill_target(text) is 'How a cycle stands: counts, gap, what it comes to at this rate (projected; null in its first ten minutes), whether that is below target, what is left to try (rows to work off, feeds that may be checked sooner, sources on probation that gave what they may, sources to look for), and the verdict so far, against the part of the target that the time so far should have brought. Changes nothing.';

revoke all on function private.probation_waits() from public;

grant execute on function private.probation_waits() to postgres, service_role;
