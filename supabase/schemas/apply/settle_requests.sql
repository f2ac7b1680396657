-- The rows that asked for readings, settled by how these ended.

create function private.settle_requests(p_items jsonb[], p_outcomes text[], p_errors text[], p_changes jsonb[])
returns text[]
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_states text[] := array_fill(null::text, array[cardinality(p_items)]);
  v_waits text[] := private.read_by_older(p_items, p_outcomes);
  v_state text;
  v_backfills boolean := false;
  v_queue text;
  v_rows jsonb;
  v_settled jsonb;
begin
  for i in 1 .. cardinality(p_items) loop
    if v_waits[i] is not null then
      update public.backfill_queue
      set status = 'pending',
          lease_token = null,
          lease_expires_at = null,
          attempts = greatest(attempts - 1, 0),
          next_attempt_at = 'infinity',
          error_message = v_waits[i]
      where id = (p_items[i] -> 'request' ->> 'id')::uuid
        and lease_token = (p_items[i] -> 'request' ->> 'lease_token')::uuid
      returning status into v_state;
      v_states[i] := v_state;
      v_backfills := true;
    end if;
  end loop;

  for v_queue, v_rows in
    select r.item -> 'request' ->> 'queue', jsonb_agg(jsonb_build_object(
      'id', (r.item -> 'request' ->> 'id')::uuid,
      'lease_token', (r.item -> 'request' ->> 'lease_token')::uuid,
      'outcome', r.outcome,
      'error', r.error,
      'retry_at', (r.item ->> 'retry_at')::timestamptz) order by r.place)
    from unnest(p_items, p_outcomes, p_errors, v_waits) with ordinality r(item, outcome, error, waits, place)
    where r.waits is null
    group by 1
    order by 1
  loop
    v_settled := public.settle_queue(v_queue, v_rows);
    select array_agg(coalesce(s.status, r.state) order by r.place)
    into v_states
    from unnest(p_items, v_states) with ordinality r(item, state, place)
    left join jsonb_to_recordset(v_settled) s(id uuid, status text)
      on r.item -> 'request' ->> 'queue' = v_queue and s.id = (r.item -> 'request' ->> 'id')::uuid;
    if v_queue = 'backfill_queue' then
      v_backfills := true;
    end if;
  end loop;

  if v_backfills then
    update public.backfill_queue q
    set changes_detected = r.changes,
        fields_updated = array(select k from jsonb_object_keys(r.changes) k order by k),
        read_by_version = case
          when r.item ->> 'method' = (
            select v.scraper_name from public.scraper_versions v where v.id = q.scraper_version_id)
          then r.item ->> 'scraper_version' end
    from unnest(p_items, p_changes) r(item, changes)
    -- By the index, whatever the order of the join.
    where q.id = any (array(select private.as_uuid(i -> 'request' ->> 'id') from unnest(p_items) i))
      and q.id = (r.item -> 'request' ->> 'id')::uuid
      and r.item -> 'request' ->> 'queue' = 'backfill_queue';
  end if;
  return v_states;
end
$$;
comment on function private.settle_requests(jsonb[], text[], text[], jsonb[]) is
  'Settles the queue rows that asked for readings, by their outcomes, errors and changes; what a reader older than the version that asked read goes on waiting. Gives the new status of each.';
grant execute on function private.settle_requests(jsonb[], text[], text[], jsonb[]) to service_role;
