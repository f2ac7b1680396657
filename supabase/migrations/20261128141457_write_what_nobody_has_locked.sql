-- Write what nobody has locked.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.lock_with_retry(jsonb);

drop function private.write_each(jsonb, boolean);

create table private.leases_to_release (
  lease_token uuid not null,
  error text not null,
  created_at timestamp with time zone not null default now(),
  constraint leases_to_release_pkey primary key (lease_token)
);

create or replace function private.apply_auction(
  p_vehicle_id uuid, p_source_url text, p_page_at timestamptz, p_auction jsonb, p_bids jsonb, p_comments jsonb
) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_event uuid;
  v_newest boolean;
  v_message text;
  v_detail text;
begin
  insert into public.auction_events as held (
    vehicle_id, source_url, outcome, sale_price, high_bid, currency, bid_count, comment_count,
    view_count, watcher_count, reserve_met, no_reserve, lot_number, starts_at, ends_at, seller, buyer,
    page_at
  )
  select
    p_vehicle_id, public.canonical_listing_url(p_source_url), a.outcome, a.sale_price, a.high_bid,
    a.currency, a.bid_count, a.comment_count, a.view_count, a.watcher_count, a.reserve_met,
    a.no_reserve, a.lot_number, a.starts_at, a.ends_at, a.seller, a.buyer, p_page_at
  from jsonb_populate_record(null::public.auction_events, p_auction) a
  on conflict (source_url) do update
  set outcome = excluded.outcome,
      sale_price = excluded.sale_price,
      high_bid = case when excluded.bid_count = 0 then excluded.high_bid else coalesce(excluded.high_bid, held.high_bid) end,
      currency = coalesce(excluded.currency, held.currency),
      bid_count = coalesce(excluded.bid_count, held.bid_count),
      comment_count = coalesce(excluded.comment_count, held.comment_count),
      view_count = coalesce(excluded.view_count, held.view_count),
      watcher_count = coalesce(excluded.watcher_count, held.watcher_count),
      reserve_met = coalesce(excluded.reserve_met, held.reserve_met),
      no_reserve = coalesce(excluded.no_reserve, held.no_reserve),
      lot_number = coalesce(excluded.lot_number, held.lot_number),
      starts_at = coalesce(excluded.starts_at, held.starts_at),
      ends_at = coalesce(excluded.ends_at, held.ends_at),
      seller = coalesce(excluded.seller, held.seller),
      buyer = case when excluded.outcome = 'sold' then coalesce(excluded.buyer, held.buyer) end,
      page_at = excluded.page_at,
      updated_at = now()
  where held.vehicle_id = excluded.vehicle_id
    and held.page_at <= excluded.page_at
  returning id into v_event;
  v_newest := v_event is not null;
  if not v_newest then -- an older page: its outcome is outdated, its bids and comments are not
    select id into v_event
    from public.auction_events
    where source_url = public.canonical_listing_url(p_source_url) and vehicle_id = p_vehicle_id;
  end if;
  if v_event is null then
    raise exception 'the auction % belongs to another vehicle', p_source_url
      using errcode = '23505', hint = 'see auction_events.source_url';
  end if;

  begin -- on its own: how the auction ended is kept, whatever is the matter with a bid or a comment
    insert into public.auction_bids as held (auction_event_id, source_id, amount, currency, bidder, placed_at)
    select distinct on (b.source_id) v_event, b.source_id, b.amount, b.currency, b.bidder, b.placed_at
    from jsonb_to_recordset(p_bids)
      as b(source_id text, amount numeric, currency text, bidder text, placed_at timestamptz)
    on conflict (auction_event_id, source_id) do nothing;

    -- A bid that the site has struck out since was never one. Only a page that names all bids can say so.
    if v_newest and (p_auction ->> 'bid_count')::integer = jsonb_array_length(p_bids) then
      delete from public.auction_bids b
      where b.auction_event_id = v_event
        and not exists (select from jsonb_array_elements(p_bids) i where i ->> 'source_id' = b.source_id);
    end if;

    insert into public.auction_comments as held (auction_event_id, source_id, author, body, posted_at, is_seller)
    select distinct on (c.source_id) v_event, c.source_id, c.author, c.body, c.posted_at, c.is_seller
    from jsonb_to_recordset(p_comments)
      as c(source_id text, author text, body text, posted_at timestamptz, is_seller boolean)
    on conflict (auction_event_id, source_id) do update
    set body = excluded.body
    where held.body <> excluded.body
      and v_newest;
    return null;
  exception
  when lock_not_available or deadlock_detected then
    raise; -- the item is handed back whole
  when others then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    return concat_ws(': ', v_message, nullif(v_detail, ''));
  end;
end
$$;

create or replace function private.apply_one(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_error text := p_item ->> 'error';
  v_mismatch text;
  v_unwritten jsonb := '{}'; -- the steps that could not be written, and why
  v_message text;
  v_detail text;
  v_facts jsonb;
  v_images jsonb := '{}';
  v_changes jsonb;
  v_score_before numeric;
  v_score_after numeric;
  v_was_complete boolean;
  v_closed_a_gap boolean;
  v_state text;
  v_steps jsonb;
  v_live_until timestamptz;
begin
  select * into v from public.vehicles where id = (p_item ->> 'vehicle_id')::uuid;
  if not found then
    return jsonb_build_object('outcome', 'no_such_vehicle', 'error', 'no such vehicle');
  end if;
  select overall_score into v_score_before from public.vehicle_quality_scores where vehicle_id = v.id;
  v_was_complete := private.is_marked_complete(v.origin_metadata);

  v_mismatch := private.vehicle_mismatch(v, coalesce(p_item -> 'facts', '{}'));
  if v_mismatch is not null then
    v_outcome := 'invalid';
    v_error := v_mismatch;
    -- What the page says of the VIN is kept for a person to see; nothing else of it is this vehicle's.
    p_item := (p_item - array['images', 'image_results', 'auction', 'absent', 'retractions']) || jsonb_build_object(
      'outcome', v_outcome,
      'facts', jsonb_build_object('vin', (p_item -> 'facts' -> 'vin') || '{"confidence": 0}'));
  end if;

  -- Each part in a subtransaction of its own: what is good is kept, whatever else breaks.
  begin
    v_facts := private.apply_facts(v, p_item);
  exception
  when lock_not_available or deadlock_detected then
    raise; -- the item is handed back whole
  when others then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    v_unwritten := v_unwritten || private.unwritten_part(p_item, 'facts', v_message, v_detail);
  end;

  if v_outcome = 'gone' then
    update public.auction_events
    set outcome = 'unknown', updated_at = now()
    where vehicle_id = v.id
      and source_url = public.canonical_listing_url(p_item ->> 'source_url')
      and outcome = 'live';
  end if;

  if jsonb_typeof(p_item -> 'auction') = 'object' then
    begin
      v_message := private.apply_auction(
        v.id, p_item ->> 'source_url', coalesce((p_item ->> 'page_at')::timestamptz, now()),
        p_item -> 'auction', coalesce(p_item -> 'bids', '[]'), coalesce(p_item -> 'comments', '[]'));
      if v_message is not null then
        v_unwritten := v_unwritten || private.unwritten_part(p_item, 'auction', v_message, null);
      end if;
      v_live_until := case
        when p_item -> 'auction' ->> 'outcome' = 'live' then (p_item -> 'auction' ->> 'ends_at')::timestamptz
      end;
    exception
    when lock_not_available or deadlock_detected then
      raise; -- the item is handed back whole
    when others then
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
      v_unwritten := v_unwritten || private.unwritten_part(p_item, 'auction', v_message, v_detail);
    end;
  end if;

  if p_item ? 'images' or p_item ? 'image_results' then
    begin
      perform set_config('vehicles.rescore', 'by the writer', true);
      v_images := private.store_image_results(
        v.id,
        array(select jsonb_array_elements_text(coalesce(p_item -> 'images', '[]'))),
        coalesce(p_item -> 'image_results', '[]'));
    exception
    when lock_not_available or deadlock_detected then
      raise; -- the item is handed back whole
    when others then
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
      v_unwritten := v_unwritten || private.unwritten_part(p_item, 'images', v_message, v_detail);
    end;
  end if;

  -- Once, for facts and images together.
  if coalesce((v_facts ->> 'rescore')::boolean, false) or coalesce((v_images ->> 'stored')::integer, 0) > 0 then
    perform private.vehicles_changed(array[v.id]);
  end if;
  perform set_config('vehicles.rescore', '', true);

  -- What was asked for first and cannot be written makes a failed attempt; the rest is tried again on its own.
  v_message := coalesce(v_unwritten ->> (p_item -> 'steps' ->> 0), v_unwritten ->> 'extract_data');
  if v_message is not null then
    v_outcome := 'server_error';
    v_error := 'could not be written: ' || v_message;
  end if;
  v_changes := coalesce(v_facts -> 'changes', '{}');
  select overall_score into v_score_after from public.vehicle_quality_scores where vehicle_id = v.id;
  v_closed_a_gap := v_score_after > v_score_before
    or coalesce((v_images ->> 'stored')::integer, 0) > 0
    or coalesce(v_facts -> 'filled' <> '[]', false);

  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' then
    v_state := private.settle_micro_scrape(
      v.id, v_outcome, v_closed_a_gap, p_item ->> 'extraction_hash', v_error,
      (p_item ->> 'retry_at')::timestamptz, v_live_until,
      case when p_item ? 'scraper_version' then coalesce(p_item ->> 'method', 'unknown') end,
      p_item ->> 'scraper_version');
  elsif jsonb_typeof(p_item -> 'request') = 'object' then
    v_state := private.settle_request(p_item, v_outcome, v_error, v_changes);
  end if;
  perform private.settle_related_work(v, p_item, v_outcome, v_closed_a_gap, v_live_until);
  v_steps := private.note_steps(
    v.id, p_item, v_outcome, v_error, v_unwritten,
    case when v_state in ('pending', 'waiting', 'due') then p_item -> 'request' ->> 'queue' end);

  return coalesce(v_facts, '{}') - 'rescore' || jsonb_build_object(
    'outcome', v_outcome,
    'error', v_error,
    'steps', v_steps,
    'step_errors', v_unwritten,
    'changes', v_changes,
    'fields_updated', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(v_changes) k),
    'images', v_images,
    'score_before', v_score_before,
    'score_after', v_score_after,
    'gained', v_changes <> '{}' or coalesce((v_images ->> 'stored')::integer, 0) > 0,
    'state', coalesce(v_state, (select state from public.micro_scrape_state where vehicle_id = v.id)),
    'marked_complete', not v_was_complete and (
      select private.is_marked_complete(origin_metadata) from public.vehicles where id = v.id)
  );
end
$$;

create or replace function private.can_heal(p_outcome text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_outcome in ('timeout', 'network', 'server_error', 'unreadable', 'rate_limited', 'blocked', 'vehicle_locked'), false);

create or replace function private.hand_back_locked_item(p_item jsonb) returns jsonb
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

create or replace function private.lock_what_is_free(p_items jsonb, p_wait interval) returns bigint[]
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

create or replace function private.lock_with_retry(p_items jsonb) returns bigint[]
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

create or replace function private.prune_history() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.prune_queues();
  -- Oldest first, found by the index: never one delete that holds up everything else.
  delete from public.scrape_steps
  where id in (
    select id
    from public.scrape_steps
    where created_at < now() - interval '90 days'
    order by created_at
    limit 10000
  );
  delete from public.worker_invocations
  where id in (
    select id
    from public.worker_invocations
    where invoked_at < now() - interval '3 days'
    order by id
    limit 10000
  );
  delete from private.leases_to_release where created_at < now() - interval '1 day'; -- of rows that are gone
  delete from cron.job_run_details
  where runid in (
    select runid
    from cron.job_run_details
    where end_time < now() - interval '7 days'
    order by runid
    limit 10000
  );
end
$$;

create or replace function private.release_when_free(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_rows jsonb;
begin
  if not exists (select from private.leases_to_release) then
    return;
  end if;
  execute format(
    $sql$
      with free as (
        select to_jsonb(t) as row, l.error
        from private.leases_to_release l
        join public.%I t on t.lease_token is not null and t.lease_token = l.lease_token
        for update of t skip locked
      )
      select jsonb_agg(row || jsonb_build_object('error', error)) from free
    $sql$, p_table)
  into v_rows;
  if v_rows is null then
    return;
  elsif p_table = 'micro_scrape_state' then
    perform public.release_micro_scrape(v_rows);
  else
    perform public.release_queue(p_table, v_rows);
  end if;
  delete from private.leases_to_release
  where lease_token in (select (r ->> 'lease_token')::uuid from jsonb_array_elements(v_rows) r);
end
$$;

create or replace function private.rescue_backfill_queue (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free('backfill_queue');
        -- The attempt counts: a row that kills its workers ends.
        update public.backfill_queue
        set status = case when attempts >= max_attempts then 'failed' else 'pending' end,
            next_attempt_at = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when attempts >= max_attempts then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.backfill_queue
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $function$;

create or replace function private.rescue_bat_extraction_queue (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free('bat_extraction_queue');
        -- The attempt counts: a row that kills its workers ends.
        update public.bat_extraction_queue
        set status = case when attempts >= max_attempts then 'failed' else 'pending' end,
            next_attempt_at = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when attempts >= max_attempts then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.bat_extraction_queue
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $function$;

create or replace function private.rescue_import_queue (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free('import_queue');
        -- The attempt counts: a row that kills its workers ends.
        update public.import_queue
        set status = case when attempts >= max_attempts then 'failed' else 'pending' end,
            next_attempt_at = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when attempts >= max_attempts then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.import_queue
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $function$;

create or replace function private.rescue_micro_scrape_state(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_rescued uuid[];
begin
  perform private.release_when_free('micro_scrape_state');
  -- An array, and no join of CTEs: an update by ids goes through the primary key however many there are.
  v_rescued := array(
    select vehicle_id
    from public.micro_scrape_state
    where lease_token is not null and lease_expires_at <= now()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  );
  -- A worker that dies is replaced at once. A page that kills every worker ends, and its neighbours in the
  -- batch are kept from it by the random part of the wait.
  if cardinality(v_rescued) > 0 then
    update public.micro_scrape_state s
    set state = case
          when private.is_complete(v, s.score) then 'complete'
          when s.failures >= 4 then 'failed'
          when s.failures = 0 then 'due'
          else 'waiting'
        end,
        due_at = case when s.failures = 0 then now() else now() + private.backoff(s.failures + 1) end,
        failures = s.failures + 1,
        last_outcome = 'timeout',
        last_error = private.worker_died(),
        lease_token = null,
        lease_expires_at = null
    from public.vehicles v
    where s.vehicle_id = any (v_rescued)
      and v.id = s.vehicle_id;
  end if;
  return cardinality(v_rescued);
end
$$;

create or replace function private.rescue_scrape_retry_queue (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free('scrape_retry_queue');
        -- The attempt counts: a row that kills its workers ends.
        update public.scrape_retry_queue
        set status = case when retry_count >= max_retries then 'failed' else 'pending' end,
            next_retry_at = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when retry_count >= max_retries then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.scrape_retry_queue
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $function$;

create or replace function private.write_each(p_items jsonb, p_imports boolean, p_locked_elsewhere bigint[]) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_ordered_by text := case when p_imports then 'source_url' else 'vehicle_id' end;
  v_item jsonb;
  v_place bigint;
  v_vehicle_id text;
  v_results jsonb := '[]';
  v_result jsonb;
  v_message text;
  v_detail text;
  v_lock_timeout text := current_setting('lock_timeout');
  v_patience text := '500ms'; -- for rows beside the vehicle's own, which somebody else may have
begin
  for v_item, v_place in
    select i, n from jsonb_array_elements(p_items) with ordinality as e(i, n) order by i ->> v_ordered_by, n
  loop
    v_message := null;
    v_vehicle_id := case when not p_imports then v_item ->> 'vehicle_id' end; -- an import finds it
    perform set_config('lock_timeout', v_patience, true);
    begin -- a subtransaction each: one bad item spoils no other
      if v_place = any (p_locked_elsewhere) then
        v_result := private.hand_back_locked_item(v_item);
      elsif not private.holds_lease(v_item -> 'request', v_vehicle_id::uuid) then
        v_result := jsonb_build_object(
          'outcome', 'stale_lease', 'error', 'another worker has taken this over: nothing was written');
      elsif p_imports then
        v_result := private.import_one(v_item);
      else
        v_result := private.apply_one(v_item);
      end if;
    exception
    when lock_not_available or deadlock_detected then
      v_patience := '20ms'; -- the batch has waited once
      v_result := private.hand_back_locked_item(v_item);
    when others then
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
      v_message := concat_ws(': ', v_message, nullif(v_detail, ''));
      v_result := jsonb_build_object(
        'outcome', 'server_error',
        'error', v_message,
        'state', private.settle_failed_item(
          v_item, format('could not be %s: %s', case when p_imports then 'imported' else 'written' end, v_message)));
    end;
    if p_imports and v_message is not null then -- there is no vehicle that would have it on record
      v_result := v_result || jsonb_build_object('steps', private.note_steps(
        null, jsonb_build_object('source_url', v_item ->> 'source_url'), 'server_error', v_message,
        jsonb_build_object('extract_data', v_message), v_item -> 'request' ->> 'queue'));
    end if;
    v_results := v_results || jsonb_build_array(
      jsonb_build_object('vehicle_id', v_vehicle_id)
        || case when p_imports then '{"created": false, "relisting": false}'::jsonb else '{}' end
        || v_result
        || jsonb_build_object('index', v_place - 1, 'can_heal', private.can_heal(v_result ->> 'outcome')));
  end loop;
  perform set_config('lock_timeout', v_lock_timeout, true);

  return (
    select coalesce(jsonb_agg(r order by (r ->> 'index')::integer), '[]') from jsonb_array_elements(v_results) r
  );
end
$$;

create or replace function private.write_rescue(q private.queues) returns void
language plpgsql
set search_path = ''
as $write$
begin
  execute format(
    $sql$
      create or replace function private.%1$I(p_limit integer) returns integer
      language plpgsql
      set search_path = ''
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_bitmapscan = off
      set enable_sort = off
      as $rescue$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free(%2$L);
        -- The attempt counts: a row that kills its workers ends.
        update public.%2$I
        set status = case when %3$I >= %4$I then 'failed' else 'pending' end,
            %5$I = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when %3$I >= %4$I then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.%2$I
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $rescue$
    $sql$,
    'rescue_' || q.table_name, q.table_name, q.attempts_column, q.max_attempts_column, q.due_column);
  execute format('grant execute on function private.%I(integer) to service_role', 'rescue_' || q.table_name);
end
$write$;

create or replace function public.apply_extractions(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
-- One vehicle at a time, hundreds a second: a plan a call costs more than any plan can save.
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'apply_extractions takes a JSON array of items' using errcode = '22023';
  end if;
  return private.write_each(p_items, false, private.lock_with_retry(p_items));
end
$$;

create or replace function public.import_listings(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'import_listings takes a JSON array of items' using errcode = '22023';
  end if;
  -- One importer at a time of a listing and of a VIN. Waited for in one order, before any row is locked.
  perform pg_advisory_xact_lock(k.key)
  from (
    select distinct hashtextextended(w.what, 5) as key
    from jsonb_array_elements(p_items) i
    cross join lateral (
      values
        ('listing ' || public.canonical_listing_url(i ->> 'source_url')),
        ('vin ' || (
          select vin
          from (select i -> 'facts' -> 'vin' ->> 'value' as vin) v
          where private.is_vin(vin) and not private.is_suspect_vin(vin, null) -- which joins no listings
        ))
    ) w(what)
    where w.what is not null
    order by 1
  ) k;
  return private.write_each(p_items, true, private.lock_with_retry((
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.relisted_vehicle(i))) order by n), '[]')
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  )));
end
$$;

create or replace function public.release_micro_scrape(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  with given as (
    select s.vehicle_id, private.bounded(i.retry_at) as retry_at, i.error
    from jsonb_to_recordset(p_items) as i(vehicle_id uuid, lease_token uuid, retry_at timestamptz, error text)
    join public.micro_scrape_state s on s.vehicle_id = i.vehicle_id and s.lease_token = i.lease_token
    order by s.vehicle_id
    for update of s
  ),
  released as (
    update public.micro_scrape_state s
    set state = case
          when private.is_complete(v, s.score) then 'complete'
          when g.retry_at > now() then 'waiting'
          else 'due'
        end,
        due_at = coalesce(g.retry_at, now()),
        last_error = coalesce(g.error, s.last_error),
        lease_token = null,
        lease_expires_at = null
    from given g
    join public.vehicles v on v.id = g.vehicle_id
    where s.vehicle_id = g.vehicle_id
    returning 1
  )
  select count(*)::integer from released
$$;

create or replace function public.release_queue(p_queue text, p_items jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_count integer;
begin
  execute format(
    $sql$
      update public.%1$I t
      set status = 'pending',
          lease_token = null,
          lease_expires_at = null,
          %2$I = greatest(t.%2$I - 1, 0),
          %3$I = case when mine.retry_at > now() then mine.retry_at end,
          error_message = coalesce(mine.error, t.error_message)
      from (
        select h.id, private.bounded(i.retry_at) as retry_at, i.error
        from jsonb_to_recordset($1) as i(id uuid, lease_token uuid, retry_at timestamptz, error text)
        join public.%1$I h on h.id = i.id and h.lease_token = i.lease_token
        order by h.id
        for update of h
      ) mine
      where t.id = mine.id
    $sql$, p_queue, q.attempts_column, q.due_column)
  using p_items;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

comment on function private.hand_back_locked_item(jsonb) is 'Hands back the row that asked for a reading whose vehicle somebody else has locked: nothing is counted against it, and it is due again in 30 seconds, or when that row is free itself. Gives the result of the item.';

comment on function private.lock_what_is_free(jsonb, interval) is 'Locks what a batch will change, as far as nobody else has it for longer than p_wait in all. Gives the places, from 1, of the items that somebody has.';

comment on function private.lock_with_retry(jsonb) is 'Locks what a batch will change, and gives way to whoever holds part of it. Gives the places, from 1, of the items that somebody still holds after a second and a half.';

comment on function private.release_when_free(text) is 'Hands back the rows of a queue, or of micro_scrape_state, that were locked when their worker wanted to: nothing is counted against them.';

comment on function private.write_each(jsonb, boolean, bigint[]) is 'Applies the items of a batch, or imports them, each on its own; what they touch is locked by the caller, but for the items at p_locked_elsewhere, which are handed back. Gives one result an item, in their order.';

comment on function public.apply_extractions(jsonb) is 'The only writer of vehicle facts. Takes a batch of readings, gives one result an item in the same order: its outcome (an outcome code; stale_lease, no_such_vehicle or vehicle_locked where nothing was written), its steps and how each ended, what was filled, corrected, cleared, confirmed or is in conflict.';

comment on function public.release_micro_scrape(jsonb) is 'Hands back vehicles that were not started, as [{vehicle_id, lease_token, retry_at, error}]: nothing is counted against them. error: why, where that is worth a word.';

comment on function public.release_queue(text, jsonb) is 'Hands back rows that were not started, as [{id, lease_token, retry_at, error}]; the attempt is given back. error: why, where that is worth a word.';

comment on table private.leases_to_release is 'Leases whose worker wanted to hand the row back while another session had it locked, and why. rescue_<table>() does it as soon as the row is free.';

revoke all on function private.hand_back_locked_item(jsonb) from public;

grant execute on function private.hand_back_locked_item(jsonb) to postgres, service_role;

revoke all on function private.lock_what_is_free(jsonb, interval) from public;

grant execute on function private.lock_what_is_free(jsonb, interval) to postgres, service_role;

revoke all on function private.lock_with_retry(jsonb) from public;

grant execute on function private.lock_with_retry(jsonb) to postgres, service_role;

revoke all on function private.release_when_free(text) from public;

grant execute on function private.release_when_free(text) to postgres, service_role;

revoke all on function private.write_each(jsonb, boolean, bigint[]) from public;

grant execute on function private.write_each(jsonb, boolean, bigint[]) to postgres, service_role;

grant all on table private.leases_to_release to postgres;

grant delete, insert, select on table private.leases_to_release to service_role;
