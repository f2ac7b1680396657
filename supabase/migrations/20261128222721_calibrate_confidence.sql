-- Calibrate confidence.

-- A function may name what comes below it.
set check_function_bodies = off;

create table public.audit_readings (
  extraction_id bigint not null,
  week date not null,
  probability numeric not null,
  drawn_at timestamp with time zone not null default now(),
  constraint audit_readings_pkey primary key (extraction_id),
  constraint audit_readings_probability_check
    check (((probability > (0)::numeric) and (probability <= (1)::numeric))),
  constraint audit_readings_week_check check ((extract(isodow from week) = (1)::numeric))
);

alter table public.audit_readings
  enable row level security;

create table public.calibration_rates (
  version integer not null,
  source_id uuid,
  field_name text,
  reading_way text,
  declared_band text,
  n numeric not null,
  accepted numeric not null,
  others_n numeric not null default 0,
  others_accepted numeric not null default 0,
  way_factor numeric not null default 1,
  trust numeric not null default 1,
  constraint a_field_is_read_in_a_way check (((field_name is null) or (reading_way is not null))),
  constraint a_row_is_of_a_source_or_a_way check (((source_id is not null) or (reading_way is not null))),
  constraint a_way_has_a_band check (((reading_way is null) = (declared_band is null))),
  constraint calibration_rates_check1
    check (((others_accepted >= (0)::numeric) and (others_accepted <= others_n))),
  constraint calibration_rates_check check (((accepted >= (0)::numeric) and (accepted <= n))),
  constraint calibration_rates_declared_band_check
    check ((declared_band = any (array['low'::text, 'middle'::text, 'high'::text]))),
  constraint calibration_rates_field_name_check check ((field_name <> ''::text)),
  constraint calibration_rates_n_check check ((n >= (0)::numeric)),
  constraint calibration_rates_others_n_check check ((others_n >= (0)::numeric)),
  constraint calibration_rates_reading_way_check check ((reading_way <> ''::text)),
  constraint calibration_rates_trust_check check (((trust > (0)::numeric) and (trust <= (1)::numeric))),
  constraint calibration_rates_version_source_id_field_name_reading_way__key unique nulls
    not distinct (version, source_id, field_name, reading_way, declared_band),
  constraint calibration_rates_way_factor_check check ((way_factor >= (0)::numeric))
);

alter table public.calibration_rates
  enable row level security;

create table public.calibrations (
  version integer generated always as identity not null,
  status text not null default 'shadow'::text,
  made_at timestamp with time zone not null default now(),
  labels_count integer not null,
  serving_since timestamp with time zone,
  retired_at timestamp with time zone,
  why text,
  constraint calibrations_labels_count_check check ((labels_count > 0)),
  constraint calibrations_pkey primary key (version),
  constraint calibrations_status_check
    check ((status = any (array['shadow'::text, 'serving'::text, 'retired'::text]))),
  constraint calibrations_why_check check ((why <> ''::text)),
  constraint what_is_retired_says_when_and_why check (((status = 'retired'::text) = ((retired_at is
    not null) and (why is not null)))),
  constraint what_serves_says_since_when check (((status = 'serving'::text) <= (serving_since is not null)))
);

alter table public.calibrations
  enable row level security;

alter table public.extraction_metadata
  add column reading_way text;

alter table public.extraction_metadata
  add column declared_confidence numeric(4,3);

alter table public.extraction_metadata
  add column calibration_version integer;

alter table public.source_comparisons
  add column is_independent boolean not null default false;

alter table public.source_comparisons
  add column reading_way text;

alter table public.source_comparisons
  add column declared_confidence numeric(4,3);

alter table public.source_comparisons
  add column other_reading_way text;

alter table public.source_comparisons
  add column other_declared_confidence numeric(4,3);

create or replace function private.apply_facts(v public.vehicles, p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(v);
  v_after jsonb;
  v_source text := private.url_host(p_item ->> 'source_url');
  v_page_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_method text := coalesce(p_item ->> 'method', 'unknown');
  v_version text := p_item ->> 'scraper_version';
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_retractions jsonb := coalesce(p_item -> 'retractions', '{}');
  v_decisions jsonb;
  v_values jsonb;
  v_states jsonb;
  v_changes jsonb;
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_listing jsonb := case when p_item ? 'listing_id' then jsonb_build_object('listing', p_item -> 'listing_id') else '{}' end;
  -- Of several listings one gives the sale fields; where it is another one than before, its fields take over.
  v_followed boolean := coalesce((p_item ->> 'is_followed')::boolean, true);
  v_takes_over boolean := coalesce((p_item ->> 'takes_over')::boolean, false) and v_facts ?| private.sale_columns();
  -- A vehicle that was listed again stands on its newer listing: what becomes of the older one does not end it.
  v_own_listing boolean := coalesce(v_url = public.canonical_listing_url(v.listing_url), true);
begin
  -- What was offered at a listing that was removed is not offered for ever; how it ended nobody says.
  if v_outcome in ('gone', 'invalid')
    and v_followed
    and (v_own_listing or v_listing <> '{}')
    and v.sale_status in ('live', 'for_sale')
  then
    v_retractions := v_retractions || jsonb_build_object('sale_status', jsonb_build_object(
      'confidence', 0.9,
      'evidence', case v_outcome when 'gone' then 'the listing was removed: ' else 'another vehicle stands there now: ' end
        || coalesce(p_item ->> 'error', v_outcome)));
  end if;

  -- A better version no longer reads what an older one took from this very page.
  v_retractions := v_retractions || (
    select coalesce(jsonb_object_agg(f, jsonb_build_object(
      'confidence', 0.9,
      'evidence', format('%s %s does not read what %s read from this page',
        v_method, v_version, v.field_state -> f ->> 'version'))), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'read_again', '[]')) f
    where v_outcome in ('ok', 'not_modified')
      and f = any (private.fact_columns())
      and not v_facts ? f
      and v_held ->> f is not null
      and v.field_state -> f ->> 'method' = v_method
      and private.version_number(v.field_state -> f ->> 'version') < private.version_number(v_version)
      and (v.field_state -> f ->> 'page_at')::timestamptz >= v_page_at
  );

  if not v_followed then
    v_facts := v_facts - private.sale_columns();
    v_retractions := v_retractions - private.sale_columns();
  elsif v_takes_over then
    v_retractions := (
      select coalesce(jsonb_object_agg(f, jsonb_build_object('confidence', 0.9, 'evidence', 'offered anew at ' || v_url)), '{}')
      from unnest(private.sale_columns()) f
      where v_held ->> f is not null
        and not v_facts ? f
        and coalesce(v.field_state -> f ->> 'method', '') not like 'manual%'
    ) || v_retractions;
  end if;

  -- Every field that the page speaks of meets the value held.
  with incoming as (
    select
      f.key as field,
      f.value ->> 'value' as new,
      (f.value ->> 'confidence')::numeric as confidence,
      f.value ->> 'evidence' as evidence,
      coalesce(f.value ->> 'method', v_method) as method,
      f.value ->> 'way' as way,
      (f.value ->> 'declared')::numeric as declared,
      (f.value ->> 'calibration')::integer as calibration
    from jsonb_each(v_facts) f
    where f.key = any (private.fact_columns())
      and f.value ->> 'value' is not null
    union all
    select r.key, null, (r.value ->> 'confidence')::numeric, r.value ->> 'evidence', v_method, null, null, null
    from jsonb_each(v_retractions) r
    where r.key = any (private.fact_columns())
      and not v_facts ? r.key
  ),
  decided as materialized ( -- decided once, not once a mention below
    select
      i.*,
      v_held ->> i.field as held,
      v.field_state -> i.field as state,
      private.merge_decision(
        i.field, v_held ->> i.field,
        case
          when v_takes_over
            and i.field = any (private.sale_columns())
            and coalesce(v.field_state -> i.field ->> 'method', '') not like 'manual%'
            then (v.field_state -> i.field)
              || jsonb_build_object('source', v_source, 'confidence', 0, 'page_at', '-infinity')
          else v.field_state -> i.field
        end,
        i.new, i.confidence, i.method, v_version, v_source, v_page_at
      ) as decision,
      -- Another source, or a better reading, says the same: that is worth more than one saying it twice.
      coalesce(v.field_state -> i.field ->> 'method', '') not like 'manual%'
        and i.confidence > (v.field_state -> i.field ->> 'confidence')::numeric
        and (
          v.field_state -> i.field ->> 'source' is distinct from v_source
          or coalesce(
            private.version_number(v_version)
              > private.version_number(v.field_state -> i.field ->> 'version'), false)
        ) as is_stronger,
      v.field_state -> i.field -> 'conflict' ->> 'source' = v_source as ends_a_conflict,
      -- The same sum or status, of another offer.
      v_takes_over
        and i.field = any (private.sale_columns())
        and coalesce(v.field_state -> i.field ->> 'method', '') not like 'manual%'
        and v.field_state -> i.field is not null as moves
    from incoming i
  )
  select
    coalesce(jsonb_agg(to_jsonb(d)), '[]'),
    coalesce(jsonb_object_agg(d.field, d.new) filter (where d.decision in ('filled', 'replaced', 'cleared')), '{}'),
    coalesce(jsonb_object_agg(d.field, case
      when d.decision in ('filled', 'replaced') then private.kept_rejections(d.state) || jsonb_build_object(
        'confidence', d.confidence, 'method', d.method, 'version', v_version,
        'source', v_source, 'at', now(), 'page_at', v_page_at)
        || jsonb_strip_nulls(jsonb_build_object('way', d.way, 'declared', d.declared)) || v_listing
      when d.decision = 'cleared' then
        private.kept_rejections(d.state) || jsonb_build_object('why', 'retracted', 'at', now()) || v_listing
      when d.decision = 'conflict' then coalesce(d.state, '{}') || jsonb_build_object('conflict', jsonb_build_object(
        'value', d.new, 'confidence', d.confidence, 'method', d.method, 'source', v_source, 'at', now()))
      else case when d.ends_a_conflict then d.state - 'conflict' else d.state end
        || case
          when d.is_stronger then jsonb_build_object(
            'confidence', d.confidence, 'version', coalesce(v_version, d.state ->> 'version'))
          else '{}'
        end
        || case
          when d.moves then v_listing || jsonb_build_object('source', v_source, 'page_at', v_page_at)
          else '{}'
        end
    end) filter (
      where d.decision in ('filled', 'replaced', 'cleared')
        or (d.decision = 'conflict' and (
          d.state -> 'conflict' ->> 'value' is distinct from d.new
          or (d.state -> 'conflict' ->> 'confidence')::numeric is distinct from d.confidence))
        or (d.decision = 'confirmed' and (d.is_stronger or d.ends_a_conflict or d.moves))
    ), '{}')
  into v_decisions, v_values, v_states
  from decided d;
  v_after := to_jsonb(jsonb_populate_record(v, v_values));
  v_changes := (
    select coalesce(jsonb_object_agg(f, jsonb_build_object('old', v_held -> f, 'new', v_after -> f)), '{}')
    from jsonb_object_keys(v_values) f
  );

  -- A value held without state gets one from the page that says the same.
  v_states := (
    select coalesce(jsonb_object_agg(d ->> 'field', private.kept_rejections(d -> 'state') || jsonb_build_object(
      'confidence', greatest((d ->> 'confidence')::numeric, 0.5), 'method', d ->> 'method',
      'version', v_version, 'source', v_source, 'at', now(), 'page_at', v_page_at) || v_listing), '{}')
    from jsonb_array_elements(v_decisions) d
    where d ->> 'decision' = 'confirmed' and d -> 'state' -> 'confidence' is null
  ) || (
    -- Why there is nothing: the page has the place, and it is empty.
    select coalesce(jsonb_object_agg(f, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'absent', '[]')) f
    where f = any (private.fact_columns())
      and v_held ->> f is null
      and not v_facts ? f
      and v.field_state -> f is null
  ) || v_states;

  perform private.note_provenance(v.id, p_item, v_decisions, v_values);
  if v_values <> '{}' or v_states <> '{}'
    or (v_own_listing and v_outcome = 'gone' and v.listing_ended_at is null)
    or (v_own_listing and v_outcome = 'ok' and v.listing_ended_at is not null)
  then
    v := jsonb_populate_record(v, v_values);
    perform set_config('vehicles.writer', 'apply_extractions', true);
    perform set_config('vehicles.rescore', 'by the writer', true);
    update public.vehicles
    set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
        color = v.color, interior_color = v.interior_color, engine = v.engine,
        transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
        sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
        currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
        seller_name = v.seller_name, location = v.location, description = v.description,
        description_source = case
          when v.description is null then null
          when v_values ? 'description' then coalesce(v_facts -> 'description' ->> 'method', v_method)
          else description_source
        end,
        field_state = field_state || v_states,
        listing_ended_at = case
          when v_own_listing and v_outcome = 'gone' then coalesce(listing_ended_at, now())
          when v_own_listing and v_outcome = 'ok' then null
          else listing_ended_at
        end
    where id = v.id;
    perform set_config('vehicles.writer', '', true);
  end if;

  return jsonb_build_object('changes', v_changes, 'rescore', v_values <> '{}' or v_states <> '{}') || (
    select jsonb_build_object(
      'filled', coalesce(jsonb_agg(d.field) filter (where d.decision = 'filled'), '[]'),
      'corrected', coalesce(jsonb_agg(d.field) filter (where d.decision = 'replaced'), '[]'),
      'cleared', coalesce(jsonb_agg(d.field) filter (where d.decision = 'cleared'), '[]'),
      'confirmed', coalesce(jsonb_agg(d.field) filter (where d.decision = 'confirmed'), '[]'),
      'conflicts', coalesce(jsonb_agg(d.field) filter (where d.decision = 'conflict'), '[]'))
    from jsonb_to_recordset(v_decisions) as d(field text, decision text)
  );
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
  v_listing bigint;
  v_followed bigint; -- the listing that its sale fields are to follow
  v_several boolean;
begin
  select * into v from public.vehicles where id = (p_item ->> 'vehicle_id')::uuid;
  if not found then
    return jsonb_build_object('outcome', 'no_such_vehicle', 'error', 'no such vehicle');
  end if;
  select overall_score into v_score_before from public.vehicle_quality_scores where vehicle_id = v.id; -- null: new
  v_was_complete := private.is_marked_complete(v.origin_metadata);

  v_mismatch := private.vehicle_mismatch(v, coalesce(p_item -> 'facts', '{}'));
  if v_mismatch is not null then
    v_outcome := 'invalid';
    v_error := v_mismatch;
    -- What the page says of the VIN is kept for a person to see; nothing else of it is this vehicle's.
    p_item := (p_item - array['images', 'image_results', 'auction', 'absent', 'retractions']) || jsonb_build_object(
      'outcome', v_outcome,
      'facts', jsonb_build_object('vin', (p_item -> 'facts' -> 'vin') - array['way', 'declared', 'calibration'] || '{"confidence": 0}'));
  end if;

  -- Each part in a subtransaction of its own: what is good is kept, whatever else breaks.
  begin
    v_listing := private.note_listing(v, p_item, v_outcome);
    v_several := (select count(*) > 1 from public.vehicle_listings where vehicle_id = v.id);
    if v_listing is not null then
      v_followed := case when v_several then private.current_listing(array[v.id]) else v_listing end;
      p_item := p_item || jsonb_build_object(
        'listing_id', v_listing,
        'is_followed', v_listing = v_followed,
        'takes_over', v_several and private.listing_that_is_followed(v) is distinct from v_listing);
    end if;
    v_facts := private.apply_facts(v, p_item);
    if v_several and v_followed <> v_listing then -- what became of this one may leave the field to another
      v_facts := private.with_offer_of(v_facts, private.follow_listing(v.id, v_followed));
    end if;
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
  if coalesce((v_facts ->> 'rescore')::boolean, false) or coalesce((v_images ->> 'stored')::integer, 0) > 0
    or v_score_before is null
  then
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
  v_score_before := coalesce(v_score_before, 0);
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
  if v_several then
    perform private.sync_addresses(v.id);
  end if;

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

create or replace function private.are_independent(
  p_vehicle_ids uuid[], p_host text, p_other_host text, p_description text, p_other_description text
) returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return private.source_of_host(p_host) is distinct from private.source_of_host(p_other_host)
    and (lower(p_description) = lower(p_other_description)) is not true
    and coalesce((
      select bool_and(
        (lower(a.seller) <> lower(b.seller)) is true
        or abs(extract(epoch from a.listed_at - b.listed_at)) > 90 * 86400)
      from public.vehicle_listings a
      join public.vehicle_listings b on b.vehicle_id = any (p_vehicle_ids) and b.source_host = p_other_host
      where a.vehicle_id = any (p_vehicle_ids) and a.source_host = p_host
    ), false);
end
$$;

create or replace function private.brier_of(p_version integer, p_since timestamptz)
returns table (labels bigint, brier numeric)
language sql stable
set search_path = ''
as $$
  select
    count(*),
    sum(w.weight * (coalesce(private.calibrated_by(p_version, l.source_id, l.field_name, l.reading_way, l.declared), l.declared)
      - l.accepted) ^ 2) / nullif(sum(w.weight), 0)
  from private.calibration_labels(now()) l
  cross join lateral (select l.stands_for * l.counts) w(weight)
  where l.labelled_at > p_since
$$;

create or replace function private.calibrate() returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_judged text;
  v_version integer;
begin
  lock table public.calibrations in share row exclusive mode; -- one at a time; readers go on
  v_judged := private.judge_shadow();
  if not exists (select from public.calibrations where status = 'shadow') then
    v_version := private.make_calibration();
  end if;
  delete from public.calibrations where retired_at < now() - interval '1 year';
  return jsonb_build_object('judged', v_judged, 'made', v_version);
end
$$;

create or replace function private.calibrated(p_source_id uuid, p_field text, p_way text, p_declared numeric) returns numeric
language sql stable
set search_path = ''
as $$
  select coalesce(
    private.calibrated_by(
      (select version from public.calibrations where status = 'serving'), p_source_id, p_field, p_way, p_declared),
    p_declared)
$$;

create or replace function private.calibrated_by(
  p_version integer, p_source_id uuid, p_field text, p_way text, p_declared numeric
) returns numeric
language sql stable
set search_path = ''
as $$
  select case
    when e.p = p_declared then p_declared
    -- What counts only by being calibrated must be so for sure.
    when p_declared < private.sure_enough()
      and private.wilson_lower_bound(e.p, e.n) < private.sure_enough()
      then least(round(e.p, 3), private.sure_enough() - 0.001)
    else round(e.p, 3)
  end
  from private.calibrated_estimate(p_version, p_source_id, p_field, p_way, p_declared) e
$$;

create or replace function private.calibrated_estimate(
  p_version integer, p_source_id uuid, p_field text, p_way text, p_declared numeric
) returns table (p numeric, n numeric)
language sql stable
set search_path = ''
as $$
  select
    -- What is known less closely is worth twenty labels of what is known more closely: declared, all sources, this source.
    least(greatest(p_declared, 0.99), (
      20 * coalesce(own.trust, source.trust, 1) * (20 * known.declared + others.accepted) / (20 + others.n) + coalesce(own.accepted, 0)
    ) / (20 + coalesce(own.n, 0))),
    coalesce(own.n, 0) + others.n
  from (select private.declared_band(p_declared) as band) d
  left join public.calibration_rates own
    on own.version = p_version and own.source_id = p_source_id
    and own.field_name = p_field and own.reading_way = p_way and own.declared_band = d.band
  left join public.calibration_rates source
    on source.version = p_version and source.source_id = p_source_id and source.reading_way is null
  left join public.calibration_rates every
    on every.version = p_version and every.source_id is null
    and every.field_name = p_field and every.reading_way = p_way and every.declared_band = d.band
  left join public.calibration_rates way
    on way.version = p_version and way.source_id is null
    and way.field_name is null and way.reading_way = p_way and way.declared_band = d.band
  cross join lateral (
    select case
      when own.version is null and every.version is null and way.version is null then p_declared
      else least(p_declared * coalesce(own.way_factor, every.way_factor, way.way_factor), greatest(p_declared, 0.99))
    end as declared
  ) known
  cross join lateral (
    select
      case when own.version is not null then own.others_n else coalesce(every.n, 0) end as n,
      case when own.version is not null then own.others_accepted else coalesce(every.accepted, 0) end as accepted
  ) others
$$;

create or replace function private.calibration_labels(p_until timestamptz)
returns table (
  source_id uuid, field_name text, reading_way text, declared numeric, confidence numeric, labelled_at timestamptz,
  accepted numeric, stands_for numeric, counts numeric
)
language sql stable
set search_path = ''
as $$
  with labels as (
    select
      private.url_host(m.source_url) as host, m.field_name, m.reading_way,
      coalesce(m.declared_confidence, m.confidence_score) as declared,
      m.confidence_score as confidence,
      m.reviewed_at as labelled_at,
      (m.validation_status <> 'rejected')::integer::numeric as accepted,
      -- What somebody chose to look at stands for itself; what was drawn, for all among which it was drawn.
      coalesce(1 / a.probability, 1) as stands_for,
      1.0 as counts
    from public.extraction_metadata m
    left join public.audit_readings a on a.extraction_id = m.id
    where m.reviewed_at > p_until - interval '1 year'
      and m.reviewed_at <= p_until
      and m.reading_way is not null
      and m.extraction_method not like 'manual%'
    union all
    select
      s.host, c.field_name, s.way, s.declared, s.declared, c.compared_at,
      -- Of two that disagree one is wrong, and nobody knows which.
      case when c.agrees then 1 else 0.5 end,
      1, 0.25
    from public.source_comparisons c
    cross join lateral (
      values (c.host, c.reading_way, c.declared_confidence), (c.other_host, c.other_reading_way, c.other_declared_confidence)
    ) s(host, way, declared)
    where c.is_independent
      and c.compared_at > p_until - interval '1 year'
      and c.compared_at <= p_until
      and s.way is not null
      and s.declared is not null
  ),
  hosts as materialized ( -- a source is looked up once a host
    select h.host, private.source_of_host(h.host) as source_id
    from (select distinct host from labels where host is not null) h
  )
  select
    h.source_id, l.field_name, l.reading_way, l.declared, l.confidence, l.labelled_at, l.accepted, l.stands_for,
    l.counts * 0.5 ^ (extract(epoch from p_until - l.labelled_at) / (90 * 86400))
  from labels l
  left join hosts h on h.host = l.host
$$;

create or replace function private.compare_sources(p_vehicle_id uuid, p_host text, p_decisions jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  with compared as (
    select d.*, d.state ->> 'source' as other_host
    from jsonb_to_recordset(p_decisions) as d(
      field text, new text, held text, state jsonb, decision text, way text, confidence numeric, declared numeric)
    where d.field = any (private.compared_fields())
      and d.decision in ('confirmed', 'replaced', 'conflict')
      and d.state ->> 'source' <> p_host
      and d.state ->> 'method' not like 'manual%'
  ),
  pairs as materialized ( -- once a pair of hosts
    select
      h.other_host,
      private.are_independent(array[p_vehicle_id], p_host, h.other_host, t.new, t.held) as is_independent
    from (select distinct other_host from compared) h
    left join jsonb_to_recordset(p_decisions) as t(field text, new text, held text) on t.field = 'description'
  )
  insert into public.source_comparisons as held (
    vehicle_id, field_name, host, other_host, agrees, is_independent,
    reading_way, declared_confidence, other_reading_way, other_declared_confidence
  )
  select
    p_vehicle_id, d.field, p_host, d.other_host,
    -- 911 and 911 Carrera are no contradiction.
    d.decision = 'confirmed' or not private.shares_no_word(d.held, d.new),
    p.is_independent, d.way, coalesce(d.declared, d.confidence), d.state ->> 'way',
    coalesce((d.state ->> 'declared')::numeric, (d.state ->> 'confidence')::numeric)
  from compared d
  join pairs p using (other_host)
  on conflict (vehicle_id, field_name, host, other_host) do update
  set agrees = excluded.agrees,
      compared_at = now(),
      is_independent = excluded.is_independent,
      reading_way = excluded.reading_way,
      declared_confidence = excluded.declared_confidence,
      other_reading_way = excluded.other_reading_way,
      other_declared_confidence = excluded.other_declared_confidence
  where held.agrees <> excluded.agrees;
end
$$;

create or replace function private.compare_vehicles(k public.vehicles, o public.vehicles) returns void
language sql
set search_path = ''
as $$
  insert into public.source_comparisons (
    vehicle_id, field_name, host, other_host, agrees, is_independent,
    reading_way, declared_confidence, other_reading_way, other_declared_confidence
  )
  select
    k.id, f, o.field_state -> f ->> 'source', k.field_state -> f ->> 'source',
    not private.shares_no_word(to_jsonb(k) ->> f, to_jsonb(o) ->> f),
    private.are_independent(
      array[k.id, o.id], o.field_state -> f ->> 'source', k.field_state -> f ->> 'source', o.description, k.description),
    o.field_state -> f ->> 'way',
    coalesce((o.field_state -> f ->> 'declared')::numeric, (o.field_state -> f ->> 'confidence')::numeric),
    k.field_state -> f ->> 'way',
    coalesce((k.field_state -> f ->> 'declared')::numeric, (k.field_state -> f ->> 'confidence')::numeric)
  from unnest(private.compared_fields()) f
  where to_jsonb(k) ->> f is not null
    and to_jsonb(o) ->> f is not null
    and k.field_state -> f ->> 'source' <> o.field_state -> f ->> 'source'
    and k.field_state -> f ->> 'method' not like 'manual%'
    and o.field_state -> f ->> 'method' not like 'manual%'
  on conflict do nothing
$$;

create or replace function private.declared_band(p_declared numeric) returns text
language sql immutable parallel safe
return case when p_declared < 0.6 then 'low' when p_declared < 0.85 then 'middle' else 'high' end;

create or replace function private.draw_audit_sample(p_size integer default 50, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_week date := date_trunc('week', p_now at time zone 'UTC')::date;
  v_percent double precision;
  v_count integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('draw_audit_sample', 5));
  if exists (select from public.audit_readings where week = v_week) then
    return 0;
  end if;
  -- Of a table with very many rows a part of its pages is enough, and each row is as likely to stand in it.
  v_percent := (
    select least(100, 100 * 1000000.0 / greatest(reltuples, 1))
    from pg_class where oid = 'public.extraction_metadata'::regclass
  );
  with readings as (
    select
      m.id,
      private.url_host(m.source_url) as host, m.reading_way,
      private.declared_band(coalesce(m.declared_confidence, m.confidence_score)) as band
    from public.extraction_metadata m tablesample system (v_percent)
    where m.extracted_at > p_now - interval '7 days'
      and m.extracted_at <= p_now
      and m.validation_status = 'accepted'
      and m.reviewed_at is null
      and m.reading_way is not null
      and m.field_value is not null
      and m.extraction_method not like 'manual%'
  ),
  -- Strata: site, way, and how sure the reader was. Each gets its share by the root of its size, so that the small are seen too.
  sized as (
    select r.*, 1 / sqrt(count(*) over (partition by r.host, r.reading_way, r.band)) as size
    from readings r
  ),
  chances as (
    select s.*, least(1, p_size * s.size / sum(s.size) over ()) as chance from sized s
  ),
  -- Systematic sampling in the order of the strata: each has its chance, exactly (Madow, 1949).
  places as (
    select c.id, c.chance, sum(c.chance) over (order by c.host, c.reading_way, c.band, hashint8(c.id), c.id) as place
    from chances c
  ),
  begin as materialized ( -- one for all
    select random() as at
  )
  insert into public.audit_readings (extraction_id, week, probability, drawn_at)
  select p.id, v_week, greatest(p.chance * v_percent / 100, 1e-9), p_now
  from places p, begin b
  where floor(p.place - b.at) > floor(p.place - p.chance - b.at)
  on conflict (extraction_id) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.judge_shadow() returns text
language plpgsql
set search_path = ''
as $$
declare
  v_shadow public.calibrations;
  v_serving integer := (select version from public.calibrations where status = 'serving');
  v_labels bigint;
  v_brier numeric;
  v_brier_before numeric;
begin
  select * into v_shadow from public.calibrations
  where status = 'shadow' and made_at <= now() - interval '7 days'
  for update;
  if not found then
    return null;
  end if;
  select labels, brier into v_labels, v_brier from private.brier_of(v_shadow.version, v_shadow.made_at);
  select brier into v_brier_before from private.brier_of(v_serving, v_shadow.made_at);
  if v_labels >= 20 and v_brier > v_brier_before then
    update public.calibrations
    set status = 'retired',
        retired_at = now(),
        why = format('worse than %s on the %s labels of its time in shadow: Brier %s, not %s',
          coalesce('version ' || v_serving, 'what readers declare'), v_labels, round(v_brier, 4), round(v_brier_before, 4))
    where version = v_shadow.version;
    return 'retired';
  end if;
  update public.calibrations
  set status = 'retired', retired_at = now(), why = format('replaced by version %s', v_shadow.version)
  where version = v_serving;
  update public.calibrations
  set status = 'serving',
      serving_since = now(),
      why = case when v_labels > 0 then format('Brier %s on the %s labels of its time in shadow, before %s',
        round(v_brier, 4), v_labels, round(v_brier_before, 4)) end
  where version = v_shadow.version;
  return 'serving';
end
$$;

create or replace function private.labels_by_way(p_until timestamptz)
returns table (
  source_id uuid, field_name text, reading_way text, declared_band text,
  labels bigint, weight numeric, squares numeric, accepted numeric, expected numeric
)
language sql stable
set search_path = ''
as $$
  select
    l.source_id, l.field_name, l.reading_way, private.declared_band(l.declared),
    count(*),
    sum(l.stands_for * l.counts), sum(l.stands_for ^ 2 * l.counts),
    sum(l.stands_for * l.counts * l.accepted), sum(l.stands_for * l.counts * l.declared)
  from private.calibration_labels(p_until) l
  group by 1, 2, 3, 4
$$;

create or replace function private.make_calibration() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_version integer;
  v_labels bigint;
begin
  v_labels := (
    select count(*)
    from private.calibration_labels(now())
    where labelled_at > coalesce((select max(made_at) from public.calibrations), '-infinity')
  );
  if v_labels = 0 then
    return null;
  end if;
  insert into public.calibrations (labels_count)
  select count(*) from private.calibration_labels(now())
  returning version into v_version;

  with own as materialized (
    select
      w.*,
      sum(w.weight) over of_all - w.weight as others_weight,
      sum(w.squares) over of_all - w.squares as others_squares,
      sum(w.accepted) over of_all - w.accepted as others_accepted
    from private.labels_by_way(now()) w
    window of_all as (partition by w.field_name, w.reading_way, w.declared_band)
  ),
  by_field as (
    select field_name, reading_way, declared_band,
      sum(weight) as weight, sum(squares) as squares, sum(accepted) as accepted, sum(expected) as expected
    from own
    group by 1, 2, 3
  ),
  of_ways as (
    select f.*, private.way_factor(
      sum(f.weight) over w - f.weight, sum(f.squares) over w - f.squares,
      sum(f.accepted) over w - f.accepted, sum(f.expected) over w - f.expected) as factor
    from by_field f
    window w as (partition by f.reading_way, f.declared_band)
  ),
  judged as (
    select
      o.*, w.factor, own.n as own_n, own.accepted as own_accepted, others.n as others_n, others.accepted as others_right,
      -- How many would be right if the source were as the others.
      own.n * (20 * least(o.expected / o.weight * w.factor, 0.99) + others.accepted) / (20 + others.n) as expected_right
    from own o
    join of_ways w using (field_name, reading_way, declared_band)
    cross join lateral private.worth_of_labels(o.weight, o.squares, o.accepted) own
    cross join lateral private.worth_of_labels(o.others_weight, o.others_squares, o.others_accepted) others
  ),
  of_fields as (
    -- No field says more of a source than five labels do, so that one field alone does not speak for the others.
    select
      j.source_id, j.field_name,
      sum(j.own_accepted) * least(1, 5 / sum(j.own_n)) as accepted,
      sum(j.expected_right) * least(1, 5 / sum(j.own_n)) as expected
    from judged j
    where j.source_id is not null
    group by 1, 2
  ),
  trust as (
    select
      f.source_id, f.field_name,
      private.trust_of(sum(f.accepted) over s - f.accepted, sum(f.expected) over s - f.expected) as without_own,
      private.trust_of(sum(f.accepted) over s, sum(f.expected) over s) as of_all
    from of_fields f
    window s as (partition by f.source_id)
  )
  insert into public.calibration_rates
    (version, source_id, field_name, reading_way, declared_band, n, accepted, others_n, others_accepted, way_factor, trust)
  select
    v_version, j.source_id, j.field_name, j.reading_way, j.declared_band,
    j.own_n, j.own_accepted, j.others_n, j.others_right, j.factor, t.without_own
  from judged j
  join trust t on t.source_id = j.source_id and t.field_name = j.field_name
  union all
  select v_version, null, f.field_name, f.reading_way, f.declared_band, w.n, w.accepted, 0, 0, f.factor, 1
  from of_ways f
  cross join lateral private.worth_of_labels(f.weight, f.squares, f.accepted) w
  union all
  select v_version, null, null, f.reading_way, f.declared_band, 0, 0, 0, 0,
    private.way_factor(sum(f.weight), sum(f.squares), sum(f.accepted), sum(f.expected)), 1
  from by_field f
  group by f.reading_way, f.declared_band
  union all
  select distinct v_version, t.source_id, null, null, null, 0, 0, 0, 0, 1, t.of_all
  from trust t;
  return v_version;
end
$$;

create or replace function private.note_provenance(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb, p_values jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.url_host(p_item ->> 'source_url');
  v_version text := p_item ->> 'scraper_version';
  v_is_offer boolean := coalesce((p_item ->> 'is_offer')::boolean, false);
begin
  -- What is no longer held or no longer disputed, what is confirmed, then what was read.
  if p_values <> '{}' then
    update public.extraction_metadata m
    set validation_status = case when p_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    where m.vehicle_id = p_vehicle_id
      and m.validation_status = 'accepted'
      and p_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from jsonb_to_recordset(p_decisions) as d(field text, new text, decision text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = v_source
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end),
      reading_way = coalesce(m.reading_way, case when private.url_host(m.source_url) = v_source then d.way end)
  from jsonb_to_recordset(p_decisions)
    as d(field text, confidence numeric, decision text, is_stronger boolean, way text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id,
    reading_way, declared_confidence, calibration_version
  )
  select
    p_vehicle_id, d.field, d.new, d.held, d.method, v_version, d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, p_item ->> 'source_url', (p_item ->> 'snapshot_id')::uuid, d.way, d.declared, d.calibration
  from jsonb_to_recordset(p_decisions) as d(
    field text, new text, held text, method text, confidence numeric, evidence text, decision text,
    way text, declared numeric, calibration integer)
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = p_vehicle_id and m.field_name = d.field and m.validation_status = 'accepted'))
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set last_confirmed_at = now(),
      -- What a person found wrong stays so, however often it is read.
      validation_status = case
        when held.validation_status = 'rejected' and excluded.validation_status = 'conflict' then 'rejected'
        else excluded.validation_status
      end,
      confidence_score = excluded.confidence_score,
      reading_way = coalesce(excluded.reading_way, held.reading_way),
      declared_confidence = excluded.declared_confidence,
      calibration_version = excluded.calibration_version,
      -- The offer of a listing that is followed is no reading: the page that the value was read on stays named.
      evidence = case when v_is_offer then held.evidence else excluded.evidence end,
      source_url = case when v_is_offer then held.source_url else excluded.source_url end,
      snapshot_id = case when v_is_offer then held.snapshot_id else excluded.snapshot_id end,
      -- What was read before and comes to stand now has come now.
      extracted_at = case
        when v_is_offer or held.validation_status = excluded.validation_status then held.extracted_at
        else excluded.extracted_at
      end,
      previous_value = case
        when v_is_offer or held.validation_status = excluded.validation_status then held.previous_value
        else excluded.previous_value
      end;
  perform private.compare_sources(p_vehicle_id, v_source, p_decisions);
end
$$;

create or replace function private.trust_of(p_accepted numeric, p_expected numeric) returns numeric
language sql immutable parallel safe
return (
  select case when r.ratio < 0.8 then r.ratio else 1 end
  from (select round((20 + p_accepted) / (20 + p_expected), 6) as ratio) r
);

create or replace function private.wilson_lower_bound(p_rate numeric, p_n numeric) returns numeric
language sql immutable parallel safe
return case
  when p_n > 0 then greatest(0, (
    p_rate + 1.9208 / p_n - 1.96 * sqrt((p_rate * (1 - p_rate) + 0.9604 / p_n) / p_n)
  ) / (1 + 3.8416 / p_n))
  else 0
end;

create or replace function private.with_calibrated_confidence(p_items jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_version integer := (select version from public.calibrations where status = 'serving');
  v_sources jsonb;
begin
  if v_version is null then
    return p_items;
  end if;
  v_sources := (
    select jsonb_object_agg(h.host, private.source_of_host(h.host))
    from (
      select distinct private.url_host(i ->> 'source_url') as host
      from jsonb_array_elements(p_items) i
      where jsonb_typeof(i -> 'facts') = 'object'
    ) h
    where h.host is not null
  );
  return (
    select jsonb_agg(
      i || case when jsonb_typeof(i -> 'facts') = 'object' and i -> 'facts' <> '{}' then jsonb_build_object('facts', (
        select jsonb_object_agg(f.key, case
          when c.confidence <> (f.value ->> 'confidence')::numeric then f.value || jsonb_build_object(
            'confidence', c.confidence, 'declared', f.value -> 'confidence', 'calibration', v_version)
          else f.value
        end)
        from jsonb_each(i -> 'facts') f
        left join lateral private.calibrated_by(
          v_version, s.source_id, f.key, f.value ->> 'way', (f.value ->> 'confidence')::numeric) c(confidence)
          on f.value ->> 'way' is not null and f.value ->> 'confidence' is not null
      )) else '{}' end
      order by n)
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
    cross join lateral (select (v_sources ->> private.url_host(i ->> 'source_url'))::uuid) s(source_id)
  );
end
$$;

create or replace function private.with_capped_confidence(p_items jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_caps jsonb;
begin
  if not exists (select from public.scrape_sources where confidence_cap is not null) then
    return p_items;
  end if;
  select jsonb_object_agg(h.host, s.confidence_cap)
  into v_caps
  from (
    select distinct private.url_host(i ->> 'source_url') as host
    from jsonb_array_elements(p_items) i
    where jsonb_typeof(i -> 'facts') = 'object' or jsonb_typeof(i -> 'retractions') = 'object'
  ) h
  join public.scrape_sources s on s.id = private.source_of_host(h.host)
  where h.host is not null and s.confidence_cap is not null;
  if v_caps is null then
    return p_items;
  end if;
  return (
    select jsonb_agg(
      i || coalesce((
        select jsonb_object_agg(part.name, (
          select jsonb_object_agg(f.key, case
            when (f.value ->> 'confidence')::numeric > c.cap then jsonb_build_object('declared', f.value -> 'confidence') || f.value || jsonb_build_object('confidence', c.cap)
            else f.value
          end)
          from jsonb_each(i -> part.name) f))
        from (values ('facts'), ('retractions')) part(name)
        where c.cap is not null and jsonb_typeof(i -> part.name) = 'object' and i -> part.name <> '{}'), '{}')
      order by n)
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
    cross join lateral (select (v_caps ->> private.url_host(i ->> 'source_url'))::numeric) c(cap)
  );
end
$$;

create or replace function private.worth_of_labels(p_weight numeric, p_squares numeric, p_accepted numeric)
returns table (n numeric, accepted numeric)
language sql immutable parallel safe
begin atomic
  select w.n, least(w.n, greatest(0, coalesce(round(p_accepted * p_weight / nullif(p_squares, 0), 6), 0)))
  from (select coalesce(round(p_weight ^ 2 / nullif(p_squares, 0), 6), 0) as n) w;
end;

create or replace function private.way_factor(p_weight numeric, p_squares numeric, p_accepted numeric, p_expected numeric)
returns numeric
language sql immutable parallel safe
return coalesce(
  (select round((20 + w.n * p_accepted / nullif(p_expected, 0)) / (20 + w.n), 6)
  from private.worth_of_labels(p_weight, p_squares, p_accepted) w), 1);

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
  p_items := private.with_capped_confidence(private.with_calibrated_confidence(p_items));
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
  return private.write_each(p_items, true, private.lock_with_retry((
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.vehicle_with_vin_of(i))) order by n), '[]')
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  )));
end
$$;

alter table public.audit_readings
  add constraint audit_readings_extraction_id_fkey foreign key (extraction_id)
    references public.extraction_metadata(id) on delete cascade;

alter table public.calibration_rates
  add constraint calibration_rates_source_id_fkey foreign key (source_id)
    references public.scrape_sources(id) on delete cascade;

alter table public.calibration_rates
  add constraint calibration_rates_version_fkey foreign key (version)
    references public.calibrations(version) on delete cascade;

alter table public.extraction_metadata
  add constraint extraction_metadata_declared_confidence_check
    check (((declared_confidence >= (0)::numeric) and (declared_confidence <= (1)::numeric)));

alter table public.extraction_metadata
  add constraint extraction_metadata_reading_way_check check ((reading_way <> ''::text));

alter table public.source_comparisons
  add constraint source_comparisons_declared_confidence_check
    check (((declared_confidence >= (0)::numeric) and (declared_confidence <= (1)::numeric)));

alter table public.source_comparisons
  add constraint source_comparisons_other_declared_confidence_check
    check (((other_declared_confidence >= (0)::numeric) and (other_declared_confidence <= (1)::numeric)));

alter table public.source_comparisons
  add constraint source_comparisons_other_reading_way_check check ((other_reading_way <> ''::text));

alter table public.source_comparisons
  add constraint source_comparisons_reading_way_check check ((reading_way <> ''::text));

create view public.audit_sample with (security_invoker = true) as
select
  m.id,
  m.vehicle_id,
  v.year,
  v.make,
  v.model,
  m.field_name,
  m.field_value,
  m.evidence,
  m.source_url,
  m.reading_way,
  m.confidence_score,
  m.extracted_at,
  a.week,
  round(1 / a.probability) as stands_for,
  format($do$select review_extraction(%s, 'accept');  -- or 'reject'$do$, m.id) as what_to_do
from public.audit_readings a
join public.extraction_metadata m on m.id = a.extraction_id
join public.vehicles v on v.id = m.vehicle_id
where a.week > current_date - 28
  and m.reviewed_at is null
  and m.validation_status = 'accepted'
order by a.week desc, m.id;

create view public.calibration_report with (security_invoker = true) as
with labels as materialized (
  select l.*, l.stands_for * l.counts as weight from private.calibration_labels(now()) l
),
judged as (
  select 'declared' as confidences, null::integer as version, l.declared as confidence, l.accepted, l.weight from labels l
  union all
  select 'held', null, l.confidence, l.accepted, l.weight from labels l
  union all
  select c.status, c.version, s.confidence, l.accepted, l.weight
  from public.calibrations c
  join labels l on l.labelled_at > c.made_at
  cross join lateral private.calibrated_by(c.version, l.source_id, l.field_name, l.reading_way, l.declared) s(confidence)
  where c.status in ('serving', 'shadow')
),
binned as (
  select
    j.confidences, j.version, b.bin,
    count(*) as n,
    sum(j.weight) as weight,
    sum(j.weight * j.confidence) / sum(j.weight) as mean_confidence,
    sum(j.weight * j.accepted) / sum(j.weight) as accepted,
    sum(j.weight * (j.confidence - j.accepted) ^ 2) as squares
  from judged j
  cross join lateral (select least(floor(j.confidence * 10), 9)::integer) b(bin)
  group by 1, 2, 3
)
select
  b.confidences,
  b.version,
  case when b.bin is null then 'all' else format('%s to %s', round(b.bin / 10.0, 1), round((b.bin + 1) / 10.0, 1)) end as bin,
  sum(b.n)::bigint as n,
  round(sum(b.weight * b.mean_confidence) / sum(b.weight), 4) as mean_confidence,
  round(sum(b.weight * b.accepted) / sum(b.weight), 4) as accepted,
  round(sum(b.squares) / sum(b.weight), 4) as brier,
  round(sum(b.weight * abs(b.mean_confidence - b.accepted)) / sum(b.weight), 4) as ece
from binned b
group by grouping sets ((b.confidences, b.version), (b.confidences, b.version, b.bin))
order by b.confidences, b.version, b.bin nulls first;

create index if not exists audit_readings_by_week on public.audit_readings using btree (week);

create index if not exists calibration_rates_by_source on public.calibration_rates using btree (source_id)
  where (source_id is not null);

create unique index if not exists calibrations_one_serving on public.calibrations using btree (status)
  where (status = 'serving'::text);

create unique index if not exists calibrations_one_shadow on public.calibrations using btree (status)
  where (status = 'shadow'::text);

create policy operators_read on public.audit_readings
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.calibration_rates
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.calibrations
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.calibration_rates.n is 'So many labels, each worth its share: half as much every 90 days, a quarter for an agreement; fewer than there are where their weights differ.';

comment on column public.calibration_rates.others_n is 'The same of the other sources, for this field and way.';

comment on column public.calibration_rates.trust is 'What becomes of 1 by what the labels of the source''s other fields say of it: less where it is wrong more often than it declares.';

comment on column public.calibration_rates.way_factor is 'What becomes of a declared confidence by the labels that this way has for other fields.';

comment on column public.extraction_metadata.declared_confidence is 'How sure the reader was, where it is held with another confidence: because of calibration_version, or of a cap of its source.';

comment on column public.extraction_metadata.reading_way is 'How it was read off its page: a record, markup, a label, the title, prose … Null where the reader does not say.';

comment on column public.source_comparisons.is_independent is 'Whether the two say it each for itself: of different sources, by different sellers or months apart, and not in the same words. One feed that two sites show proves nothing.';

comment on column public.source_comparisons.reading_way is 'How the page of host was read, and how sure its reader was; the other_… columns say it of other_host. Null where it is not known.';

comment on function private.are_independent(uuid[], text, text, text, text) is 'Whether what the listings of a car on two hosts say comes from two: different sources, other words, and different sellers, or 90 days between them. A seller that is not known may be the same.';

comment on function private.brier_of(integer, timestamp with time zone) is 'How far a calibration (null: what readers declare) is from the labels that came in since a time: the mean square (Brier, 1950), and of how many.';

comment on function private.calibrate() is 'Once a day: what has been a week in shadow serves or is retired, and the next calibration is made when there are new labels. Gives {judged, made}.';

comment on function private.calibrated(uuid, text, text, numeric) is 'The confidence with which a reading is held, by the calibration that serves; as declared where none does or nothing is known. Is raised to 0.6 or more only when the lower 95 % bound is.';

comment on function private.calibrated_by(integer, uuid, text, text, numeric) is 'As calibrated(), by a version.';

comment on function private.calibrated_estimate(integer, uuid, text, text, numeric) is
  'The chance that a value is right that a source''s page gives in this way, its reader being so sure, by a calibration: (20 * declared + accepted) / (20 + n) over all sources, and the same again over the source''s own labels. n: what the labels are worth. Where there is none, what was declared.';

comment on function private.calibration_labels(timestamp with time zone) is 'One row a label of a reading, of the year before a time: a review is worth one, an agreement of independent sources a quarter for each side, both half as much every 90 days (counts). stands_for is 1/probability of what was drawn for the audit, else 1; accepted is 1, 0, or a half for each side of a disagreement.';

comment on function private.declared_band(numeric) is 'How sure a reader says it is, in three steps: what was read with a doubt is not judged by what was read without.';

comment on function private.draw_audit_sample(integer, timestamp
  with time zone) is 'Draws the audit of a week from the readings of the seven days before, once: at random, by site, way and how sure the reader was. Gives how many.';

comment on function private.judge_shadow() is 'Lets a calibration serve after a week in shadow, unless it is further than the one before from at least 20 labels that came in meanwhile. Gives what became of it; null where none is a week old.';

comment on function private.labels_by_way(timestamp with time zone) is 'The labels of each source, field, way and band, summed up: weight and squares give how many they are worth (Kish: weight^2 / squares), accepted and expected how many were right and were declared to be.';

comment on function private.make_calibration() is 'Makes a calibration, in shadow, of all labels of the last year. Gives its version; null, and nothing is made, without a label since the last one.';

comment on function private.trust_of(numeric, numeric) is 'What is left of a source''s word where so many of its labels were right instead of as many as of other sources: 1 where it is not worse by a fifth, which may be chance, or one field.';

comment on function private.way_factor(numeric, numeric, numeric, numeric) is 'What becomes of a declared confidence by what labels of a way say: 1 without any, accepted / expected with very many.';

comment on function private.wilson_lower_bound(numeric, numeric) is 'The lower 95 % bound of a rate that was seen in n trials (Wilson, 1927); 0 without any.';

comment on function private.with_calibrated_confidence(jsonb) is 'The readings of a batch, each fact as sure as readings like it turned out to be (calibrated()), with what its reader declared beside it. Sources are looked up once a host.';

comment on function private.worth_of_labels(numeric, numeric, numeric) is 'How many labels of one weight a sum of labels is worth, and how many of these were right: the fewer the more their weights differ (Kish, 1965).';

comment on table public.audit_readings is 'One row a reading that was drawn at random to be looked at, whatever its confidence, and the probability with which it was: a label of it stands for 1/probability readings.';

comment on table public.calibration_rates is 'What a calibration goes by: a row a source, field, way and band of declared confidence; without a source, all sources together; without a field, all fields.';

comment on table public.calibrations is 'One row a version of the calibrated confidence: a week in shadow, where it is only compared, then serving, then retired by the next one. Applied to new readings only.';

comment on view public.audit_sample is 'Readings that were drawn at random to be looked at, 50 a week, the last four weeks: is the value what the page says, and true? Each answer stands for many, and is how the system learns what its confidence is worth.';

comment on view public.calibration_report is 'How confidence and what reviews, audits and independent sources found of the last year go together: what readers declared, what is held, and what the calibrations in service and in shadow say of the labels that came in since they were made. By bin: mean confidence and the part that was right; brier is the mean square between the two, ece (expected calibration error) how far apart they are on the whole.';

revoke all on function private.are_independent(uuid[], text, text, text, text) from public;

grant execute
  on function private.are_independent(uuid[], text, text, text, text)
  to postgres, service_role;

revoke all on function private.brier_of(integer, timestamp with time zone) from public;

grant execute
  on function private.brier_of(integer, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.calibrate() from public;

grant execute on function private.calibrate() to postgres, service_role;

revoke all on function private.calibrated(uuid, text, text, numeric) from public;

grant execute
  on function private.calibrated(uuid, text, text, numeric)
  to authenticated, postgres, service_role;

revoke all on function private.calibrated_by(integer, uuid, text, text, numeric) from public;

grant execute
  on function private.calibrated_by(integer, uuid, text, text, numeric)
  to authenticated, postgres, service_role;

revoke all on function private.calibrated_estimate(integer, uuid, text, text, numeric) from public;

grant execute
  on function private.calibrated_estimate(integer, uuid, text, text, numeric)
  to authenticated, postgres, service_role;

revoke all on function private.calibration_labels(timestamp with time zone) from public;

grant execute
  on function private.calibration_labels(timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.declared_band(numeric) from public;

grant execute on function private.declared_band(numeric) to authenticated, postgres, service_role;

revoke all on function private.draw_audit_sample(integer, timestamp with time zone) from public;

grant execute
  on function private.draw_audit_sample(integer, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.judge_shadow() from public;

grant execute on function private.judge_shadow() to postgres, service_role;

revoke all on function private.labels_by_way(timestamp with time zone) from public;

grant execute
  on function private.labels_by_way(timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.make_calibration() from public;

grant execute on function private.make_calibration() to postgres, service_role;

revoke all on function private.trust_of(numeric, numeric) from public;

grant execute on function private.trust_of(numeric, numeric) to postgres, service_role;

revoke all on function private.way_factor(numeric, numeric, numeric, numeric) from public;

grant execute
  on function private.way_factor(numeric, numeric, numeric, numeric)
  to postgres, service_role;

revoke all on function private.wilson_lower_bound(numeric, numeric) from public;

grant execute
  on function private.wilson_lower_bound(numeric, numeric)
  to authenticated, postgres, service_role;

revoke all on function private.with_calibrated_confidence(jsonb) from public;

grant execute on function private.with_calibrated_confidence(jsonb) to postgres, service_role;

revoke all on function private.worth_of_labels(numeric, numeric, numeric) from public;

grant execute on function private.worth_of_labels(numeric, numeric, numeric) to postgres, service_role;

grant select on table public.audit_readings to authenticated;

grant all on table public.audit_readings to postgres, service_role;

grant select on table public.calibration_rates to authenticated;

grant all on table public.calibration_rates to postgres, service_role;

grant select on table public.calibrations to authenticated;

grant all on table public.calibrations to postgres, service_role;

grant select on table public.audit_sample to authenticated;

grant all on table public.audit_sample to postgres, service_role;

grant select on table public.calibration_report to authenticated;

grant all on table public.calibration_report to postgres, service_role;

-- supabase/schemas/calibration/cron.sql
select cron.schedule('draw-audit-sample', '41 4 * * 1', 'select private.draw_audit_sample()');
select cron.schedule('calibrate', '52 4 * * *', 'select private.calibrate()');
