-- Fewer calls.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function public.claim_queue(text, integer, uuid[], integer, boolean);

drop function public.prepare_fetches(uuid, jsonb, integer, text[]);

drop function public.preview_queue(text, integer, uuid[], integer);

create or replace function private.held_facts(v public.vehicles) returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
  'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim, 'vin', v.vin,
  'mileage', v.mileage, 'color', v.color, 'interior_color', v.interior_color,
  'engine', v.engine, 'transmission', v.transmission, 'drivetrain', v.drivetrain,
  'body_style', v.body_style, 'sale_price', v.sale_price, 'high_bid', v.high_bid,
  'asking_price', v.asking_price, 'currency', v.currency, 'sale_status', v.sale_status,
  'sale_date', v.sale_date, 'seller_name', v.seller_name, 'location', v.location,
  'description', v.description
));

create or replace function private.micro_scrape_work(p_vehicle_ids uuid[]) returns jsonb
language plpgsql stable -- its plan is kept: making it takes longer than running it
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'vehicle_id', v.id,
      'lease_token', s.lease_token,
      'source_url', v.listing_url,
      'source_host', private.url_host(v.listing_url),
      'quality_score', q.overall_score,
      'missing_fields', q.missing_fields || q.low_confidence_fields,
      'recommended_actions', private.recommended_actions(
        private.url_host(v.listing_url),
        q.missing_fields || q.low_confidence_fields,
        private.has_image_urls(v.origin_metadata),
        coalesce(v.sale_status = 'live', false)
      ),
      'held', private.held_facts(v),
      'image_urls', case when private.has_image_urls(v.origin_metadata)
        then v.origin_metadata -> 'image_urls' else '[]'::jsonb end,
      'image_count', (select count(*) from public.vehicle_images i where i.vehicle_id = v.id)
    ) order by s.score, s.vehicle_created_at desc, v.id), '[]'::jsonb)
    from public.micro_scrape_state s
    join public.vehicles v on v.id = s.vehicle_id
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where s.vehicle_id = any (p_vehicle_ids)
  );
end
$$;

create or replace function private.page_claims_lock() returns bigint
language sql immutable parallel safe
return hashtextextended('claims of vehicles for their pages', 5);

create or replace function private.with_vehicles(p_rows jsonb) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(r.of_queue || jsonb_build_object('vehicle', case when v.id is not null then jsonb_build_object(
      'id', v.id, 'listing_url', v.listing_url, 'source_host', v.source_host,
      'description_source', v.description_source, 'held', private.held_facts(v)) end) order by r.place), '[]')
    from jsonb_array_elements(p_rows) with ordinality r(of_queue, place)
    left join public.vehicles v on v.id = (r.of_queue ->> 'vehicle_id')::uuid
  );
end
$$;

create or replace function public.begin_micro_scrape_run(
  p_triggered_by text,
  p_limit integer default 20,
  p_vehicle_ids uuid[] default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_run_id uuid;
begin
  insert into public.micro_scrape_runs (triggered_by) values (p_triggered_by) returning id into v_run_id;
  return jsonb_build_object(
    'run_id', v_run_id,
    'pictures', public.pictures_wanted(),
    'work', public.claim_micro_scrape(p_limit, p_vehicle_ids));
end
$$;

create or replace function public.claim_micro_scrape(
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

create or replace function public.claim_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null,
  p_narrow boolean default false, p_with_vehicles boolean default false
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  if p_vehicle_ids is null then
    if q.reads_listings then
      perform pg_advisory_xact_lock_shared(private.page_claims_lock());
    end if;
    execute format('select private.%I($1, $2, $3)', 'claim_' || q.table_name)
    into v_rows
    using p_limit, p_max_attempts, p_narrow;
    perform private.note_claim(q.function_name, jsonb_array_length(v_rows));
    return case when p_with_vehicles then private.with_vehicles(v_rows) else v_rows end;
  end if;

  perform private.rescue(p_queue, 2000);
  perform private.promote_due(p_queue, 2000);
  execute format(
    $sql$
      with next as (
        select id
        from public.%1$I
        where status = 'pending'
          and %2$I is null
          and %3$I < coalesce($4, %4$I)
          and vehicle_id = any ($2)
        order by %5$s created_at, id
        limit $1
        for update skip locked
      ),
      claimed as (
        update public.%1$I t
        set status = 'processing',
            lease_token = gen_random_uuid(),
            lease_expires_at = now() + $3,
            %3$I = t.%3$I + 1,
            %4$I = coalesce($4, t.%4$I)
        from next
        where t.id = next.id
        returning t.*
      )
      %6$s
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q), private.given_rows(q, '$5')
  )
  into v_rows
  using p_limit, p_vehicle_ids, private.lease_of(p_queue), p_max_attempts, p_narrow;
  return case when p_with_vehicles then private.with_vehicles(v_rows) else v_rows end;
end
$$;

create or replace function public.prepare_fetches(
  p_worker uuid, p_requests jsonb, p_horizon_ms integer, p_urls text[], p_known_maps text default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- Before any host is locked.
  v_read jsonb := jsonb_build_object('snapshots', public.newest_page_snapshots(p_urls))
    || case when p_known_maps is null then '{}'
      else jsonb_build_object('maps', public.serving_extraction_maps(p_known_maps)) end;
begin
  return v_read || jsonb_build_object('slots', public.reserve_host_slots(p_worker, p_requests, p_horizon_ms));
end
$$;

create or replace function public.preview_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null,
  p_with_vehicles boolean default false
) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  execute format(
    $sql$
      select coalesce(jsonb_agg(to_jsonb(t) order by %5$s created_at, id), '[]'::jsonb)
      from (
        select *
        from (
          -- By the indexes of the claim, a few more than are asked for: a condition on a million due rows
          -- takes longer than the API allows.
          (
            select *
            from public.%1$I
            where status = 'pending' and %2$I is null and %7$s
            order by %5$s created_at, id
            limit $1 + 2000
          )
          union all
          (
            select *
            from public.%1$I
            where status = 'pending' and %2$I <= now() and %7$s
            order by %2$I
            limit 2000
          )
          union all
          (
            select *
            from public.%1$I
            where lease_token is not null and lease_expires_at <= now() and %7$s
            order by lease_expires_at
            limit 2000
          )
        ) ready
        where %6$s
        order by %5$s created_at, id
        limit $1
      ) t
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q),
    format('($2 is not null or %s)', private.claimable_condition(q, 'ready', '$3')),
    format('%I < coalesce($3, %I) and ($2 is null or vehicle_id = any ($2))', q.attempts_column, q.max_attempts_column)
  )
  into v_rows
  using p_limit, p_vehicle_ids, p_max_attempts;
  return case when p_with_vehicles then private.with_vehicles(v_rows) else v_rows end;
end
$$;

create or replace function public.sync_deployed_scrapers(p_sources jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_changed integer := public.sync_scrape_sources(p_sources);
begin
  return jsonb_build_object('changed', v_changed, 'ahead', (
    select coalesce(jsonb_agg(to_jsonb(a) order by a.scraper_name), '[]') from public.scrapers_ahead_of_registry a));
end
$$;

comment on function private.held_facts(public.vehicles) is 'The facts held of a vehicle; those that it has not are left out.';

comment on function private.page_claims_lock() is 'The advisory lock of claims that pass over what another worker has leased: micro-scrape takes it alone, queues beside each other. What is leased at this very moment is seen once its claim has ended.';

comment on function private.with_vehicles(jsonb) is 'Rows of a queue, each with its vehicle: {id, listing_url, source_host, description_source, held}, or null where it has none.';

comment on function public.begin_micro_scrape_run(text, integer, uuid[]) is 'Opens the record of a run and leases its vehicles, as claim_micro_scrape(). Gives {run_id, pictures, work}; pictures: as pictures_wanted().';

comment on function public.claim_queue(text, integer, uuid[], integer, boolean, boolean) is
  'Leases up to p_limit due rows by priority then age; rows whose worker died are due again. Each has a fresh lease_token and one more attempt. With p_max_attempts only rows that were tried fewer times, and that is their limit from then on. Gives the rows; with p_narrow only what the queue''s worker needs of them; with p_with_vehicles each with its vehicle and what is held of it.';

comment on function public.prepare_fetches(uuid, jsonb, integer, text[], text) is
  'What a worker needs to know before it fetches, in one call: the newest snapshot of each URL, as newest_page_snapshots(), slots of hosts, as reserve_host_slots(), and, with p_known_maps, what reads the pages, as serving_extraction_maps(). Gives {snapshots, slots, maps}.';

comment on function public.preview_queue(text, integer, uuid[], integer, boolean) is
  'The rows that claim_queue() would lease now. Changes nothing.';

comment on function public.sync_deployed_scrapers(jsonb) is 'As sync_scrape_sources(), and gives what its caller warns of: {changed, ahead}; ahead: the rows of scrapers_ahead_of_registry.';

revoke all on function private.held_facts(public.vehicles) from public;

grant execute on function private.held_facts(public.vehicles) to postgres, service_role;

revoke all on function private.page_claims_lock() from public;

grant execute on function private.page_claims_lock() to postgres, service_role;

revoke all on function private.with_vehicles(jsonb) from public;

grant execute on function private.with_vehicles(jsonb) to postgres, service_role;

revoke all on function public.begin_micro_scrape_run(text, integer, uuid[]) from public;

grant execute
  on function public.begin_micro_scrape_run(text, integer, uuid[])
  to postgres, service_role;

revoke all on function public.claim_queue(text, integer, uuid[], integer, boolean, boolean) from public;

grant execute
  on function public.claim_queue(text, integer, uuid[], integer, boolean, boolean)
  to postgres, service_role;

revoke all on function public.prepare_fetches(uuid, jsonb, integer, text[], text) from public;

grant execute
  on function public.prepare_fetches(uuid, jsonb, integer, text[], text)
  to postgres, service_role;

revoke all on function public.preview_queue(text, integer, uuid[], integer, boolean) from public;

grant execute
  on function public.preview_queue(text, integer, uuid[], integer, boolean)
  to postgres, service_role;

revoke all on function public.sync_deployed_scrapers(jsonb) from public;

grant execute on function public.sync_deployed_scrapers(jsonb) to postgres, service_role;
