-- Forgotten stays forgotten.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.complete_address() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_field text := tg_argv[0];
  v_text text := to_jsonb(new) ->> v_field;
begin
  if private.web_address(v_text) is null then
    raise exception '% of % "%" is no address of a page (allowed: https://host/path or host/path)',
      v_field, tg_table_name, left(v_text, 200)
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, column = v_field;
  end if;
  return jsonb_populate_record(new, jsonb_build_object(v_field, private.web_address(v_text)));
end
$$;

create or replace function private.forget_snapshots(p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_after text;
  v_last text;
  v_ids uuid[];
begin
  select walked_to into v_after from private.snapshot_policy for update skip locked;
  if not found then
    return 0; -- somebody else is at it
  end if;
  -- What was recorded at the moment at which its vehicle was forgotten.
  perform private.forget_pages(array(
    select r.canonical_url
    from public.remembered_addresses r
    where r.kind = 'forgotten'
      and r.created_at > now() - interval '1 day'
      and exists (select from public.page_snapshots s where s.canonical_url = r.canonical_url)));
  select max(canonical_url), array_agg(id) filter (where forget)
  into v_last, v_ids
  from private.snapshots_to_forget(v_after, p_limit);

  with forgotten as (
    delete from public.page_snapshots where id = any (v_ids) returning storage_path
  )
  insert into private.unneeded_snapshot_objects (storage_path)
  select distinct f.storage_path
  from forgotten f
  where not exists (
    select from public.page_snapshots s
    where s.storage_path = f.storage_path and s.id <> all (v_ids)
      and s.sha256 = split_part(split_part(f.storage_path, '/', 2), '.', 1)
  )
  on conflict do nothing;

  update private.snapshot_policy
  set walked_to = coalesce(v_last, ''),
      walked_round_at = case when v_last is null then now() else walked_round_at end;
  return coalesce(cardinality(v_ids), 0);
end
$$;

create or replace function private.import_one(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_url text := p_item ->> 'source_url';
  v_request jsonb := p_item -> 'request';
  v_queued boolean := jsonb_typeof(v_request) = 'object';
  v_id uuid := private.vehicle_of_listing(v_url);
  v_relisting boolean := false;
  v_created boolean := false;
  v_result jsonb;
  v_state text;
  v_steps jsonb;
  v_why text;
begin
  if public.canonical_listing_url(v_url) is null then
    raise exception 'no listing stands at "%"', v_url using errcode = '22023';
  end if;

  -- A person who forgets a vehicle is not overruled by a worker that had its page already.
  v_why := case when v_id is null then private.why_forgotten(p_item) end;
  if v_why is not null then
    p_item := p_item || jsonb_build_object('outcome', 'invalid', 'error', v_why);
  end if;

  -- What is no reading, or reads no vehicle, makes none.
  if v_id is null and (coalesce(p_item ->> 'outcome', 'ok') not in ('ok', 'not_modified') or not p_item ? 'facts') then
    v_steps := private.note_steps(null, p_item, p_item ->> 'outcome', p_item ->> 'error', '{}', null);
    if v_queued then
      v_state := private.settle_request(p_item, p_item ->> 'outcome', p_item ->> 'error', '{}');
    else
      insert into public.import_queue as held (listing_url, status, outcome_code, error_message, processed_at)
      select btrim(v_url), 'failed', p_item ->> 'outcome', p_item ->> 'error', now()
      where p_item ->> 'outcome' in ('not_a_listing', 'gone')
      on conflict (canonical_url) do update
      set status = 'failed', outcome_code = excluded.outcome_code, error_message = excluded.error_message,
          next_attempt_at = null, processed_at = now()
      where held.status = 'pending';
    end if;
    return jsonb_build_object(
      'outcome', p_item ->> 'outcome', 'error', p_item ->> 'error', 'steps', v_steps, 'vehicle_id', null,
      'created', false, 'relisting', false, 'state', v_state);
  end if;

  perform set_config('vehicles.importing', 'on', true);
  if v_id is null then
    v_id := private.relisted_vehicle(p_item);
    v_relisting := v_id is not null;
  end if;
  if v_relisting then
    perform from public.vehicles where id = v_id for no key update;
    -- A vehicle stands on the latest of its listings: that is the one worth another look.
    update public.vehicles
    set discovery_url = v_url
    where id = v_id
      and not exists (
        select from public.auction_events e
        where e.vehicle_id = v_id and e.ends_at > (p_item -> 'auction' ->> 'ends_at')::timestamptz);
  elsif v_id is null then
    insert into public.vehicles (discovery_url) values (btrim(v_url)) returning id into v_id;
    v_created := true;
  end if;

  v_result := private.apply_one((p_item - 'request') || jsonb_build_object('vehicle_id', v_id));
  if v_created and v_result -> 'step_errors' ? 'extract_data' then
    -- A vehicle of which nothing could be written is none: the attempt is made again.
    raise exception '%', v_result -> 'step_errors' ->> 'extract_data'; -- its caller says what that means
  end if;
  if v_queued then
    v_state := private.settle_request(p_item, v_result ->> 'outcome', v_result ->> 'error', '{}');
    update public.import_queue
    set vehicle_id = v_id
    where id = (v_request ->> 'id')::uuid;
  else
    update public.import_queue
    set status = 'complete', vehicle_id = v_id, outcome_code = v_result ->> 'outcome', error_message = null,
        next_attempt_at = null, processed_at = now()
    where canonical_url = public.canonical_listing_url(v_url)
      and status <> 'processing'
      and v_result ->> 'outcome' <> 'invalid' -- another car
      and not v_result -> 'step_errors' ? 'extract_data';
  end if;
  if p_item ? 'bids' then -- read whole, by an import: the worker of the repair queue knows
    insert into public.bat_extraction_queue
      (vehicle_id, bat_url, status, reason, outcome_code, processed_at)
    select v.id, v.bat_auction_url, 'complete', 'new', v_result ->> 'outcome', now()
    from public.vehicles v
    where v.id = v_id and v.source_host = 'bringatrailer.com'
    on conflict (vehicle_id) do nothing;
  elsif v_created or v_relisting then -- without bids and comments: they are still to be read
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, reason)
    select v.id, v.bat_auction_url, 100, 'new'
    from public.vehicles v
    where v.id = v_id and v.source_host = 'bringatrailer.com'
    on conflict (vehicle_id) do update
    set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new'
    where held.status <> 'processing';
  end if;
  perform set_config('vehicles.importing', '', true);

  return v_result || jsonb_build_object('created', v_created, 'relisting', v_relisting, 'vehicle_id', v_id)
    || case when v_queued then jsonb_build_object('state', v_state) else '{}' end;
end
$$;

create or replace function private.why_forgotten(p_item jsonb) returns text
language sql stable
set search_path = ''
as $$
  select format(
    'the listing %s was forgotten: %s (to have it back: select bring_back_address(%L);)',
    r.canonical_url, r.reason, r.canonical_url)
  from public.remembered_addresses r
  where r.canonical_url = public.canonical_listing_url(p_item ->> 'source_url')
    and r.kind = 'forgotten'
    and jsonb_typeof(p_item -> 'request') = 'object'
    and (
      (p_item ->> 'page_at')::timestamptz < r.created_at -- it was being read when it was forgotten
      or not exists (
        select from public.import_queue q
        where q.id = (p_item -> 'request' ->> 'id')::uuid and q.canonical_url = r.canonical_url)
    )
$$;

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
          'outcome', 'stale_lease', 'error', coalesce(
            case when p_imports then private.why_forgotten(v_item) end,
            'another worker has taken this over: nothing was written'));
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

create or replace function public.bring_back_address(p_url text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_whole text := private.web_address(p_url);
  v_url text := public.canonical_listing_url(v_whole);
  r public.remembered_addresses;
begin
  select * into r from public.remembered_addresses where canonical_url = v_url for update;
  if not found then
    raise exception 'nothing is remembered of "%"', p_url using errcode = 'P0002';
  elsif r.kind = 'merged' then
    raise exception 'the listing % is vehicle % since a merge', v_url, r.vehicle_id using
      errcode = '22023', hint = format('Take the merge back: select unmerge_vehicle(%L);', r.former_vehicle_id);
  end if;
  delete from public.remembered_addresses where canonical_url = v_url;
  insert into public.import_queue (listing_url, priority) values (v_whole, 10)
  on conflict (canonical_url) do update
  set status = 'pending';
  return jsonb_build_object('queued', v_url, 'title', r.title, 'reason', r.reason);
end
$$;

create or replace function public.record_fetches(p_worker uuid, p_report jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_kept text[];
  v_forgotten text[];
begin
  -- Hosts first, all in one order, then the rest, which locks nothing that others wait for long.
  perform from public.source_hosts
  where host in (
    select value ->> 'host' from jsonb_array_elements(p_report -> 'answers')
    union all
    select value ->> 'host' from jsonb_array_elements(p_report -> 'robots')
    union all
    select value #>> '{}' from jsonb_array_elements(p_report -> 'released')
  )
  order by host
  for update;

  perform private.record_host_answers(p_worker, p_report -> 'answers');

  -- A robots.txt that cannot be reached does not unsay the one that was read before (RFC 9309, 2.4).
  update public.source_hosts h
  set robots_status = r.status,
      robots_body = case when r.error is null then r.body else h.robots_body end,
      robots_error = r.error,
      crawl_delay_ms = case when r.error is null then r.crawl_delay_ms else h.crawl_delay_ms end,
      -- A delay that was not known when the last slot was given counts from now.
      next_slot_at = case
        when r.crawl_delay_ms > greatest(h.min_interval_ms, h.crawl_delay_ms)
          then greatest(h.next_slot_at, clock_timestamp() + r.crawl_delay_ms * '1 millisecond'::interval)
        else h.next_slot_at
      end,
      robots_fetched_at = clock_timestamp(),
      robots_fresh_until = clock_timestamp() + r.fresh_ms * '1 millisecond'::interval
  from (
    select distinct on (host) * from jsonb_to_recordset(p_report -> 'robots')
      as r(host text, status integer, body text, error text, crawl_delay_ms integer, fresh_ms bigint)
  ) as r
  where h.host = r.host;

  -- A probe that ended without an answer is given back, for the next worker to try at once.
  update public.source_hosts
  set breaker = 'open', probe_holder = null, probe_until = null
  where host in (select value #>> '{}' from jsonb_array_elements(p_report -> 'released'))
    and breaker = 'half_open'
    and probe_holder = p_worker;

  insert into public.scraping_health (source, host, url, outcome, status, ms, bytes, message, created_at)
  select a.source, a.host, a.url, a.outcome, a.status, a.ms, a.bytes, a.message,
    clock_timestamp() - a.age_ms * '1 millisecond'::interval
  from jsonb_to_recordset(p_report -> 'attempts') as a(
    source text, host text, url text, outcome text, status integer, ms integer, bytes bigint,
    message text, age_ms bigint
  );

  -- Of a vehicle that was forgotten while its page was read nothing is kept, neither a row nor the file.
  v_forgotten := array(
    select r.canonical_url
    from public.remembered_addresses r
    where r.kind = 'forgotten'
      and r.canonical_url in (select s ->> 'canonical_url' from jsonb_array_elements(p_report -> 'snapshots') s));
  insert into private.unneeded_snapshot_objects (storage_path)
  select distinct s ->> 'storage_path'
  from jsonb_array_elements(p_report -> 'snapshots') s
  where s ->> 'canonical_url' = any (v_forgotten)
  order by 1
  on conflict do nothing;

  -- A page whose file is being removed at this moment is kept the next time that it is fetched.
  v_kept := private.keep_objects(array(
    select distinct s ->> 'storage_path'
    from jsonb_array_elements(coalesce(p_report -> 'snapshots', '[]')) s
    where s ->> 'canonical_url' <> all (v_forgotten)));
  insert into public.page_snapshots as held (
    id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, etag, last_modified,
    content_type, bytes, stored_bytes, storage_path
  )
  select distinct on (s.canonical_url, s.sha256)
    s.id, s.canonical_url, s.url, s.final_url, s.sha256, s.fetched_at, s.fetched_at, s.status, s.etag,
    s.last_modified, s.content_type, s.bytes, s.stored_bytes, s.storage_path
  from jsonb_to_recordset(p_report -> 'snapshots') as s(
    id uuid, canonical_url text, url text, final_url text, sha256 text, fetched_at timestamptz,
    status integer, etag text, last_modified text, content_type text, bytes integer,
    stored_bytes integer, storage_path text
  )
  where s.storage_path = any (v_kept) and s.canonical_url <> all (v_forgotten)
  order by s.canonical_url, s.sha256, s.fetched_at desc
  on conflict (canonical_url, sha256) do update
  set last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at),
      final_url = excluded.final_url,
      etag = excluded.etag,
      last_modified = excluded.last_modified;

  with seen as (
    select s.id, min(s.age_ms) as age_ms
    from jsonb_to_recordset(p_report -> 'seen') as s(id uuid, age_ms bigint)
    group by s.id
  ),
  locked as (
    select h.id, seen.age_ms
    from public.page_snapshots h join seen on seen.id = h.id
    order by h.canonical_url, h.sha256
    for update of h
  )
  update public.page_snapshots h
  set last_seen_at = greatest(h.last_seen_at, clock_timestamp() - locked.age_ms * '1 millisecond'::interval)
  from locked
  where h.id = locked.id;

  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'host', h.host,
      'breaker', h.breaker,
      'why', h.opened_because,
      'retry_in_ms', private.ms_until(greatest(h.retry_at, h.retry_after), clock_timestamp())
    ) order by h.host)
    from public.source_hosts h
    where h.host in (select value ->> 'host' from jsonb_array_elements(p_report -> 'answers'))
  ), '[]');
end
$$;

create index remembered_addresses_forgotten on public.remembered_addresses using btree (created_at)
  where (kind = 'forgotten'::text);

create trigger complete_address
  before insert or update of listing_url on public.import_queue
  for each row
  when ((private.web_address(new.listing_url) is distinct from new.listing_url))
  execute function private.complete_address('listing_url');

create trigger complete_address
  before insert or update of url on public.listing_feeds
  for each row
  when ((private.web_address(new.url) is distinct from new.url))
  execute function private.complete_address('url');

comment on function private.complete_address() is 'Makes the whole address of what stands in a column, as vehicles do; refuses what can be none.';

comment on function private.why_forgotten(jsonb) is 'Why a worker''s reading makes no vehicle: its listing was forgotten, and nobody has queued it by this address since. Else null.';

revoke all on function private.complete_address() from public;

grant execute on function private.complete_address() to postgres;

revoke all on function private.why_forgotten(jsonb) from public;

grant execute on function private.why_forgotten(jsonb) to postgres, service_role;

-- Addresses that were inserted without https:// before they were completed. What was never one stays, for a person.
do $$
declare
  v record;
begin
  for v in
    select id, private.web_address(discovery_url) as url
    from public.vehicles
    where canonical_url is null and discovery_url is not null and private.web_address(discovery_url) is not null
    order by id
  loop
    begin
      update public.vehicles set discovery_url = v.url where id = v.id;
    exception when unique_violation then
      raise notice 'vehicle % stays without its address: another one stands at %', v.id, v.url;
    end;
  end loop;
end
$$;
