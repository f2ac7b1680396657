-- What a batch will change is locked before it is written: in one order, and without waiting for a person.

create function private.lock_requests(p_items jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_queue text;
begin
  -- One order for everybody, queue rows before vehicles, so that two batches never wait for each other.
  for v_queue in
    select q.table_name
    from private.queues q
    where q.table_name in (select i -> 'request' ->> 'queue' from jsonb_array_elements(p_items) i)
    order by q.table_name
  loop
    execute format(
      $sql$
        select from public.%I
        where id in (
          select private.as_uuid(i -> 'request' ->> 'id') from jsonb_array_elements($1) i
          where i -> 'request' ->> 'queue' = $2)
        order by id
        for update
      $sql$, v_queue)
    using p_items, v_queue;
  end loop;

  perform from public.vehicles
  where id in (select private.as_uuid(i ->> 'vehicle_id') from jsonb_array_elements(p_items) i)
  order by id
  for no key update;

  -- micro_scrape_state is the vehicle's shadow: the triggers of vehicles write it, so a person's update takes
  -- the vehicle first and then its shadow, and so does everybody else.
  perform from public.micro_scrape_state
  where vehicle_id in (select private.as_uuid(i ->> 'vehicle_id') from jsonb_array_elements(p_items) i)
  order by vehicle_id
  for update;
end
$$;
comment on function private.lock_requests(jsonb) is
  'Locks what a batch will change, in one order for all workers.';
grant execute on function private.lock_requests(jsonb) to service_role;

create function private.lock_what_is_free(p_items jsonb, p_wait interval) returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + p_wait;
  v_locked_elsewhere bigint[] := '{}';
  v_locked uuid[];
  v_id uuid;
  t record;
begin
  for t in
    with items as (
      select i, n from jsonb_array_elements(p_items) with ordinality as e(i, n)
    ),
    touched as (
      select 1 as step, q.table_name, 'id' as key, 'update' as strength, private.as_uuid(i -> 'request' ->> 'id') as id, n
      from items
      join private.queues q on q.table_name = i -> 'request' ->> 'queue'
      union all
      select 2, 'vehicles', 'id', 'no key update', private.as_uuid(i ->> 'vehicle_id'), n from items
      union all
      select 3, 'micro_scrape_state', 'vehicle_id', 'update', private.as_uuid(i ->> 'vehicle_id'), n from items
    )
    select step, table_name, key, strength, array_agg(id order by n) as ids, array_agg(n order by n) as places
    from touched
    where id is not null
    group by step, table_name, key, strength
    order by step, table_name
  loop
    execute format(
      'select array(select %2$I from public.%1$I where %2$I = any ($1) order by %2$I for %3$s skip locked)',
      t.table_name, t.key, t.strength)
    into v_locked
    using t.ids;
    -- In the line of those that wait a short edit is soon over. All in all it is half of what Postgres waits before it
    -- looks for a circle, so that nobody's transaction fails because of this one.
    for v_id in execute format(
      'select %2$I from public.%1$I where %2$I = any ($1) and %2$I <> all ($2) order by %2$I', t.table_name, t.key)
    using t.ids, v_locked
    loop
      begin
        perform set_config('lock_timeout', greatest(
          1, ceil(1000 * extract(epoch from v_until - clock_timestamp())))::integer || 'ms', true);
        execute format('select from public.%1$I where %2$I = $1 for %3$s', t.table_name, t.key, t.strength) using v_id;
      exception when lock_not_available then
        v_locked_elsewhere := v_locked_elsewhere || array(
          select p.place from unnest(t.ids, t.places) p(id, place) where p.id = v_id);
      end;
    end loop;
  end loop;
  return v_locked_elsewhere;
end
$$;
comment on function private.lock_what_is_free(jsonb, interval) is
  'Locks what a batch will change, as far as nobody else has it for longer than p_wait in all. Gives the places, from 1, of the items that somebody has.';
grant execute on function private.lock_what_is_free(jsonb, interval) to service_role;

create function private.lock_with_retry(p_items jsonb) returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
  v_lock_timeout text := current_setting('lock_timeout');
  v_locked_elsewhere bigint[] := '{}';
  v_begun timestamptz;
begin
  -- Batches wait for each other here, in one order and before any row is locked: whoever has a row after this is
  -- no batch.
  perform pg_advisory_xact_lock(k.key)
  from (
    select distinct hashtextextended('vehicle ' || v.id, 6) as key
    from (select private.as_uuid(i ->> 'vehicle_id') as id from jsonb_array_elements(p_items) i) v
    where v.id is not null
    order by 1
  ) k;

  -- A person's mass update or delete takes rows in any order, so a batch that waited while it holds some could
  -- stand in a circle with it, and Postgres would fail either. The batch does not wait but frees what it has and
  -- comes again; after a second it takes what is free.
  v_begun := clock_timestamp();
  loop
    begin
      perform set_config('lock_timeout', '10ms', true);
      perform private.lock_requests(p_items);
      exit;
    exception when lock_not_available then
      if clock_timestamp() > v_begun + interval '1 second' then
        v_locked_elsewhere := private.lock_what_is_free(p_items, interval '500 milliseconds');
        exit;
      end if;
    end;
    perform pg_sleep(random() * 0.06);
  end loop;
  perform set_config('lock_timeout', v_lock_timeout, true);
  return v_locked_elsewhere;
end
$$;
comment on function private.lock_with_retry(jsonb) is
  'Locks what a batch will change, and gives way to whoever holds part of it. Gives the places, from 1, of the items that somebody still holds after a second and a half.';
grant execute on function private.lock_with_retry(jsonb) to service_role;

create function private.hand_back_locked_item(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_lock_timeout text := current_setting('lock_timeout');
  v_error text := 'another session has the vehicle locked: nothing was written';
  v_queue text := p_item -> 'request' ->> 'queue';
  v_row jsonb := jsonb_build_array((p_item -> 'request') || jsonb_build_object(
    'vehicle_id', p_item -> 'vehicle_id', 'retry_at', clock_timestamp() + interval '30 seconds', 'error', v_error));
  v_state text;
begin
  begin
    perform set_config('lock_timeout', '20ms', true);
    if v_queue = 'micro_scrape_state' then
      if public.release_micro_scrape(v_row) > 0 then
        select state into v_state from public.micro_scrape_state where vehicle_id = (p_item ->> 'vehicle_id')::uuid;
      end if;
    elsif v_queue is not null and public.release_queue(v_queue, v_row) > 0 then
      v_state := 'pending';
    end if;
  exception
  when lock_not_available then -- an open edit has the vehicle's row of micro_scrape_state, too
    insert into private.leases_to_release (lease_token, error)
    values ((p_item -> 'request' ->> 'lease_token')::uuid, v_error)
    on conflict do nothing;
  when others then
    null; -- a request that makes no sense; its lease runs out
  end;
  perform set_config('lock_timeout', v_lock_timeout, true);
  return jsonb_build_object('outcome', 'vehicle_locked', 'error', v_error, 'state', v_state);
end
$$;
comment on function private.hand_back_locked_item(jsonb) is
  'Hands back the row that asked for a reading whose vehicle somebody else has locked: nothing is counted against it, and it is due again in 30 seconds, or when that row is free itself. Gives the result of the item.';
grant execute on function private.hand_back_locked_item(jsonb) to service_role;
