-- Say once what stood twice.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.settle_first_readings(uuid[], jsonb[]);

drop function private.with_vehicles_that_are_here(jsonb);

create or replace function private.claim_imports (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  set enable_incremental_sort to 'off'
  as $function$
      declare
        v_priority integer;
        v_hosts text[];
        v_places tid[] := '{}';
        v_more tid[];
        v_each integer; -- of each host
        v_had integer; -- what it gave before
        v_held jsonb; -- how many listings of each host workers hold
        v_can boolean := false; -- whether some host can be asked
        v_rows jsonb;
        v_walked bigint := -pg_stat_get_xact_tuples_returned('public.import_queue_due_by_host'::regclass);
      begin
        if (select h.by_age_until > now() from private.queue_heads h where h.table_name = 'import_queue') then
          return private.claim_import_queue(p_limit, p_max_attempts, p_narrow);
        end if;
        perform private.rescue_import_queue(2000);
        perform private.promote_due_import_queue(2000);
        for v_looks in 1 .. 5 loop -- priorities, the highest first
          select i.priority into v_priority
          from public.import_queue i
          where i.status = 'pending'
            and i.next_attempt_at is null
            and i.priority <= coalesce(v_priority - 1, 2147483647)
          order by i.priority desc, i.created_at, i.id
          limit 1;
          exit when not found or cardinality(v_places) = p_limit;
          v_hosts := private.hosts_to_import(v_priority, p_limit - cardinality(v_places));
          continue when v_hosts = '{}';
          v_can := true;
          v_held := coalesce(v_held, (
            select coalesce(jsonb_object_agg(l.host, l.held), '{}')
            from (
              select private.url_host(q.canonical_url) as host, count(*) as held
              from public.import_queue q
              where q.lease_token is not null
              group by 1
            ) l
          ));
          v_each := ceil((p_limit - cardinality(v_places))::numeric / cardinality(v_hosts));
          v_had := 0;
          for v_round in 1 .. 2 loop -- an equal share of each, then whatever they have
            v_more := array(
              select r.place
              from unnest(v_hosts) u(host)
              left join public.source_hosts h on h.host = u.host
              cross join lateral (
                select c.ctid as place
                from public.import_queue c
                where c.status = 'pending'
                  and c.next_attempt_at is null
                  and c.priority = v_priority
                  and private.url_host(c.canonical_url) = u.host
                  and c.attempts < coalesce(p_max_attempts, c.max_attempts)
                  and c.ctid <> all (v_places)
                order by private.url_host(c.canonical_url), c.created_at, c.id
                -- With what workers hold already no more than its pace lets them read in ten seconds.
                limit case
                  when h.interval_ms > 0 then least(v_each, greatest(
                    greatest(10000 / h.interval_ms, 1) - v_had - coalesce((v_held ->> u.host)::integer, 0), 0))
                  else v_each
                end
                for update skip locked
              ) r
              limit p_limit - cardinality(v_places)
            );
            v_places := v_places || v_more;
            v_had := v_each;
            v_each := p_limit - cardinality(v_places);
            exit when v_each = 0;
          end loop;
        end loop;
        v_walked := v_walked + pg_stat_get_xact_tuples_returned('public.import_queue_due_by_host'::regclass);
        if v_walked > 2000 + 20 * p_limit then
          -- Much that is dead, and nobody can clear it away: for a while by age, which knows where to begin.
          update private.queue_heads h
          set by_age_until = now() + interval '1 minute'
          where h.table_name in (
            select table_name from private.queue_heads where table_name = 'import_queue' for update skip locked
          );
        end if;
        if v_places = '{}' and v_can then
          return '[]'; -- those at work have enough of it
        elsif v_places = '{}' then
          -- Nothing is due, or only of hosts that cannot be asked: who claims that is told why.
          return private.claim_import_queue(p_limit, p_max_attempts, p_narrow);
        end if;
        with           claimed as (
            update public.import_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'import_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (v_places)
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority desc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority desc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.listing_url) narrow
          )
        select g.coalesce into v_rows from given g;
        return v_rows;
      end
      $function$;

create or replace function private.claim_statement(q private.queues, p_from_head boolean, p_locks_first boolean) returns text
language sql stable
set search_path = ''
as $$
  select format(
    $sql$
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.%1$I c
            where c.status = 'pending'
              and c.%2$I is null
              and %3$s
              %4$s
            order by %5$s c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
%6$s
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    $sql$,
    q.table_name, q.due_column,
    case when p_locks_first
      then private.tried_condition(q, 'c', 'p_max_attempts')
      else private.claimable_condition(q, 'c', 'p_max_attempts') end,
    case when p_from_head then
      coalesce('and c.' || quote_ident(q.priority_column) || ' = v_head.priority', '')
        || ' and (c.created_at, c.id) > (v_head.created_at, v_head.id)'
    else '' end,
    private.queue_order(q),
    private.lease_statement(q, format(
      'array(select a.place from ahead a where %s)',
      case when p_locks_first then private.free_condition(q, 'a') else 'true' end)))
$$;

create or replace function private.import_new_listings(p_items jsonb, p_locked_elsewhere bigint[]) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_places bigint[];
  v_items jsonb[];
  v_ids uuid[];
  v_listings bigint[];
  v_decisions jsonb[];
  v_values jsonb[];
  v_states jsonb[];
  v_changes jsonb[];
  v_images jsonb[];
  v_steps jsonb[];
  v_refused text;
  v_place integer;
begin
  select
    array_agg(n.place), array_agg(n.item), array_agg(gen_random_uuid()),
    array_agg(nextval('public.vehicle_listings_id_seq'))
  into v_places, v_items, v_ids, v_listings
  from private.plainly_new(p_items, p_locked_elsewhere) n;
  if v_places is null then
    return '[]';
  end if;

  select
    array_agg(d.decisions order by d.place), array_agg(d.new_values order by d.place),
    array_agg(d.states order by d.place), array_agg(d.changes order by d.place)
  into v_decisions, v_values, v_states, v_changes
  from private.decide_new_facts(v_ids, v_listings, v_items) d;

  perform set_config('vehicles.importing', 'on', true);
  perform set_config('vehicles.listings', 'by the writer', true);
  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.insert_read_vehicles(v_ids, v_items, v_values, v_states);
  perform private.insert_read_listings(v_listings, v_ids, v_items);
  perform private.note_vins_of(v_ids);
  perform private.add_readings(v_ids, v_items, v_decisions);
  for i in 1 .. cardinality(v_items) loop
    if jsonb_typeof(v_items[i] -> 'auction') = 'object' then
      v_refused := private.apply_auction(
        v_ids[i], v_items[i] ->> 'source_url', coalesce((v_items[i] ->> 'page_at')::timestamptz, now()),
        v_items[i] -> 'auction', coalesce(v_items[i] -> 'bids', '[]'), coalesce(v_items[i] -> 'comments', '[]'));
      if v_refused is not null then
        raise exception '%', v_refused;
      end if;
    end if;
    -- Its URLs came with the row.
    v_images[i] := case
      when jsonb_array_length(coalesce(v_items[i] -> 'image_results', '[]')) > 0 then private.store_image_results(
        v_ids[i], array(select jsonb_array_elements_text(coalesce(v_items[i] -> 'images', '[]'))),
        v_items[i] -> 'image_results')
      when v_items[i] ? 'images' or v_items[i] ? 'image_results'
        then '{"new_urls": false, "recorded": 0, "stored": 0, "images": 0}'
      else '{}'
    end;
  end loop;
  if exists (
    select from unnest(v_ids) n(id) cross join lateral private.same_car(n.id) s where s.vehicle_id is not null
  ) then
    raise exception 'one of these cars is here: it came since this was asked, or its VIN is spelt in another way';
  end if;
  perform private.vehicles_changed(v_ids);
  perform private.settle_new_imports(v_ids, v_items);

  perform private.settle_read_pages(
    v_ids, array(select i - 'request' from unnest(v_items) i), array_fill('ok'::text, array[cardinality(v_ids)]),
    array_fill(true, array[cardinality(v_ids)]),
    array(
      select case when i -> 'auction' ->> 'outcome' = 'live' then (i -> 'auction' ->> 'ends_at')::timestamptz end
      from unnest(v_items) i));
  for v_place in
    select n.place
    from unnest(v_ids) with ordinality n(id, place)
    join public.vehicles v on v.id = n.id
    where v.listing_url = v.bat_auction_url
  loop
    perform private.queue_imported_auction(v_ids[v_place], v_items[v_place], 'ok', true);
  end loop;
  v_steps := private.note_steps(
    v_ids, array(select i - 'request' from unnest(v_items) i), array_fill('ok'::text, array[cardinality(v_items)]),
    array(select i ->> 'error' from unnest(v_items) i), array_fill('{}'::jsonb, array[cardinality(v_items)]),
    array_fill(null::text, array[cardinality(v_items)]));
  perform set_config('vehicles.importing', '', true);
  perform set_config('vehicles.listings', '', true);
  perform set_config('vehicles.rescore', '', true);

  return (
    select jsonb_agg(
      private.decided_fields(n.decisions) || jsonb_build_object(
        'index', n.place - 1,
        'outcome', 'ok',
        'error', n.item -> 'error',
        'steps', n.steps,
        'step_errors', '{}'::jsonb,
        'changes', n.changes,
        'fields_updated', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(n.changes) k),
        'images', n.images,
        'score_before', 0,
        'score_after', q.overall_score,
        'gained', n.changes <> '{}' or coalesce((n.images ->> 'stored')::integer, 0) > 0,
        'state', case when jsonb_typeof(n.item -> 'request') = 'object' then 'complete' else m.state end,
        'marked_complete', private.is_marked_complete(v.origin_metadata),
        'can_heal', private.can_heal('ok'),
        'created', true,
        'joined', false,
        'relisting', false,
        'vehicle_id', v.id))
    from unnest(v_places, v_items, v_ids, v_decisions, v_changes, v_images, v_steps)
      n(place, item, id, decisions, changes, images, steps)
    join public.vehicles v on v.id = n.id
    left join public.vehicle_quality_scores q on q.vehicle_id = v.id
    left join public.micro_scrape_state m on m.vehicle_id = v.id
  );
exception
when lock_not_available or deadlock_detected then
  return null; -- it has waited once: its caller waits no more
when others then
  -- Each is tried by itself then, and the one that cannot be written says so.
  raise log 'import_listings writes % items one by one: % (%)', cardinality(v_places), sqlerrm, sqlstate;
  return '[]';
end
$$;

create or replace function private.lease_statement(q private.queues, p_places text) returns text
language sql stable
set search_path = ''
as $$
  select format(
    $sql$          claimed as (
            update public.%1$I t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = %2$L),
                %3$I = t.%3$I + 1,
                %4$I = coalesce(p_max_attempts, t.%4$I)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (%5$s)
            returning t.*
          ),
          given as (%6$s
          )$sql$,
    q.table_name, q.table_name, q.attempts_column, q.max_attempts_column, p_places, private.given_rows(q, 'p_narrow'))
$$;

create or replace function private.settle_read_pages(
  p_ids uuid[], p_items jsonb[], p_outcomes text[], p_closed_a_gap boolean[], p_live_until timestamptz[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the tables are small, and is kept
as $$
declare
  v_vehicles public.vehicles[];
  v_passes public.micro_scrape_state[];
  v_written public.micro_scrape_state[] := '{}';
  s public.micro_scrape_state;
  v_auctions integer[] := '{}';
begin
  select array_agg(v order by n.place), array_agg(m order by n.place)
  into v_vehicles, v_passes
  from unnest(p_ids) with ordinality n(id, place)
  left join public.vehicles v on v.id = any (p_ids) and v.id = n.id
  left join public.micro_scrape_state m on m.vehicle_id = any (p_ids) and m.vehicle_id = n.id;
  for i in 1 .. cardinality(p_ids) loop
    s := private.state_after_reading(
      v_passes[i], v_vehicles[i], p_items[i], p_outcomes[i], p_closed_a_gap[i], p_live_until[i]);
    if s is distinct from v_passes[i] then
      v_written := v_written || s;
    end if;
    if p_outcomes[i] = 'gone' or (p_items[i] ? 'bids' and private.was_read_whole(p_items[i], p_outcomes[i])) then
      v_auctions := v_auctions || i;
    end if;
  end loop;
  if v_written <> '{}' then
    perform private.write_states(v_written);
  end if;
  if v_auctions <> '{}' then
    perform private.end_auction_requests(
      array(select p_ids[i] from unnest(v_auctions) i), array(select p_items[i] from unnest(v_auctions) i),
      array(select p_outcomes[i] from unnest(v_auctions) i));
  end if;
end
$$;

create or replace function private.settle_related_work(
  v public.vehicles, p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
begin
  if public.canonical_listing_url(p_item ->> 'source_url') is distinct from public.canonical_listing_url(v.listing_url) then
    return; -- another listing than the one that a pass reads
  end if;
  perform private.settle_read_pages(
    array[v.id], array[p_item], array[p_outcome], array[p_closed_a_gap], array[p_live_until]);
end
$$;

create or replace function private.vehicle_of_listing(p_url text) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
set enable_bitmapscan = off
as $$
declare
  v_url text := public.canonical_listing_url(p_url);
begin
  return coalesce(
    (select vehicle_id from public.vehicle_listings where canonical_url = v_url),
    (select id from public.vehicles where canonical_url = v_url),
    (select vehicle_id from public.auction_events where source_url = v_url),
    (select vehicle_id from public.import_queue where canonical_url = v_url),
    (select vehicle_id from public.remembered_addresses where canonical_url = v_url));
end
$$;

create or replace function private.vehicle_with_vin_of(p_item jsonb) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- also for a plan made while the table was small
set enable_bitmapscan = off
as $$
declare
  v_vin text := upper(p_item -> 'facts' -> 'vin' ->> 'value');
begin
  if private.is_vin(v_vin) and not private.is_suspect_vin(v_vin, null) then
    return (
      select o.id
      from (
        select v.id, v.created_at
        from public.vehicles v
        where private.vin_key(v.vin, v.make) = v_vin and v.vin is not null
        limit private.most_of_a_vin() + 1
      ) o
      order by o.created_at, o.id
      limit 1
    );
  end if;
  return null;
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
  p_items := private.with_capped_confidence(private.with_calibrated_confidence(p_items));
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
  p_items := (
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.vehicle_with_vin_of(i))) order by n), '[]')
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  );
  return private.write_each(p_items, true, private.lock_with_retry(p_items));
end
$$;

comment on function private.lease_statement(private.queues, text) is 'Leases rows of a queue that are locked, and gives them as a claim does ("given"): two parts of a statement. p_places: the array of their ctids.';

comment on function private.settle_read_pages(uuid[], jsonb[], text[], boolean[], timestamp
  with time zone[]) is 'What other workers would have asked these pages, those that the passes of their vehicles read, and need not any more.';

comment on function private.vehicle_with_vin_of(jsonb) is 'The oldest vehicle that has the VIN of a reading: what its import may join, and locks.';

revoke all on function private.lease_statement(private.queues, text) from public;

grant execute on function private.lease_statement(private.queues, text) to postgres;

revoke all
  on function private.settle_read_pages(uuid[], jsonb[], text[], boolean[], timestamp with time zone[])
  from public;

grant execute
  on function private.settle_read_pages(uuid[], jsonb[], text[], boolean[], timestamp with time zone[])
  to postgres, service_role;

revoke all on function private.vehicle_with_vin_of(jsonb) from public;

grant execute on function private.vehicle_with_vin_of(jsonb) to postgres, service_role;
