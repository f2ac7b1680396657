-- Judge pairs again once locked.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.join_proven_vehicles(p_limit integer default 200) returns integer
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  c record;
  v_joined integer := 0;
  v_note text;
  v_why text;
begin
  for c in
    select
      m.id, a as one, b as other, private.why_same_car(a, b) as why,
      (a.created_at, a.id) < (b.created_at, b.id) as first_is_older
    from public.vehicle_merge_candidates m
    join public.vehicles a on a.id = m.vehicle_id
    join public.vehicles b on b.id = m.other_vehicle_id
    where m.status = 'open'
      and (
        m.assessed_at is null
        or (m.assessed_at < now() - interval '10 minutes' and m.assessed_at < greatest(a.updated_at, b.updated_at))
      )
    order by m.assessed_at nulls first, m.id
    limit p_limit
  loop
    v_note := null;
    v_why := null;
    begin -- a pair on its own: one that cannot be joined holds up no other
      if c.why is not null then
        v_why := private.why_same_car_still((c.one).id, (c.other).id);
      end if;
      if v_why is not null
        and private.join_vehicles(
          case when c.first_is_older then (c.one).id else (c.other).id end,
          case when c.first_is_older then (c.other).id else (c.one).id end, v_why)
      then
        v_joined := v_joined + 1;
        continue;
      end if;
    exception
    when lock_not_available or deadlock_detected or object_in_use then
      null; -- somebody writes one of them: the next run comes back to it
    when others then
      v_note := 'could not be joined: ' || sqlerrm; -- a person sees it
    end;
    begin
      update public.vehicle_merge_candidates
      set score = private.likeness_of_vehicles(c.one, c.other),
          evidence = private.evidence_of_candidate(c.one, c.other),
          note = coalesce(v_note, note),
          assessed_at = case when c.why is null or v_note is not null then now() end
      where id = c.id;
    exception when lock_not_available or deadlock_detected then
      null; -- a person resolves it, or merges one of them
    end;
  end loop;
  return v_joined;
end
$$;

create or replace function private.why_same_car_still(p_one uuid, p_other uuid) returns text
language plpgsql volatile -- sees what was written while it waited for the rows
set search_path = ''
as $$
begin
  perform from public.vehicles where id in (p_one, p_other) order by id for update;
  return (
    select private.why_same_car(a, b)
    from public.vehicles a
    join public.vehicles b on b.id = p_other
    where a.id = p_one
  );
end
$$;

comment on function private.why_same_car_still(uuid, uuid) is 'What proves that two vehicles are one car, asked again once both are locked: they may have changed, gone or been joined to others since somebody looked. Null when nothing does any more.';

revoke all on function private.why_same_car_still(uuid, uuid) from public;

grant execute on function private.why_same_car_still(uuid, uuid) to postgres, service_role;
