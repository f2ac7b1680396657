-- A vehicle: what is held, from where, how sure, what else was read, what it lacks, and where its work stands.

create function private.vehicle_fields(v public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'field', f.name,
    'value', r.held,
    'confidence', coalesce((s.state ->> 'confidence')::numeric, case when r.held is not null then 0.5 end),
    'method', s.state -> 'method',
    'version', s.state -> 'version',
    'source', s.state -> 'source',
    'at', s.state -> 'at',
    'why', s.state -> 'why',
    'rejected', s.state -> 'rejected',
    'evidence', m.evidence,
    'reading_id', m.id,
    'reading_way', m.reading_way,
    'source_url', m.source_url,
    'snapshot_id', m.snapshot_id,
    'by_hand', coalesce(s.state ->> 'method' like 'manual%' or s.state ->> 'why' = 'removed_by_hand', false),
    'set_by', (
      select jsonb_build_object('operator', private.operator_name(o.operator_id), 'at', o.at, 'note', o.args ->> 'p_note')
      from (select (private.last_done(format('vehicle %s %s', v.id, f.name))).*) o
      where o.id is not null and (s.state ->> 'method' like 'manual%' or s.state ->> 'why' = 'removed_by_hand')),
    'points', private.field_points(f.name),
    'counts', r.held is not null and private.field_confidence(v.field_state, f.name) >= private.sure_enough(),
    'seen', private.value_seen(r.held, s.state),
    'in_conflict', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'value', c.field_value, 'confidence', c.confidence_score, 'method', c.extraction_method,
        'source_url', c.source_url, 'evidence', c.evidence, 'read_at', c.last_confirmed_at, 'snapshot_id', c.snapshot_id,
        'seen', private.value_seen(r.held, s.state, c.validation_status, c.field_value)
      ) order by c.confidence_score desc, c.id), '[]')
      from public.extraction_metadata c
      where c.vehicle_id = v.id and c.field_name = f.name and c.validation_status = 'conflict')
  ) order by f.n), '[]')
  from unnest(private.fact_columns()) with ordinality f(name, n)
  cross join lateral (select to_jsonb(v) ->> f.name as held) r
  cross join lateral (select v.field_state -> f.name as state) s
  left join lateral (
    select m.* from public.extraction_metadata m
    where m.vehicle_id = v.id and m.field_name = f.name and m.validation_status = 'accepted'
    order by m.last_confirmed_at desc, m.id desc
    limit 1
  ) m on true
$$;
comment on function private.vehicle_fields(public.vehicles) is
  'Each field of a vehicle: the value held, how sure, from where, its evidence, and what disagrees with it.';

create function private.vehicle_queue_rows(p_id uuid) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
  v_rows jsonb := '[]';
  v_more jsonb;
begin
  for q in select * from private.queues order by table_name loop -- one short statement a queue table
    execute format(
      $sql$
        select jsonb_agg(jsonb_build_object(
          'queue', %1$L, 'id', t.id, 'status', t.status, 'attempts', t.%2$I,
          'next_attempt_at', case when isfinite(t.%3$I) then t.%3$I end,
          'outcome_code', t.outcome_code, 'error', t.error_message, 'created_at', t.created_at, 'processed_at', t.processed_at
        ) order by t.created_at desc)
        from (select * from public.%1$I where vehicle_id = $1 order by created_at desc limit 10) t
      $sql$, q.table_name, q.attempts_column, q.due_column)
    into v_more
    using p_id;
    v_rows := v_rows || coalesce(v_more, '[]');
  end loop;
  return v_rows;
end
$$;
comment on function private.vehicle_queue_rows(uuid) is 'The rows of a vehicle in every queue, ten of each at most.';

create function private.vehicle_work(p_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'queues', private.vehicle_queue_rows(p_id),
    'micro_scrape', (
      select jsonb_build_object(
        'state', s.state, 'due_at', case when isfinite(s.due_at) then s.due_at end, 'no_gain_passes', s.no_gain_passes,
        'failures', s.failures, 'last_checked_at', s.last_checked_at, 'last_outcome', s.last_outcome, 'last_error', s.last_error)
      from public.micro_scrape_state s where s.vehicle_id = p_id),
    'steps', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'step', s.step_name, 'status', s.status, 'outcome_code', s.outcome_code, 'error', s.error_message, 'at', s.created_at
      ) order by s.created_at desc), '[]')
      from (select * from public.scrape_steps where vehicle_id = p_id order by created_at desc limit 20) s),
    'image_downloads', (
      select coalesce(jsonb_object_agg(d.status, d.count), '{}') || jsonb_build_object('last_error', (
        select l.last_error from public.image_downloads l
        where l.vehicle_id = p_id and l.last_error is not null order by l.last_attempt_at desc nulls last limit 1))
      from (select d.status, count(*) as count from public.image_downloads d where d.vehicle_id = p_id group by d.status) d))
$$;
comment on function private.vehicle_work(uuid) is 'Where the work on a vehicle stands: queues, gap filling, steps, downloads.';

create function private.vehicle_offers(p_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'listings', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'url', l.listing_url, 'host', l.source_host, 'kind', l.kind, 'status', l.status, 'price', l.price, 'currency', l.currency,
        'title', l.title, 'seller', l.seller, 'first_seen_at', l.first_seen_at, 'last_seen_at', l.last_seen_at, 'ended_at', l.ended_at,
        'ended_because', l.ended_because,
        'events', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'event', e.event, 'at', e.at, 'price_from', e.price_from, 'price_to', e.price_to, 'currency', e.currency,
            'status_from', e.status_from, 'status_to', e.status_to) order by e.at desc, e.id desc), '[]')
          from (select * from public.listing_events where listing_id = l.id order by at desc limit 20) e)
      ) order by l.last_seen_at desc, l.id), '[]')
      from (select * from public.vehicle_listings where vehicle_id = p_id order by last_seen_at desc limit 20) l),
    'auctions', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'source_url', a.source_url, 'outcome', a.outcome, 'high_bid', a.high_bid, 'sale_price', a.sale_price, 'currency', a.currency,
        'bids', a.bid_count, 'comments', a.comment_count, 'starts_at', a.starts_at, 'ended_at', a.ends_at, 'seller', a.seller, 'buyer', a.buyer
      ) order by a.ends_at desc nulls last), '[]')
      from (select * from public.auction_events where vehicle_id = p_id order by ends_at desc nulls last limit 20) a),
    'comments', (
      select coalesce(jsonb_agg(jsonb_build_object('author', c.author, 'text', left(c.body, 2000), 'at', c.posted_at) order by c.posted_at desc nulls last), '[]')
      from (
        select c.* from public.auction_events a join public.auction_comments c on c.auction_event_id = a.id
        where a.vehicle_id = p_id order by c.posted_at desc nulls last limit 20) c))
$$;
comment on function private.vehicle_offers(uuid) is 'The listings of a vehicle with what happened to them, its auctions, and the newest comments.';

create function private.vehicle_pages(v public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  with addresses as (
    select v.canonical_url as url where v.canonical_url is not null
    union
    select l.canonical_url from public.vehicle_listings l where l.vehicle_id = v.id and l.canonical_url is not null
  ),
  kept as (
    select p.*
    from addresses a
    cross join lateral (
      select * from public.page_snapshots p where p.canonical_url = a.url order by p.last_seen_at desc limit 10
    ) p
    order by p.last_seen_at desc
    limit 10
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', k.id, 'bucket', 'page-snapshots', 'path', k.storage_path, 'url', k.url, 'fetched_at', k.fetched_at,
    'last_seen_at', k.last_seen_at, 'bytes', k.bytes, 'status', k.status, 'content_type', k.content_type, 'is_good', k.is_good
  ) order by k.last_seen_at desc), '[]')
  from kept k
$$;
comment on function private.vehicle_pages(public.vehicles) is 'The pages of a vehicle that were kept, newest first, and where they stand in Storage.';

create function private.vehicle_actions(p_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'at', a.at, 'operator', private.operator_name(a.operator_id), 'action', a.action, 'outcome', a.outcome, 'said', a.said
  ) order by a.at desc, a.id desc), '[]')
  from (
    select o.*
    from public.operator_actions o
    where o.subject = any (
      array['vehicle ' || p_id] || array(select format('vehicle %s %s', p_id, f) from unnest(private.fact_columns()) f))
    order by o.at desc, o.id desc
    limit 20
  ) a
$$;
comment on function private.vehicle_actions(uuid) is 'What operators did to a vehicle, the last twenty.';

create function private.vehicle_readings(p_id uuid, p_limit integer) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', m.id, 'field', m.field_name, 'value', m.field_value, 'previous_value', m.previous_value, 'method', m.extraction_method,
    'version', m.scraper_version, 'confidence', m.confidence_score, 'declared_confidence', m.declared_confidence,
    'status', m.validation_status, 'evidence', m.evidence, 'reading_way', m.reading_way, 'source_url', m.source_url,
    'snapshot_id', m.snapshot_id, 'extracted_at', m.extracted_at, 'last_confirmed_at', m.last_confirmed_at,
    'reviewed_at', m.reviewed_at, 'reviewed_by', m.reviewed_by, 'note', m.review_note
  ) order by m.last_confirmed_at desc, m.id desc), '[]')
  from (
    select * from public.extraction_metadata where vehicle_id = p_id order by last_confirmed_at desc, id desc limit p_limit
  ) m
$$;
comment on function private.vehicle_readings(uuid, integer) is 'What was read of a vehicle and what became of it, newest first.';

create function public.dashboard_vehicle(p_id uuid) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v public.vehicles;
  v_score public.vehicle_quality_scores;
  v_merged uuid;
begin
  perform private.require_operator();
  select * into v from public.vehicles where id = p_id;
  if not found then
    select m.kept_vehicle_id into v_merged
    from public.vehicle_merges m
    where m.merged_vehicle_id = p_id and m.unmerged_at is null
    order by m.created_at desc
    limit 1;
    return jsonb_build_object('now', clock_timestamp(), 'vehicle', null, 'merged_into', v_merged,
      'says', case when v_merged is null then 'No vehicle has this id.' else 'It was merged into another vehicle.' end);
  end if;
  select * into v_score from public.vehicle_quality_scores where vehicle_id = p_id;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'vehicle', jsonb_build_object(
      'id', v.id, 'title', private.vehicle_title(v), 'vin', v.vin, 'created_at', v.created_at, 'updated_at', v.updated_at,
      'discovery_url', v.discovery_url, 'listing_url', v.listing_url, 'bat_auction_url', v.bat_auction_url, 'source_host', v.source_host,
      'sale_status', v.sale_status, 'currency', v.currency, 'listing_ended_at', v.listing_ended_at),
    'score', jsonb_build_object(
      'overall', v_score.overall_score, 'missing', to_jsonb(v_score.missing_fields), 'unsure', to_jsonb(v_score.low_confidence_fields),
      'issues', to_jsonb(v_score.issues), 'complete', private.is_complete(v, v_score.overall_score)),
    'fields', private.vehicle_fields(v),
    'history', private.vehicle_readings(p_id, 200),
    'history_left', greatest((select count(*) from public.extraction_metadata where vehicle_id = p_id) - 200, 0),
    'images', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'bucket', 'vehicle-images', 'path', i.storage_path, 'width', i.width, 'height', i.height,
        'is_primary', i.is_primary, 'image_url', i.image_url, 'position', i.position, 'bytes', i.bytes
      ) order by i.is_primary desc, i.position, i.id), '[]')
      from (select * from public.vehicle_images where vehicle_id = p_id order by is_primary desc, position limit 60) i),
    'snapshots', private.vehicle_pages(v),
    'candidates', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'other_vehicle_id', o.id, 'other_title', private.vehicle_title(o), 'vin', c.vin, 'score', c.score,
        'evidence', c.evidence, 'status', c.status) order by c.created_at desc), '[]')
      from public.vehicle_merge_candidates c
      join public.vehicles o on o.id = case when c.vehicle_id = p_id then c.other_vehicle_id else c.vehicle_id end
      where c.vehicle_id = p_id or c.other_vehicle_id = p_id)
  ) || jsonb_build_object('actions', private.vehicle_actions(p_id)) || private.vehicle_work(p_id) || private.vehicle_offers(p_id);
end
$$;
comment on function public.dashboard_vehicle(uuid) is
  'All of a vehicle: what is held and why, its history, images, snapshots, listings, auctions, work and score. vehicle is null where there is none. For operators.';

grant execute on function
  private.vehicle_fields(public.vehicles),
  private.vehicle_queue_rows(uuid),
  private.vehicle_work(uuid),
  private.vehicle_offers(uuid),
  private.vehicle_pages(public.vehicles),
  private.vehicle_actions(uuid),
  private.vehicle_readings(uuid, integer),
  public.dashboard_vehicle(uuid)
to authenticated, service_role;
