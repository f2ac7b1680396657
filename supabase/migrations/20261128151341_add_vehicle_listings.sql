-- Add vehicle listings.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger look_again_at_a_moved_listing on public.vehicles;

drop trigger queue_moved_bat_listing on public.vehicles;

drop index public.vehicles_bat_live;

drop index public.vehicles_bat_to_repair;

drop view private.bat_vehicles_to_repair;

drop function private.give_back_addresses(public.vehicles, public.vehicle_merges, public.vehicle_merges[]);

drop function private.order_of_offers(uuid, uuid);

drop function private.relisted_vehicle(jsonb);

drop function private.stand_on_listing(uuid, jsonb);

create table private.upgrade_progress (
  what text not null,
  after uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  finished_at timestamp with time zone,
  constraint upgrade_progress_pkey primary key (what)
);

alter table private.upgrade_progress
  enable row level security;

create table public.listing_events (
  id bigint generated always as identity not null,
  listing_id bigint not null,
  event text not null,
  at timestamp with time zone not null default now(),
  status_from text,
  status_to text not null,
  price_from numeric(14,2),
  price_to numeric(14,2),
  currency text,
  snapshot_id uuid,
  constraint a_change_of_price_changes_it
    check (((event <> 'price_changed'::text) or (price_from is distinct from price_to))),
  constraint a_change_of_status_changes_it
    check (((event <> 'status_changed'::text) or (status_from <> status_to))),
  constraint a_sale_is_sold
    check
    ((((event = 'sold'::text) = ((status_to = 'sold'::text) and (status_from is distinct from 'sold'::text)))
    or (event = 'seen'::text))),
  constraint listing_events_currency_check check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint listing_events_event_check
    check
    ((event = any (array['seen'::text, 'price_changed'::text, 'status_changed'::text, 'removed'::text,
    'relisted'::text, 'sold'::text]))),
  constraint listing_events_pkey primary key (id),
  constraint listing_events_price_from_check check ((price_from >= (0)::numeric)),
  constraint listing_events_price_to_check check ((price_to >= (0)::numeric)),
  constraint what_is_removed_is_removed
    check (((event <> 'removed'::text) or (status_to = 'removed'::text)))
);

alter table public.listing_events
  enable row level security;

create table public.vehicle_listings (
  id bigint generated always as identity not null,
  vehicle_id uuid not null,
  listing_url text not null,
  kind text not null,
  status text not null default 'unknown'::text,
  price numeric(14,2),
  currency text,
  seller text,
  title text,
  mileage integer,
  likeness text,
  listed_at timestamp with time zone not null default now(),
  first_seen_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  page_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_because text,
  offer jsonb not null default '{}'::jsonb,
  constraint seen_first_before_last check ((first_seen_at <= last_seen_at)),
  constraint vehicle_listings_currency_check check ((currency ~ '^[A-Z]{3}$'::text)),
  constraint vehicle_listings_ended_because_check check ((ended_because <> ''::text)),
  constraint vehicle_listings_kind_check
    check ((kind = any (array['auction'::text, 'classified'::text, 'dealer'::text]))),
  constraint vehicle_listings_mileage_check check ((mileage >= 0)),
  constraint vehicle_listings_offer_check check ((jsonb_typeof(offer) = 'object'::text)),
  constraint vehicle_listings_pkey primary key (id),
  constraint vehicle_listings_price_check check ((price >= (0)::numeric)),
  constraint vehicle_listings_seller_check check ((seller <> ''::text)),
  constraint vehicle_listings_status_check
    check
    ((status = any (array['for_sale'::text, 'live'::text, 'sold'::text, 'bid_to'::text, 'no_sale'::text,
    'withdrawn'::text, 'removed'::text, 'unknown'::text]))),
  constraint vehicle_listings_title_check check ((title <> ''::text)),
  constraint what_has_ended_says_why check (((ended_at is null) = (ended_because is null))),
  constraint what_is_offered_has_not_ended
    check (((ended_at is null) or (status <> all (array['for_sale'::text, 'live'::text])))),
  constraint what_is_over_has_an_end check (((ended_at is
    not null) or (status = any (array['for_sale'::text, 'live'::text, 'unknown'::text]))))
);

alter table public.vehicle_listings
  enable row level security;

alter table public.vehicle_merge_candidates
  add column score numeric(3,2);

alter table public.vehicle_merge_candidates
  add column evidence jsonb;

alter table public.vehicle_merge_candidates
  add column assessed_at timestamp with time zone;

alter table public.vehicle_merges
  add column by_itself boolean not null default false;

create or replace function private.add_listings(p_vehicle_ids uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with address as (
    select v.id as vehicle_id, u.url, public.canonical_listing_url(u.url) as canonical, u.place
    from public.vehicles v
    cross join lateral (values (1, v.listing_url), (2, v.discovery_url), (3, v.bat_auction_url)) u(place, url)
    where v.id = any (p_vehicle_ids)
    union all
    select e.vehicle_id, e.source_url, e.source_url, 4
    from public.auction_events e
    where e.vehicle_id = any (p_vehicle_ids)
  ),
  listing as (
    select distinct on (a.canonical) a.vehicle_id, a.url, a.canonical, a.place
    from address a
    where a.canonical is not null
    order by a.canonical, a.place
  ),
  known as (
    select
      l.vehicle_id, l.url, l.canonical, e.id is not null as is_auction,
      -- What the vehicle holds is what its listing said; of an earlier one only its auction is known.
      case
        when e.outcome is not null then e.outcome
        when l.place = 1 and v.listing_ended_at is not null and coalesce(v.sale_status, 'for_sale') in ('for_sale', 'live')
          then 'removed'
        when l.place = 1 then coalesce(v.sale_status, 'unknown')
        else 'unknown'
      end as status,
      case when l.place = 1 then private.held_offer(v) else '{}' end as offer,
      coalesce(e.currency, case when l.place = 1 then v.currency end) as currency,
      coalesce(e.sale_price, case when l.place = 1 then v.sale_price end) as sale_price,
      coalesce(e.high_bid, case when l.place = 1 then v.high_bid end) as high_bid,
      case when l.place = 1 then v.asking_price end as asking_price,
      coalesce(e.seller, case when l.place = 1 then v.seller_name end) as seller,
      coalesce(q.listing_title, nullif(concat_ws(' ', v.year, v.make, v.model, v.trim), '')) as title,
      case when l.place = 1 then v.mileage end as mileage,
      coalesce(e.starts_at, e.ends_at - interval '7 days', e.created_at, v.created_at) as listed_at,
      least(coalesce(e.created_at, v.created_at), now()) as first_seen_at,
      greatest(e.page_at, v.created_at) as last_seen_at,
      coalesce(e.ends_at, v.listing_ended_at, v.created_at) as ended_at
    from listing l
    join public.vehicles v on v.id = l.vehicle_id
    left join public.auction_events e on e.source_url = l.canonical and e.vehicle_id = l.vehicle_id
    left join public.import_queue q on q.canonical_url = l.canonical
  ),
  added as (
    insert into public.vehicle_listings (
      vehicle_id, listing_url, kind, status, price, currency, seller, title, mileage, likeness,
      listed_at, first_seen_at, last_seen_at, ended_at, ended_because, offer)
    select
      k.vehicle_id, k.url, private.listing_kind(private.url_host(k.url), k.is_auction), k.status,
      private.listing_price(k.status, k.sale_price, k.high_bid, k.asking_price), k.currency, k.seller, k.title, k.mileage,
      private.listing_likeness(k.seller, k.title, k.mileage),
      k.listed_at, k.first_seen_at, greatest(k.first_seen_at, k.last_seen_at),
      case when k.status not in ('for_sale', 'live', 'unknown') then k.ended_at end,
      case when k.status not in ('for_sale', 'live', 'unknown') then k.status end,
      k.offer
    from known k
    order by k.canonical
    on conflict (canonical_url) do nothing
    returning 1
  )
  select count(*) into v_count from added;
  return v_count;
end
$$;

create or replace function private.add_missing_listings(p_limit integer default 20000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_after uuid;
  v_ids uuid[];
begin
  select after into v_after
  from private.upgrade_progress
  where what = 'vehicle_listings' and finished_at is null
  for update skip locked;
  if not found then
    return 0;
  end if;
  v_ids := array(select id from public.vehicles where id > v_after order by id limit p_limit);
  perform private.add_listings(v_ids);
  update private.upgrade_progress
  set after = coalesce(v_ids[cardinality(v_ids)], after),
      finished_at = case when cardinality(v_ids) < p_limit then now() end
  where what = 'vehicle_listings';
  return cardinality(v_ids);
end
$$;

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
  if v_outcome = 'gone' and v_followed and v_own_listing and v.sale_status in ('live', 'for_sale') then
    v_retractions := v_retractions || jsonb_build_object('sale_status', jsonb_build_object(
      'confidence', 0.9, 'evidence', 'the listing was removed: ' || coalesce(p_item ->> 'error', 'gone')));
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
      coalesce(f.value ->> 'method', v_method) as method
    from jsonb_each(v_facts) f
    where f.key = any (private.fact_columns())
      and f.value ->> 'value' is not null
    union all
    select r.key, null, (r.value ->> 'confidence')::numeric, r.value ->> 'evidence', v_method
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
        'source', v_source, 'at', now(), 'page_at', v_page_at) || v_listing
      when d.decision = 'cleared' then
        private.kept_rejections(d.state) || jsonb_build_object('why', 'retracted', 'at', now())
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

create or replace function private.before_merge(k public.vehicles, o public.vehicles, p_order text) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'kept', to_jsonb(k),
    'order', p_order,
    'kept_urls', (select coalesce(jsonb_agg(d.url), '[]') from public.image_downloads d where d.vehicle_id = k.id),
    'kept_metadata', (
      select coalesce(jsonb_object_agg(m.id, m.validation_status), '{}')
      from public.extraction_metadata m where m.vehicle_id = k.id),
    'metadata', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.extraction_metadata m where m.vehicle_id = o.id),
    'auctions', (select coalesce(jsonb_agg(e.id), '[]') from public.auction_events e where e.vehicle_id = o.id),
    'steps', (select coalesce(jsonb_agg(s.id), '[]') from public.scrape_steps s where s.vehicle_id = o.id),
    'imports', (select coalesce(jsonb_agg(q.id), '[]') from public.import_queue q where q.vehicle_id = o.id),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = o.id),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = o.id),
    'listings', (select coalesce(jsonb_agg(l.id), '[]') from public.vehicle_listings l where l.vehicle_id = o.id),
    'addresses', (
      select coalesce(jsonb_agg(to_jsonb(r)), '[]') from public.remembered_addresses r where r.vehicle_id = o.id),
    'pairs', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
      from (
        select * from public.vehicle_merge_candidates where vehicle_id = o.id
        union all
        select * from public.vehicle_merge_candidates where other_vehicle_id = o.id
      ) c
      where c.status <> 'open' and k.id not in (c.vehicle_id, c.other_vehicle_id))
  )
$$;

create or replace function private.bring_back_vehicle(m public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
declare
  o public.vehicles := jsonb_populate_record(null::public.vehicles, m.merged_vehicle);
begin
  perform set_config('vehicles.addresses', 'of its listings', true); -- which come to it below
  insert into public.vehicles (
    id, year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description,
    description_source, discovery_url, listing_url, bat_auction_url, origin_metadata, field_state, listing_ended_at,
    created_at)
  values (
    o.id, o.year, o.make, o.model, o.trim, o.vin, o.mileage, o.color, o.interior_color, o.engine, o.transmission,
    o.drivetrain, o.body_style, o.sale_price, o.high_bid, o.asking_price, o.currency, o.sale_status, o.sale_date,
    o.seller_name, o.location, o.description, o.description_source, o.discovery_url, o.listing_url,
    o.bat_auction_url, o.origin_metadata, o.field_state, o.listing_ended_at, o.created_at);
  update public.vehicle_listings set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and id = any (private.listings_brought(m));
  perform set_config('vehicles.addresses', '', true);
  perform private.add_listings(array[o.id]);

  -- Under their ids, by which a merge into this vehicle knows them.
  insert into public.extraction_metadata (
    id, vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at, reviewed_at, reviewed_by,
    review_note)
  overriding system value
  select t.id, t.vehicle_id, t.field_name, t.field_value, t.previous_value, t.extraction_method, t.scraper_version,
    t.confidence_score, t.validation_status, t.evidence, t.source_url, t.snapshot_id, t.extracted_at,
    t.last_confirmed_at, t.reviewed_at, t.reviewed_by, t.review_note
  from jsonb_populate_recordset(null::public.extraction_metadata, m.before -> 'metadata') t
  on conflict do nothing;

  update public.auction_events set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and (m.before -> 'auctions' ? id::text or source_url = o.canonical_url);
  update public.scrape_steps set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and m.before -> 'steps' ? id::text;
  update public.import_queue set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and (m.before -> 'imports' ? id::text or canonical_url = o.canonical_url);
  insert into public.remembered_addresses as held
  select r.* from jsonb_populate_recordset(null::public.remembered_addresses, m.before -> 'addresses') r
  on conflict (canonical_url) do update
  set vehicle_id = excluded.vehicle_id, former_vehicle_id = excluded.former_vehicle_id;
  insert into public.vehicle_merge_candidates as held
  select c.*
  from jsonb_populate_recordset(null::public.vehicle_merge_candidates, m.before -> 'pairs') c
  where exists (
    select from public.vehicles v where v.id in (c.vehicle_id, c.other_vehicle_id) and v.id <> o.id)
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
end
$$;

create or replace function private.check_shared_vins(p_limit integer default 2000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ids bigint[];
  v_keys text[];
  v_done integer := 0;
begin
  v_ids := array(select id from private.vins_to_check order by id limit p_limit for update skip locked);
  if v_ids = '{}' then
    return 0;
  end if;
  v_keys := array(select distinct vin_key from private.vins_to_check where id = any (v_ids));

  -- A VIN of which only a few vehicles are left is an ordinary one.
  delete from public.suspect_vins s
  where s.vin_key = any (v_keys)
    and s.status = 'suspect'
    and (select count(*) from private.vehicles_of_vins(array[s.vin_key])) <= private.most_of_a_vin();
  perform private.note_shared_vins(v_keys);

  v_done := private.take_back_joins(v_keys, p_limit / 20)
    + private.drop_pairs_of_suspect_vins(v_keys, p_limit * 5)
    + private.rescore_vins(v_keys, p_limit);
  if v_done = 0 then -- else there may be more
    delete from private.vins_to_check where id = any (v_ids);
  end if;
  return v_done;
end
$$;

create or replace function private.contradictions(a public.vehicles, b public.vehicles) returns integer
language sql stable
set search_path = ''
as $$
  select private.shares_no_word(a.model, b.model)::integer
    + private.shares_no_word(a.color, b.color)::integer
    + case
      when d.days < 0 then private.is_odd_mileage(b.mileage, a.mileage, d.days)
      else private.is_odd_mileage(a.mileage, b.mileage, d.days)
    end::integer
  from (
    select coalesce(extract(epoch from
      (b.field_state -> 'mileage' ->> 'page_at')::timestamptz - (a.field_state -> 'mileage' ->> 'page_at')::timestamptz
    ) / 86400, 0) as days
  ) d
$$;

create or replace function private.current_listing(p_vehicle_ids uuid[]) returns bigint
language sql stable
set search_path = ''
as $$
  with listing as (
    select l.*, l.kind = 'auction' as is_auction
    from public.vehicle_listings l
    where l.vehicle_id = any (p_vehicle_ids)
  ),
  auction as (
    select id, ended_at, status
    from listing
    where is_auction and status <> 'unknown'
    order by coalesce(ended_at, 'infinity') desc, listed_at desc, id desc
    limit 1
  ),
  -- Those seen within two days of each other are seen as often: of them the newest, so that two offers of one
  -- car do not take turns.
  offer as (
    select o.id, o.first_seen_at
    from listing o
    where o.status = 'for_sale'
      and o.last_seen_at >= (select max(s.last_seen_at) from listing s where s.status = 'for_sale') - interval '2 days'
    order by o.listed_at desc, o.id desc
    limit 1
  )
  select l.id
  from listing l
  left join auction a on true
  left join offer o on true
  order by
    -- A car that is for sale a week after its auction has a new owner who sells it.
    l.id = o.id and (a.id is null or o.first_seen_at > a.ended_at + interval '7 days') desc nulls last,
    l.id = a.id desc nulls last,
    l.ended_at desc nulls last,
    l.listed_at desc,
    l.id desc
  limit 1
$$;

create or replace function private.evidence_of_candidate(a public.vehicles, b public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_object_agg(f, jsonb_build_array(to_jsonb(a) -> f, to_jsonb(b) -> f)) || jsonb_build_object(
    'check_digit_is_right', private.has_check_digit(a.vin) and a.vin = b.vin,
    'confidence_of_vin', jsonb_build_array(
      private.field_confidence(a.field_state, 'vin'), private.field_confidence(b.field_state, 'vin')))
  from unnest(array[
    'vin', 'year', 'make', 'model', 'trim', 'mileage', 'color', 'seller_name', 'location', 'sale_status', 'listing_url'
  ]) f
$$;

create or replace function private.facts_to_take(k public.vehicles, o public.vehicles, p_order text, p_fields text[])
returns text[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(k);
  v_given jsonb := to_jsonb(o);
begin
  -- Two prices in two currencies are two offers, of which nobody knows the later: they are not mixed.
  if p_order is null and k.currency <> o.currency then
    p_order := 'unknown';
  end if;
  return array(
    select f
    from unnest(p_fields) f
    where case
      when coalesce(k.field_state -> f ->> 'method', '') like 'manual%' then false
      when p_order = 'later' and f = any (private.sale_columns()) then
        v_given -> f is distinct from v_held -> f
          -- The same sum, of another offer.
          or (v_given ->> f is not null and o.field_state -> f is distinct from k.field_state -> f)
      when v_given ->> f is null or private.is_rejected(f, k.field_state -> f, v_given ->> f) then false
      when o.field_state -> f ->> 'method' like 'manual%' then true -- a person's word against a page's
      when p_order is not null and f = any (private.sale_columns()) then false
      else private.merge_decision(
        f, v_held ->> f, k.field_state -> f, v_given ->> f,
        coalesce((o.field_state -> f ->> 'confidence')::numeric, 0.5), coalesce(o.field_state -> f ->> 'method', 'unknown'),
        o.field_state -> f ->> 'version', o.field_state -> f ->> 'source', (o.field_state -> f ->> 'page_at')::timestamptz
      ) in ('filled', 'replaced')
    end
  );
end
$$;

create or replace function private.follow_listing(p_vehicle_id uuid, p_listing_id bigint, p_if_newer boolean default false) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  l public.vehicle_listings;
begin
  select * into v from public.vehicles where id = p_vehicle_id;
  select * into l from public.vehicle_listings where id = p_listing_id;
  if l.id is null
    or (
      private.listing_that_is_followed(v) is not distinct from l.id
      and not (p_if_newer and coalesce(l.page_at > private.page_that_is_followed(v), false))
    )
  then
    return '{}';
  end if;
  return private.apply_facts(v, jsonb_build_object(
    'source_url', l.listing_url,
    'outcome', 'ok',
    'page_at', coalesce(l.page_at, l.last_seen_at),
    'method', coalesce(l.offer ->> 'method', 'unknown'),
    'scraper_version', l.offer -> 'scraper_version',
    'facts', private.offer_still_made(l),
    'listing_id', l.id,
    'takes_over', true));
end
$$;

create or replace function private.give_back_addresses(k public.vehicles, m public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from public.remembered_addresses where former_vehicle_id = m.merged_vehicle_id and vehicle_id = k.id;
  delete from public.remembered_addresses where canonical_url = m.merged_vehicle ->> 'canonical_url' and vehicle_id = k.id;
  perform private.sync_addresses(k.id, private.listings_brought(m));
  update public.vehicles
  set listing_ended_at = (m.before -> 'kept' ->> 'listing_ended_at')::timestamptz
  where id = k.id
    and listing_url = m.before -> 'kept' ->> 'listing_url'
    and k.listing_url is distinct from listing_url;
end
$$;

create or replace function private.give_back_facts(
  k public.vehicles, m public.vehicle_merges, p_later public.vehicle_merges[], p_urls jsonb
) returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_taken_later text[] := array(select distinct f from unnest(p_later) l, unnest(l.fields_taken) f);
  v_listings bigint[] := private.listings_brought(m);
  v_fields text[] := array(
    select f
    from unnest(m.fields_taken) f
    where f <> all (v_taken_later) and private.is_as_given(f, to_jsonb(k), m.merged_vehicle)
    union
    -- What was read since from a listing that leaves.
    select f
    from unnest(private.fact_columns()) f
    where f <> all (v_taken_later) and (k.field_state -> f ->> 'listing')::bigint = any (v_listings));
  v_row jsonb := private.with_facts(to_jsonb(k), m.before -> 'kept', v_fields);
begin
  if v_row <> to_jsonb(k) then
    perform private.write_facts(k.id, v_row);
  end if;
  if p_urls <> '[]' then
    update public.vehicles
    set origin_metadata = private.without_image_urls(origin_metadata, p_urls, m.before -> 'kept' -> 'origin_metadata')
    where id = k.id;
  end if;
  return v_fields;
end
$$;

create or replace function private.give_back_provenance(p_keep uuid, p_before jsonb, p_later public.vehicle_merges[], p_fields text[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- What was read since from a listing that leaves is read anew for the vehicle that it goes to.
  delete from public.extraction_metadata m
  using public.vehicle_listings l
  where m.vehicle_id = p_keep
    and not p_before -> 'kept_metadata' ? m.id::text
    and l.vehicle_id = p_keep
    and p_before -> 'listings' @> to_jsonb(l.id)
    and public.canonical_listing_url(m.source_url) = l.canonical_url
    and m.extracted_at > l.first_seen_at
    and not exists (
      select from private.provenance_brought(p_keep, p_before) b where b.id = m.id);
  -- A row that a later merge brought, too, is that one's from now on.
  with brought as materialized (
    select b.* from private.provenance_brought(p_keep, p_before) b
  ),
  shared as materialized (
    select distinct on (b.id) b.id as held_id, t.*
    from unnest(p_later) l
    cross join lateral jsonb_populate_recordset(null::public.extraction_metadata, l.before -> 'metadata') t
    join brought b
      on b.field_name = t.field_name
      and b.value_hash = t.value_hash
      and b.extraction_method = t.extraction_method
      and b.scraper_version is not distinct from t.scraper_version
    order by b.id, l.number
  ),
  passed_on as (
    update public.extraction_metadata m
    set field_value = s.field_value, previous_value = s.previous_value, confidence_score = s.confidence_score,
        evidence = s.evidence, source_url = s.source_url, snapshot_id = s.snapshot_id,
        extracted_at = s.extracted_at, last_confirmed_at = s.last_confirmed_at
    from shared s
    where m.id = s.held_id
  )
  delete from public.extraction_metadata m
  using brought b
  where m.id = b.id and not exists (select from shared s where s.held_id = b.id);

  update public.extraction_metadata m
  set validation_status = h.value
  from jsonb_each_text(p_before -> 'kept_metadata') h
  where m.id = h.key::bigint
    and m.vehicle_id = p_keep
    and m.field_name = any (p_fields)
    and m.validation_status in ('superseded', 'accepted')
    and m.validation_status <> h.value;
end
$$;

create or replace function private.held_offer(v public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object('facts', coalesce(jsonb_object_agg(s.f, jsonb_build_object(
    'value', to_jsonb(v) -> s.f,
    'confidence', private.field_confidence(v.field_state, s.f),
    'method', coalesce(v.field_state -> s.f ->> 'method', 'unknown'))), '{}'))
  from unnest(private.sale_columns()) s(f)
  where to_jsonb(v) ->> s.f is not null
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
  v_same record;
  v_joined boolean := false; -- the car was here, by another listing
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
      'created', false, 'joined', false, 'relisting', false, 'state', v_state);
  end if;

  perform set_config('vehicles.importing', 'on', true);
  if v_id is null then
    insert into public.vehicles (discovery_url) values (btrim(v_url)) returning id into v_id;
    v_created := true;
  end if;

  v_result := private.apply_one((p_item - 'request') || jsonb_build_object('vehicle_id', v_id));
  if v_created and v_result -> 'step_errors' ? 'extract_data' then
    -- A vehicle of which nothing could be written is none: the attempt is made again.
    raise exception '%', v_result -> 'step_errors' ->> 'extract_data'; -- its caller says what that means
  end if;
  if v_created then
    v_same := private.same_car(v_id);
    if v_same.vehicle_id is not null and private.join_vehicles(v_same.vehicle_id, v_id, v_same.why) then
      v_id := v_same.vehicle_id;
      v_created := false;
      v_joined := true;
      -- Its newest page is this one, and was read just now.
      perform private.settle_related_work(
        v, p_item - 'request', v_result ->> 'outcome', true,
        case when p_item -> 'auction' ->> 'outcome' = 'live' then (p_item -> 'auction' ->> 'ends_at')::timestamptz end)
      from public.vehicles v
      where v.id = v_id;
    end if;
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
    where v.id = v_id and v.listing_url = v.bat_auction_url
    on conflict (vehicle_id) do nothing;
  elsif v_created or v_joined then -- without bids and comments: they are still to be read
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, reason)
    select v.id, v.bat_auction_url, 100, 'new'
    from public.vehicles v
    where v.id = v_id and v.listing_url = v.bat_auction_url
    on conflict (vehicle_id) do update
    set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new'
    where held.status <> 'processing';
  end if;
  perform set_config('vehicles.importing', '', true);

  return v_result || jsonb_build_object(
      'created', v_created, 'joined', v_joined, 'relisting', v_joined and jsonb_typeof(p_item -> 'auction') = 'object',
      'vehicle_id', v_id)
    || case when v_queued then jsonb_build_object('state', v_state) else '{}' end;
end
$$;

create or replace function private.is_known_apart(p_one uuid, p_other uuid) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from public.vehicle_merge_candidates c
    where c.vehicle_id = least(p_one, p_other)
      and c.other_vehicle_id = greatest(p_one, p_other)
      and c.status = 'different_vehicles'
  ) or exists (
    -- One car is not in two auctions at once. Seven days where a page gives only the end.
    select
    from public.auction_events a
    join public.auction_events b on b.vehicle_id = p_other
    where a.vehicle_id = p_one
      and coalesce(
        (coalesce(a.starts_at, a.ends_at - interval '7 days'), a.ends_at)
          overlaps (coalesce(b.starts_at, b.ends_at - interval '7 days'), b.ends_at),
        true)
  ) or exists (
    select
    from public.vehicle_listings a
    join public.vehicle_listings b on b.vehicle_id = p_other
    where a.vehicle_id = p_one and private.are_two_offers(a, b)
  )
$$;

create or replace function private.is_odd_mileage(p_earlier numeric, p_later numeric, p_days numeric) returns boolean
language sql immutable parallel safe
return coalesce(
  p_later < 0.9 * p_earlier - 500 or p_later > 1.1 * p_earlier + 500 + 150 * abs(p_days), false);

create or replace function private.join_proven_vehicles(p_limit integer default 200) returns integer
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  c record;
  v_joined integer := 0;
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
    begin -- a pair on its own: one that cannot be joined now holds up no other
      if c.why is not null
        and private.join_vehicles(
          case when c.first_is_older then (c.one).id else (c.other).id end,
          case when c.first_is_older then (c.other).id else (c.one).id end, c.why)
      then
        v_joined := v_joined + 1;
        continue;
      end if;
    exception when lock_not_available or deadlock_detected or object_in_use then
      null; -- somebody writes one of them: the next run comes back to it
    end;
    update public.vehicle_merge_candidates
    set score = private.likeness_of_vehicles(c.one, c.other),
        evidence = private.evidence_of_candidate(c.one, c.other),
        assessed_at = case when c.why is null then now() end
    where id = c.id;
  end loop;
  return v_joined;
end
$$;

create or replace function private.join_vehicles(p_keep uuid, p_other uuid, p_why text) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if private.is_leased(p_keep) or private.is_leased(p_other) then
    return false; -- a worker reads one of them now
  end if;
  perform set_config('vehicles.merged_by_itself', 'on', true);
  perform public.merge_vehicles(p_keep, p_other, p_why);
  perform set_config('vehicles.merged_by_itself', '', true);
  return true;
end
$$;

create or replace function private.listing_kind(p_host text, p_is_auction boolean) returns text
language sql stable
set search_path = ''
as $$
  select case
    when p_is_auction then 'auction'
    else coalesce((
      select s.kind from public.scrape_sources s where p_host = any (s.hosts) and s.kind <> 'general' limit 1
    ), case when private.is_auction_host(p_host) then 'auction' else 'dealer' end)
  end
$$;

create or replace function private.listing_likeness(p_seller text, p_title text, p_mileage integer) returns text
language sql immutable parallel safe
return md5(lower(nullif(btrim(p_seller), '')) || e'\n' || lower(nullif(btrim(p_title), '')) || e'\n' || p_mileage);

create or replace function private.listing_price(
  p_status text, p_sale_price numeric, p_high_bid numeric, p_asking_price numeric
) returns numeric
language sql immutable parallel safe
return case
  when p_status = 'sold' then p_sale_price
  when p_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then p_high_bid
  else coalesce(p_asking_price, p_high_bid)
end;

create or replace function private.listing_that_is_followed(v public.vehicles) returns bigint
language sql immutable parallel safe
return coalesce(
  v.field_state -> 'sale_status' ->> 'listing',
  v.field_state -> 'asking_price' ->> 'listing',
  v.field_state -> 'high_bid' ->> 'listing',
  v.field_state -> 'sale_price' ->> 'listing')::bigint;

create or replace function private.listings_brought(m public.vehicle_merges) returns bigint[]
language sql stable
set search_path = ''
as $$
  select array(
    select l.id
    from public.vehicle_listings l
    where l.vehicle_id = m.kept_vehicle_id
      and (m.before -> 'listings' @> to_jsonb(l.id) or l.canonical_url = m.merged_vehicle ->> 'canonical_url'))
$$;

create or replace function private.merge_again(p_keep uuid, l public.vehicle_merges, p_fields text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  k public.vehicles;
  o public.vehicles := jsonb_populate_record(null::public.vehicles, l.merged_vehicle);
  v_order text;
  v_taken text[];
begin
  select * into k from public.vehicles where id = p_keep;
  v_order := case
    when l.before -> 'listings' @> to_jsonb(private.current_listing(array[k.id])) then 'later'
    when l.before ->> 'order' is not null then 'earlier'
  end;

  v_taken := private.facts_to_take(k, o, v_order, p_fields);
  if v_taken <> '{}' then
    perform private.write_facts(k.id, private.with_facts(to_jsonb(k), l.merged_vehicle, v_taken));
  end if;
  l.before := l.before || jsonb_build_object(
    'kept', private.with_facts(l.before -> 'kept', to_jsonb(k), v_taken),
    'kept_metadata', (l.before -> 'kept_metadata') || (
      select coalesce(jsonb_object_agg(r.id, r.validation_status), '{}')
      from public.extraction_metadata r
      where r.vehicle_id = k.id and r.field_name = any (p_fields) and l.before -> 'kept_metadata' ? r.id::text));
  perform private.take_provenance(k, l.before, v_taken, p_fields);
  l.before := l.before || jsonb_build_object(
    'kept_downloads', coalesce(l.before -> 'kept_downloads', '[]') || private.take_images(k.id, l.before));
  l.before := l.before || jsonb_build_object('order', v_order);
  update public.vehicle_merges
  set before = l.before, fields_taken = fields_taken || v_taken
  where id = l.id;
end
$$;

create or replace function private.merge_without(
  l public.vehicle_merges, m public.vehicle_merges, p_fields text[], p_urls jsonb, p_rows text[]
) returns public.vehicle_merges
language plpgsql stable
set search_path = ''
as $$
declare
  v_fields text[] := array(
    select f
    from unnest(p_fields) f
    where f = any (l.fields_taken) and private.is_as_given(f, l.before -> 'kept', m.merged_vehicle));
  v_kept jsonb := private.with_facts(l.before -> 'kept', m.before -> 'kept', v_fields);
begin
  v_kept := v_kept || jsonb_build_object('origin_metadata', private.without_image_urls(
    v_kept -> 'origin_metadata', p_urls, m.before -> 'kept' -> 'origin_metadata'));
  if v_kept -> 'listing_url' = m.merged_vehicle -> 'listing_url' then
    v_kept := v_kept || jsonb_build_object(
      'listing_url', m.before -> 'kept' -> 'listing_url', 'listing_ended_at', m.before -> 'kept' -> 'listing_ended_at');
  end if;
  l.before := l.before || jsonb_build_object(
    'kept', v_kept,
    'kept_urls', (l.before -> 'kept_urls') - array(select jsonb_array_elements_text(p_urls)),
    'kept_metadata', ((l.before -> 'kept_metadata') - p_rows) || (
      select coalesce(jsonb_object_agg(h.key, h.value), '{}')
      from jsonb_each(m.before -> 'kept_metadata') h
      join public.extraction_metadata r on r.id = h.key::bigint
      where r.field_name = any (v_fields) and l.before -> 'kept_metadata' ? h.key));
  return l;
end
$$;

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
      'held', jsonb_strip_nulls(jsonb_build_object(
        'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim, 'vin', v.vin,
        'mileage', v.mileage, 'color', v.color, 'interior_color', v.interior_color,
        'engine', v.engine, 'transmission', v.transmission, 'drivetrain', v.drivetrain,
        'body_style', v.body_style, 'sale_price', v.sale_price, 'high_bid', v.high_bid,
        'asking_price', v.asking_price, 'currency', v.currency, 'sale_status', v.sale_status,
        'sale_date', v.sale_date, 'seller_name', v.seller_name, 'location', v.location,
        'description', v.description
      )),
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

create or replace function private.note_listing(v public.vehicles, p_item jsonb, p_outcome text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_auction jsonb := case when jsonb_typeof(p_item -> 'auction') = 'object' then p_item -> 'auction' else '{}' end;
  b public.vehicle_listings;
  l public.vehicle_listings;
begin
  select * into b from public.vehicle_listings where canonical_url = v_url for no key update;
  if not found and v_url is not null then
    perform private.add_listings(array[v.id]); -- a vehicle of before there were listings
    select * into b from public.vehicle_listings where canonical_url = v_url for no key update;
  end if;
  if b.id is null or b.vehicle_id <> v.id then
    return null;
  elsif p_outcome not in ('ok', 'not_modified', 'gone', 'invalid') or v_at < b.page_at then
    return b.id; -- nothing was seen, or only what was there before
  end if;

  l := b;
  l.page_at := v_at;
  if p_outcome in ('ok', 'not_modified') then
    l.last_seen_at := greatest(b.last_seen_at, v_at);
    l.offer := private.offer_of(p_item, b.offer);
    l.kind := case when v_auction <> '{}' then 'auction' else b.kind end;
    l.seller := coalesce(v_auction ->> 'seller', private.sure_value(v_facts, 'seller_name'), b.seller);
    l.mileage := coalesce(private.sure_value(v_facts, 'mileage')::integer, b.mileage);
    l.title := coalesce(b.title, nullif(concat_ws(' ',
      private.sure_value(v_facts, 'year'), private.sure_value(v_facts, 'make'),
      private.sure_value(v_facts, 'model'), private.sure_value(v_facts, 'trim')), ''));
    l.listed_at := coalesce(
      (v_auction ->> 'starts_at')::timestamptz, (v_auction ->> 'ends_at')::timestamptz - interval '7 days', b.listed_at);
    l.likeness := private.listing_likeness(l.seller, l.title, l.mileage);
  end if;
  l.status := private.read_listing_status(b, p_item, p_outcome);
  if p_outcome = 'invalid' then
    l.status := case when b.ended_at is null then 'removed' else b.status end;
  elsif v_auction <> '{}' or v_facts ?| private.sale_columns() then
    l.price := private.listing_price(
      l.status,
      coalesce((v_auction ->> 'sale_price')::numeric, private.sure_value(v_facts, 'sale_price')::numeric),
      coalesce((v_auction ->> 'high_bid')::numeric, private.sure_value(v_facts, 'high_bid')::numeric),
      private.sure_value(v_facts, 'asking_price')::numeric);
    l.currency := coalesce(v_auction ->> 'currency', private.sure_value(v_facts, 'currency'), b.currency);
  end if;
  if l.status in ('for_sale', 'live', 'unknown') then
    l.ended_at := null;
    l.ended_because := null;
  elsif l.status <> b.status then
    l.ended_at := coalesce((v_auction ->> 'ends_at')::timestamptz, v_at);
    l.ended_because := case
      when p_outcome = 'invalid' then coalesce(p_item ->> 'error', 'another vehicle stands there now')
      when p_outcome = 'gone' then 'the listing was removed: ' || coalesce(p_item ->> 'error', 'gone')
      else l.status
    end;
  end if;

  update public.vehicle_listings
  set page_at = l.page_at, last_seen_at = l.last_seen_at, offer = l.offer, kind = l.kind, seller = l.seller,
      mileage = l.mileage, title = l.title, listed_at = l.listed_at, likeness = l.likeness, status = l.status,
      price = l.price, currency = l.currency, ended_at = l.ended_at, ended_because = l.ended_because
  where id = l.id;
  if l.likeness is distinct from b.likeness and l.likeness is not null then
    perform private.pair_alike_listings(l);
  end if;
  perform private.note_listing_events(b, l, v_at, private.as_uuid(p_item ->> 'snapshot_id'));
  return l.id;
end
$$;

create or replace function private.note_listing_events(
  p_before public.vehicle_listings, p_after public.vehicle_listings, p_at timestamptz, p_snapshot uuid
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_first boolean := p_before.page_at is null and p_after.page_at is not null;
begin
  insert into public.listing_events
    (listing_id, event, at, status_from, status_to, price_from, price_to, currency, snapshot_id)
  select p_after.id, e.event, p_at, e.status_from, p_after.status, e.price_from, p_after.price, p_after.currency, p_snapshot
  from (
    select 'seen' as event, null as status_from, null::numeric as price_from
    where v_first
    union all
    select
      case
        when p_after.status in ('sold', 'removed') then p_after.status
        when p_before.ended_at is not null and p_after.ended_at is null then 'relisted'
        else 'status_changed'
      end,
      p_before.status, p_before.price
    where p_after.status <> p_before.status
      and (not v_first or p_before.status <> 'unknown')
      and not (v_first and p_after.status = 'sold')
    union all
    select 'price_changed', p_before.status, p_before.price
    where not v_first
      and p_after.price is distinct from p_before.price
      and p_after.price is not null
      and p_after.status = p_before.status
  ) e;
end
$$;

create or replace function private.offer_of(p_item jsonb, p_held jsonb) returns jsonb
language sql immutable parallel safe
return case
  when not coalesce(p_item -> 'facts', '{}') ?| private.sale_columns() then coalesce(p_held, '{}')
  else jsonb_build_object(
    'facts', (
      select jsonb_object_agg(f.key, f.value - 'evidence' - 'way')
      from jsonb_each(p_item -> 'facts') f
      where f.key = any (private.sale_columns())),
    'method', p_item -> 'method',
    'scraper_version', p_item -> 'scraper_version')
end;

create or replace function private.offer_still_made(l public.vehicle_listings) returns jsonb
language sql immutable parallel safe
return case
  -- Its page said "for sale" before it was removed.
  when l.status = 'removed' then coalesce(l.offer -> 'facts', '{}') - 'sale_status'
  else coalesce(l.offer -> 'facts', '{}')
end;

create or replace function private.on_vehicle_deleted() returns trigger
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
as $$
declare
  v_kept uuid := nullif(current_setting('vehicles.merged_into', true), '')::uuid;
  v_reason text := coalesce(nullif(current_setting('vehicles.reason', true), ''), 'deleted by hand');
  v_title text := nullif(concat_ws(' ', old.year, old.make, old.model), '');
  v_addresses text[] := array(
    select old.canonical_url where old.canonical_url is not null
    union
    select l.canonical_url from public.vehicle_listings l where l.vehicle_id = old.id
    union
    select e.source_url from public.auction_events e where e.vehicle_id = old.id
    union
    select q.canonical_url from public.import_queue q where q.vehicle_id = old.id
    union
    select r.canonical_url from public.remembered_addresses r where r.vehicle_id = old.id and v_kept is null
  );
begin
  -- Those that it has from merges of its own go along, and stay what unmerge_vehicle() takes back.
  update public.remembered_addresses set vehicle_id = v_kept where vehicle_id = old.id and v_kept is not null;
  perform private.remember_addresses(v_addresses, old.id, v_kept, v_title, v_reason);
  if v_kept is null then
    perform private.forget_pages(v_addresses);
    -- Also the row of a worker: it loses its lease, and what it has read makes no vehicle; and one that could be
    -- tried again.
    delete from public.import_queue
    where canonical_url = any (v_addresses) and status in ('pending', 'processing', 'failed');
    -- The copies that merges keep, to be taken back: its own, and of those that went into one that went into it.
    with recursive held as (
      select old.id
      union
      select m.merged_vehicle_id
      from held h
      join public.vehicle_merges m on m.kept_vehicle_id = h.id and m.unmerged_at is null
    )
    delete from public.vehicle_merges m
    using held h
    where m.kept_vehicle_id = h.id or (m.merged_vehicle_id = h.id and h.id = old.id);
  end if;
  return old;
end
$$;

create or replace function private.order_of_offers(k public.vehicles, o public.vehicles) returns text
language sql stable
set search_path = ''
as $$
  select case
    when l.of_other then 'later'
    when l.id is not null
      and exists (select from public.vehicle_listings where vehicle_id = k.id)
      and exists (select from public.vehicle_listings where vehicle_id = o.id) then 'earlier'
  end
  from (select private.current_listing(array[k.id, o.id]) as id) c
  left join lateral (
    select w.id, w.vehicle_id = o.id as of_other from public.vehicle_listings w where w.id = c.id
  ) l on true
$$;

create or replace function private.page_that_is_followed(v public.vehicles) returns timestamptz
language sql stable
set search_path = ''
return (
  select max((v.field_state -> f ->> 'page_at')::timestamptz) from unnest(private.sale_columns()) f
);

create or replace function private.pair_alike_listings(p_listing public.vehicle_listings) returns void
language sql
set search_path = ''
as $$
  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
  select distinct least(p_listing.vehicle_id, o.vehicle_id), greatest(p_listing.vehicle_id, o.vehicle_id), ''
  from (
    select l.vehicle_id, count(*) over () as listings
    from (
      select l.vehicle_id
      from public.vehicle_listings l
      where l.likeness = p_listing.likeness and l.vehicle_id <> p_listing.vehicle_id
      limit private.most_of_a_vin() + 1
    ) l
  ) o
  where o.listings <= private.most_of_a_vin() -- else it is what this seller calls all his cars
  order by 1, 2
  on conflict (vehicle_id, other_vehicle_id) do nothing
$$;

create or replace function private.proof_of_same_car(a public.vehicles, b public.vehicles) returns text
language sql stable
set search_path = ''
as $$
  select format(
    'VIN %s (%s), %s %s, on %s and on %s',
    a.vin,
    case when private.has_check_digit(a.vin) then 'its check digit is right' else 'both pages are sure of it' end,
    a.year, a.make, private.url_host(a.listing_url), private.url_host(b.listing_url))
  where private.is_vin(a.vin)
    and a.vin = b.vin
    and a.year = b.year
    and lower(a.make) = lower(b.make)
    and least(
      private.field_confidence(a.field_state, 'vin'), private.field_confidence(b.field_state, 'vin'),
      private.field_confidence(a.field_state, 'year'), private.field_confidence(b.field_state, 'year'),
      private.field_confidence(a.field_state, 'make'), private.field_confidence(b.field_state, 'make')) >= 0.5
    and (
      private.has_check_digit(a.vin)
      or least(private.field_confidence(a.field_state, 'vin'), private.field_confidence(b.field_state, 'vin')) >= 0.9
    )
    and private.contradictions(a, b) < case when lower(a.seller_name) = lower(b.seller_name) then 1 else 2 end
    and not private.is_suspect_vin(a.vin, null)
    and not private.is_known_apart(a.id, b.id)
$$;

create or replace function private.queue_moved_bat_listing() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if coalesce(current_setting('vehicles.importing', true), '') = 'on' then
    return null;
  elsif new.listing_url is distinct from new.bat_auction_url then
    delete from public.bat_extraction_queue where vehicle_id = new.id and new.bat_auction_url is null;
    return null;
  end if;
  -- Also the row of a worker: it loses its lease, since what it reads is the listing that the vehicle has left.
  insert into public.bat_extraction_queue (vehicle_id, bat_url, priority, reason)
  values (new.id, new.bat_auction_url, 100, 'new')
  on conflict (vehicle_id) do update
  set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new';
  return null;
end
$$;

create or replace function private.queue_new_bat_listings() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- An import has read the page already: import_listings() writes the row that says so.
  if coalesce(current_setting('vehicles.importing', true), '') <> 'on' then
    insert into public.bat_extraction_queue (vehicle_id, bat_url, priority, reason)
    select id, bat_auction_url, 100, 'new'
    from added
    where listing_url = bat_auction_url
    order by id
    on conflict (vehicle_id) do nothing;
  end if;
  return null;
end
$$;

create or replace function private.refuse_listing_of_another() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  l record;
begin
  if current_setting('vehicles.addresses', true) = 'of its listings' then
    return null;
  end if;
  select a.canonical_url, a.vehicle_id, c.id into l
  from changed c
  cross join lateral (
    values
      (public.canonical_listing_url(c.discovery_url)),
      (public.canonical_listing_url(c.listing_url)),
      (public.canonical_listing_url(c.bat_auction_url))
  ) u(url)
  join public.vehicle_listings a on a.canonical_url = u.url and a.vehicle_id <> c.id
  limit 1;
  if found then
    raise exception 'the listing % is vehicle %', l.canonical_url, l.vehicle_id using
      errcode = '23505',
      hint = format('Look at that vehicle: select * from vehicle_listings where vehicle_id = %L;', l.vehicle_id);
  end if;
  perform private.add_listings(array(select id from changed));
  return null;
end
$$;

create or replace function private.same_car(p_vehicle_id uuid, out vehicle_id uuid, out why text)
language plpgsql stable
set search_path = ''
as $$
declare
  v public.vehicles;
begin
  select * into v from public.vehicles where id = p_vehicle_id;
  if not private.is_vin(v.vin) then
    return;
  end if;
  select o.id, w.why into vehicle_id, why
  from private.vehicles_of_vins(array[v.vin]) i
  join public.vehicles o on o.id = i.id
  cross join lateral private.why_same_car(o, v) w(why)
  where o.id <> v.id and w.why is not null
  order by o.created_at, o.id
  limit 1;
end
$$;

create or replace function private.settle_related_work(
  v public.vehicles, p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
declare
  s public.micro_scrape_state;
  v_page_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_hash text := p_item ->> 'extraction_hash';
  v_read boolean := p_outcome in ('ok', 'not_modified') and v_hash is not null;
  v_whole boolean := v_read and p_item ? 'facts' and p_item ? 'images'
    and v_page_at > now() - interval '1 hour';
begin
  if public.canonical_listing_url(p_item ->> 'source_url') is distinct from public.canonical_listing_url(v.listing_url) then
    return; -- another listing than the one that a pass reads
  end if;

  -- A page that was read whole just now is the vehicle's pass, whoever read it: nobody fetches it again for that.
  select * into s from public.micro_scrape_state where vehicle_id = v.id;
  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' or s.state = 'leased' then
    null; -- who holds the lease settles it
  elsif p_outcome = 'gone' then
    update public.micro_scrape_state
    set state = 'ended', last_outcome = 'gone', last_error = p_item ->> 'error'
    where vehicle_id = v.id and state in ('due', 'waiting', 'exhausted', 'failed');
  elsif s.state in ('exhausted', 'ended') then
    -- Somebody else read something new from the page of an exhausted vehicle: it gets another chance.
    update public.micro_scrape_state
    set state = 'due', due_at = now(), no_gain_passes = 0, extraction_hash = v_hash
    where vehicle_id = v.id and v_read and extraction_hash is distinct from v_hash;
  elsif v_whole then
    perform private.settle_micro_scrape(
      v.id, p_outcome, p_closed_a_gap, v_hash, null, null, p_live_until,
      p_item ->> 'method', p_item ->> 'scraper_version');
  elsif v_read then
    update public.micro_scrape_state
    set extraction_hash = v_hash
    where vehicle_id = v.id and extraction_hash is distinct from v_hash;
  end if;

  -- The same for the row that waits to have the auction read, with its bids and comments.
  if p_outcome = 'gone' or (v_whole and p_item ? 'bids') then
    update public.bat_extraction_queue
    set status = case when p_outcome = 'gone' then 'failed' else 'complete' end,
        outcome_code = p_outcome,
        error_message = p_item ->> 'error',
        next_attempt_at = null,
        processed_at = now()
    where id in (
      select id
      from public.bat_extraction_queue
      where vehicle_id = v.id
        and status = 'pending'
        and updated_at <= v_page_at + interval '1 minute' -- asked for since: it is read again
      for update skip locked
    );
  end if;
end
$$;

create or replace function private.shares_no_word(p_one text, p_other text) returns boolean
language sql immutable parallel safe
return coalesce(not (
  select array_agg(w[1]) from regexp_matches(lower(p_one), '[[:alnum:]]{2,}', 'g') w
) && (
  select array_agg(w[1]) from regexp_matches(lower(p_other), '[[:alnum:]]{2,}', 'g') w
), false);

create or replace function private.snapshots_to_forget(p_after text, p_limit integer)
returns table (id uuid, storage_path text, canonical_url text, forget boolean)
language sql stable
set search_path = ''
as $$
  with portion as materialized (
    select s.id, s.canonical_url, s.storage_path, s.last_seen_at, s.is_good
    from public.page_snapshots s
    where s.canonical_url > p_after
    order by s.canonical_url, s.sha256
    limit p_limit
  ),
  -- A listing is decided on when all its pages are in sight.
  whole as (
    select p.*,
      row_number() over (partition by p.canonical_url order by p.last_seen_at desc, p.id) as place,
      row_number() over (partition by p.canonical_url, p.is_good order by p.last_seen_at desc, p.id) as place_of_its_kind
    from portion p
    where (select count(*) from portion) < p_limit
      or p.canonical_url < (select max(canonical_url) from portion)
  )
  select
    w.id, w.storage_path, w.canonical_url,
    not (w.is_good and w.place_of_its_kind = 1)
      and (w.place > policy.keep_most or w.last_seen_at < now() - policy.keep_for)
      and not exists (
        select
        from (
          select l.vehicle_id as id from public.vehicle_listings l where l.canonical_url = w.canonical_url
          union all
          select v.id from public.vehicles v where v.canonical_url = w.canonical_url
        ) v
        join public.extraction_metadata m on m.vehicle_id = v.id
        where m.snapshot_id = w.id
          and m.validation_status = 'accepted'
      )
  from whole w
  cross join private.snapshot_policy policy
$$;

create or replace function private.sure_value(p_facts jsonb, p_field text) returns text
language sql immutable parallel safe
return case when (p_facts -> p_field ->> 'confidence')::numeric >= 0.5 then p_facts -> p_field ->> 'value' end;

create or replace function private.read_listing_status(l public.vehicle_listings, p_item jsonb, p_outcome text) returns text
language sql immutable parallel safe
return case
  when p_outcome = 'gone' then
    case when l.status in ('for_sale', 'live', 'unknown') then 'removed' else l.status end
  when p_outcome = 'invalid' then l.status
  else coalesce(
    p_item -> 'auction' ->> 'outcome',
    private.sure_value(p_item -> 'facts', 'sale_status'),
    -- It stands there again and does not say how.
    case when l.status = 'removed' then coalesce(private.sure_value(l.offer -> 'facts', 'sale_status'), 'unknown') end,
    l.status)
end;

create or replace function private.sync_addresses(p_vehicle_id uuid, p_without bigint[] default '{}') returns void
language plpgsql
set search_path = ''
as $$
begin
  perform set_config('vehicles.addresses', 'of its listings', true);
  update public.vehicles v
  set discovery_url = a.first_found,
      listing_url = a.newest,
      bat_auction_url = a.newest_bat
  from (
    select
      (array_agg(l.listing_url order by l.first_seen_at, l.id))[1] as first_found,
      -- One that stands before one that is gone.
      (array_agg(l.listing_url order by l.status = 'removed', l.listed_at desc, l.id desc))[1] as newest,
      (array_agg(l.listing_url order by l.listed_at desc, l.id desc)
        filter (where l.source_host = 'bringatrailer.com'))[1] as newest_bat
    from public.vehicle_listings l
    where l.vehicle_id = p_vehicle_id and l.id <> all (p_without)
  ) a
  where v.id = p_vehicle_id
    and a.first_found is not null
    and (v.discovery_url, v.listing_url, v.bat_auction_url)
      is distinct from (a.first_found, a.newest, a.newest_bat);
  perform set_config('vehicles.addresses', '', true);
end
$$;

create or replace function private.sync_listing_urls() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_field text;
  v_url text;
  v_host text;
begin
  if tg_op = 'INSERT' and current_setting('vehicles.addresses', true) = 'of its listings' then
    return new; -- one that comes back with all of them
  elsif tg_op = 'UPDATE' and (
    current_setting('vehicles.addresses', true) = 'of its listings'
    or new.discovery_url is not null and old.discovery_url is distinct from old.listing_url
  ) then
    -- Its listings say them, or a person changes one of several.
    new.discovery_url := private.address_of_a_listing('discovery_url', new.discovery_url);
    new.listing_url := coalesce(private.address_of_a_listing('listing_url', new.listing_url), new.discovery_url);
    new.bat_auction_url := private.address_of_a_listing('bat_auction_url', new.bat_auction_url);
    if public.canonical_listing_url(new.listing_url) is distinct from public.canonical_listing_url(old.listing_url) then
      new.listing_ended_at := null; -- that was the other listing
    end if;
    return new;
  end if;
  if tg_op = 'INSERT' then
    v_field := case
      when private.is_blank(new.discovery_url) and private.is_blank(new.listing_url) then 'bat_auction_url'
      when private.is_blank(new.discovery_url) then 'listing_url'
      else 'discovery_url'
    end;
  elsif new.discovery_url is distinct from old.discovery_url then
    v_field := 'discovery_url';
  elsif new.listing_url is distinct from old.listing_url then
    v_field := 'listing_url';
  elsif new.discovery_url is null or (
    new.bat_auction_url is distinct from old.bat_auction_url
    and old.bat_auction_url = old.discovery_url
    and new.bat_auction_url <> ''
  ) then
    v_field := 'bat_auction_url';
  else
    v_field := 'discovery_url';
  end if;

  v_url := to_jsonb(new) ->> v_field;
  -- What was stored before addresses were looked at stays until somebody changes it.
  if tg_op = 'INSERT' or v_url is distinct from old.discovery_url then
    v_url := private.address_of_a_listing(v_field, v_url);
  end if;
  if tg_op = 'INSERT' or new.bat_auction_url is distinct from old.bat_auction_url then
    new.bat_auction_url := private.address_of_a_listing('bat_auction_url', new.bat_auction_url);
  end if;
  new.discovery_url := v_url;
  new.listing_url := v_url;
  v_host := private.url_host(new.discovery_url);
  if v_host = 'bringatrailer.com' then
    new.bat_auction_url := new.discovery_url;
  elsif tg_op = 'UPDATE' and new.bat_auction_url is not distinct from old.discovery_url then
    new.bat_auction_url := null;
  end if;
  if v_host <> '' and not new.origin_metadata ? 'source' then
    new.origin_metadata := new.origin_metadata || jsonb_build_object('source', v_host);
  end if;
  if tg_op = 'UPDATE'
    and public.canonical_listing_url(new.discovery_url) is distinct from old.canonical_url
  then
    new.listing_ended_at := null; -- that was the other listing
  end if;
  return new;
end
$$;

create or replace function private.take_back_joins(p_keys text[], p_limit integer) returns integer
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  m record;
  v_done integer := 0;
begin
  for m in
    select g.kept_vehicle_id, g.merged_vehicle_id
    from public.suspect_vins s
    join public.vehicle_merges g
      on g.merged_vehicle ->> 'vin' = s.vin and g.by_itself and g.unmerged_at is null
    where s.vin_key = any (p_keys) and s.status = 'suspect'
    order by g.number desc
    limit p_limit
  loop
    begin
      perform public.unmerge_vehicle(m.merged_vehicle_id);
      -- That they are two, nobody has said.
      delete from public.vehicle_merge_candidates
      where vehicle_id = least(m.kept_vehicle_id, m.merged_vehicle_id)
        and other_vehicle_id = greatest(m.kept_vehicle_id, m.merged_vehicle_id);
      v_done := v_done + 1;
    exception
    when lock_not_available or deadlock_detected or object_in_use then
      v_done := v_done + 1; -- somebody is at one of them: the next run comes back to it
    when object_not_in_prerequisite_state then
      null; -- a person has made it part of another since, and knows better
    end;
  end loop;
  return v_done;
end
$$;

create or replace function private.vehicle_of_listing(p_url text) returns uuid
language sql stable
set search_path = ''
as $$
  select coalesce(
    (select vehicle_id from public.vehicle_listings where canonical_url = public.canonical_listing_url(p_url)),
    (select id from public.vehicles where canonical_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.auction_events where source_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.import_queue where canonical_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.remembered_addresses where canonical_url = public.canonical_listing_url(p_url)))
$$;

create or replace function private.vehicle_with_vin_of(p_item jsonb) returns uuid
language sql stable
set search_path = ''
as $$
  select v.id
  from (select upper(p_item -> 'facts' -> 'vin' ->> 'value') as vin) f
  cross join lateral private.vehicles_of_vins(array[f.vin]) v
  join public.vehicles o on o.id = v.id
  where private.is_vin(f.vin) and not private.is_suspect_vin(f.vin, null)
  order by o.created_at, o.id
  limit 1
$$;

create or replace function private.vin_check_digit(p_vin text) returns text
language sql immutable parallel safe
return (
  select case w.rest when 10 then 'X' else w.rest::text end
  from (
    -- What each letter counts; I, O and Q are no letters of a VIN.
    select sum(
      translate(c.sign, 'ABCDEFGHJKLMNPRSTUVWXYZ', '12345678123457923456789')::integer
        * (array[8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])[c.place]) % 11 as rest
    from string_to_table(p_vin, null) with ordinality c(sign, place)
  ) w
);

create or replace function private.has_check_digit(p_vin text) returns boolean
language sql immutable parallel safe
return case when private.is_vin(p_vin) then substr(p_vin, 9, 1) = private.vin_check_digit(p_vin) else false end;

create or replace function private.likeness_of_vehicles(a public.vehicles, b public.vehicles) returns numeric
language sql immutable parallel safe
return greatest(0, round(
  case
    when a.vin = b.vin and private.has_check_digit(a.vin) then 0.95
    when a.vin = b.vin and private.is_vin(a.vin) then 0.85
    when a.vin = b.vin then 0.75 -- a chassis number, which each maker counted for itself
    when a.vin <> b.vin then 0.2
    else 0.6
  end
  - case
    when a.year = b.year or a.year is null or b.year is null then 0
    when abs(a.year - b.year) = 1 then 0.15 -- the year of the model, or in which it was made
    else 0.5
  end
  - case when lower(a.make) <> lower(b.make) then 0.4 else 0 end
  - case when lower(a.model) <> lower(b.model) then 0.1 else 0 end
  - case when abs(a.mileage - b.mileage) > 0.2 * greatest(a.mileage, b.mileage) then 0.05 else 0 end
, 2));

create or replace function private.why_same_car(a public.vehicles, b public.vehicles) returns text
language sql stable
set search_path = ''
as $$
  select p.proof
  from private.proof_of_same_car(a, b) p(proof)
  where p.proof is not null
    -- A third that is one of them and not the other leaves open which of them is what.
    and not exists (
      select
      from private.vehicles_of_vins(array[a.vin]) i
      join public.vehicles o on o.id = i.id
      where o.id not in (a.id, b.id)
        and (private.proof_of_same_car(a, o) is null) <> (private.proof_of_same_car(b, o) is null)
    )
$$;

create or replace function private.with_offer_of(p_result jsonb, p_offer jsonb) returns jsonb
language sql immutable parallel safe
return p_result || jsonb_build_object(
  'changes', (p_result -> 'changes') || coalesce(p_offer -> 'changes', '{}'),
  'rescore', coalesce((p_result ->> 'rescore')::boolean, false) or coalesce((p_offer ->> 'rescore')::boolean, false),
  'filled', (p_result -> 'filled') || coalesce(p_offer -> 'filled', '[]'),
  'corrected', (p_result -> 'corrected') || coalesce(p_offer -> 'corrected', '[]'),
  'cleared', (p_result -> 'cleared') || coalesce(p_offer -> 'cleared', '[]'),
  'conflicts', (p_result -> 'conflicts') || coalesce(p_offer -> 'conflicts', '[]'));

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
        || case when p_imports then '{"created": false, "joined": false, "relisting": false}'::jsonb else '{}' end
        || v_result
        || jsonb_build_object('index', v_place - 1, 'can_heal', private.can_heal(v_result ->> 'outcome')));
  end loop;
  perform set_config('lock_timeout', v_lock_timeout, true);

  return (
    select coalesce(jsonb_agg(r order by (r ->> 'index')::integer), '[]') from jsonb_array_elements(v_results) r
  );
end
$$;

create or replace function private.write_facts(p_id uuid, p_vehicle jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles := jsonb_populate_record(null::public.vehicles, p_vehicle);
begin
  perform set_config('vehicles.writer', 'apply_extractions', true); -- not a person's edit: each keeps its provenance
  update public.vehicles
  set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
      color = v.color, interior_color = v.interior_color, engine = v.engine,
      transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
      sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
      currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
      seller_name = v.seller_name, location = v.location, description = v.description,
      description_source = v.description_source, field_state = v.field_state
  where id = p_id;
  perform set_config('vehicles.writer', '', true);
end
$$;

create or replace function public.enqueue_listings(p_items jsonb, p_from text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_good jsonb;
  v_mistakes jsonb;
  v_refused integer;
  v_result jsonb;
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'enqueue_listings takes a JSON array of items' using errcode = '22023';
  end if;
  select
    coalesce(jsonb_agg(l.item || jsonb_build_object('url', private.web_address(l.item ->> 'url')))
      filter (where l.why is null), '[]'),
    coalesce(jsonb_agg(
      jsonb_build_object('item', l.place - 1, 'url', left(l.item ->> 'url', 200), 'why', l.why) order by l.place)
      filter (where l.why is not null and l.nth <= 20), '[]'),
    count(l.why)
  into v_good, v_mistakes, v_refused
  from (
    select i.item, i.place, m.why, row_number() over (partition by m.why is null order by i.place) as nth
    from jsonb_array_elements(p_items) with ordinality i(item, place)
    cross join lateral private.why_no_listing(i.item) m(why)
  ) l;

  with found as (
    select distinct on (public.canonical_listing_url(i.url))
      i.*, public.canonical_listing_url(i.url) as canonical
    from jsonb_to_recordset(v_good) as i(
      url text, source text, title text, price numeric, price_kind text, currency text, ends_at timestamptz,
      year integer, make text, model text, thumbnail_url text, raw jsonb, priority integer)
    where public.canonical_listing_url(i.url) is not null
    order by public.canonical_listing_url(i.url)
  ),
  known as materialized (
    select f.canonical
    from found f
    where exists (select from public.vehicle_listings l where l.canonical_url = f.canonical)
      or exists (select from public.vehicles v where v.canonical_url = f.canonical)
      or exists (select from public.auction_events e where e.source_url = f.canonical)
      or exists (select from public.remembered_addresses r where r.canonical_url = f.canonical)
  ),
  queued as (
    insert into public.import_queue as held (
      listing_url, source, listing_title, listing_year, listing_make, listing_model, listing_price, price_kind,
      currency, ends_at, thumbnail_url, discovered_from, raw_data, priority
    )
    select
      btrim(f.url), f.source, f.title, f.year, f.make, f.model, f.price, f.price_kind,
      f.currency, f.ends_at, f.thumbnail_url, p_from, coalesce(f.raw, '{}'), coalesce(f.priority, 100)
    from found f
    where f.canonical not in (select canonical from known)
    order by f.canonical
    on conflict (canonical_url) do update
    set listing_title = coalesce(excluded.listing_title, held.listing_title),
        listing_price = coalesce(excluded.listing_price, held.listing_price),
        price_kind = coalesce(excluded.price_kind, held.price_kind),
        currency = coalesce(excluded.currency, held.currency),
        ends_at = coalesce(excluded.ends_at, held.ends_at),
        thumbnail_url = coalesce(held.thumbnail_url, excluded.thumbnail_url)
    where held.status = 'pending'
      and (held.listing_title, held.listing_price, held.price_kind, held.currency, held.ends_at)
        is distinct from (
          coalesce(excluded.listing_title, held.listing_title),
          coalesce(excluded.listing_price, held.listing_price),
          coalesce(excluded.price_kind, held.price_kind),
          coalesce(excluded.currency, held.currency),
          coalesce(excluded.ends_at, held.ends_at))
    returning (xmax = 0) as is_new
  )
  select jsonb_build_object(
    'queued', (select count(*) from queued where is_new),
    'refreshed', (select count(*) from queued where not is_new),
    'known', (select count(*) from found) - (select count(*) from queued where is_new))
  into v_result;
  return v_result || jsonb_build_object('refused', v_refused, 'mistakes', v_mistakes);
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
      private.vehicle_of_listing(i ->> 'source_url'), private.vehicle_with_vin_of(i))) order by n), '[]')
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  )));
end
$$;

create or replace function public.merge_vehicles(p_keep uuid, p_other uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
as $$
declare
  k public.vehicles;
  o public.vehicles;
  v_order text;
  v_taken text[];
  v_before jsonb;
begin
  if p_keep = p_other then
    raise exception 'a vehicle is not merged with itself' using errcode = '22023';
  end if;
  perform from public.vehicles where id in (p_keep, p_other) order by id for update;
  select * into k from public.vehicles where id = p_keep;
  select * into o from public.vehicles where id = p_other;
  if k.id is null or o.id is null then
    raise exception 'one of the two vehicles is gone: somebody may have merged them just now' using errcode = '55006';
  end if;
  if private.is_leased(k.id) or private.is_leased(o.id) then
    raise exception 'a worker holds one of the two under lease: try again in a minute' using errcode = '55006';
  end if;

  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.add_listings(array[k.id, o.id]);
  v_order := private.order_of_offers(k, o);
  v_before := private.before_merge(k, o, v_order);
  v_taken := private.facts_to_take(k, o, v_order, private.fact_columns());
  if v_taken <> '{}' then
    perform private.write_facts(k.id, private.with_facts(to_jsonb(k), to_jsonb(o), v_taken));
  end if;
  perform private.take_provenance(k, v_before, v_taken, private.fact_columns());
  update public.vehicle_listings set vehicle_id = k.id where vehicle_id = o.id;
  update public.auction_events set vehicle_id = k.id where vehicle_id = o.id;
  update public.scrape_steps set vehicle_id = k.id where vehicle_id = o.id;
  update public.import_queue set vehicle_id = k.id where vehicle_id = o.id;
  v_before := v_before || jsonb_build_object('kept_downloads', private.take_images(k.id, v_before));
  insert into public.vehicle_merges
    (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note, before, by_itself)
  values (
    k.id, o.id, to_jsonb(o), v_taken, private.who_asks(), p_note, v_before,
    coalesce(current_setting('vehicles.merged_by_itself', true) = 'on', false));
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.merged_into', k.id::text, true);
  perform set_config('vehicles.reason', coalesce(p_note, 'merged'), true);
  delete from public.vehicles where id = o.id;
  perform set_config('vehicles.merged_into', '', true);
  perform set_config('vehicles.reason', '', true);
  perform private.sync_addresses(k.id);
  update public.vehicles
  set listing_ended_at = o.listing_ended_at
  where id = k.id and listing_url = o.listing_url and listing_ended_at is distinct from o.listing_ended_at;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;

create or replace function public.queue_bat_backfill_vehicles(p_limit integer default 100, p_priority integer default 75)
returns table (vehicle_id uuid, reason text, bat_url text)
language sql stable
set search_path = ''
as $$
  select n.id, private.bat_backfill_reason(min(n.rank)), n.bat_auction_url
  from (
    (
      select v.id, v.rank, v.bat_auction_url, v.created_at
      from (
        select created_at, id
        from public.vehicles
        where id >= md5(floor(extract(epoch from now()) / 600)::text)::uuid
        order by id
        limit 1
      ) any_vehicle
      right join unnest(array[1, 2, 4, 5, 6]::smallint[]) r(rank) on true
      -- Of each rank the oldest, and those behind some vehicle that is another one every ten minutes: a million that
      -- are left alone take no longer than a few thousand, and hide no other for ever.
      cross join lateral (
        (
          select *
          from private.bat_vehicles_to_repair v
          where v.rank = r.rank
          order by v.created_at, v.id
          limit private.bat_repairs_looked_at() + p_limit
        )
        union
        (
          select *
          from private.bat_vehicles_to_repair v
          where v.rank = r.rank and (v.created_at, v.id) > (any_vehicle.created_at, any_vehicle.id)
          order by v.created_at, v.id
          limit private.bat_repairs_looked_at()
        )
      ) v
      -- What an auction that runs does not state yet, it may state at its end.
      where not (
          v.sale_status = 'live'
          and v.rank >= 5
          and exists (select from public.auction_events e where e.vehicle_id = v.id and e.ends_at > now())
        )
        and not exists (
          select
          from public.bat_extraction_queue q
          where q.vehicle_id = v.id
            and (
              q.status = 'processing'
              or (q.status = 'pending' and q.priority >= p_priority)
              or (q.status in ('complete', 'failed') and q.requeue_at > now())
            )
        )
      order by v.rank, v.created_at, v.id
      limit p_limit
    )
    union all
    (
      select v.id, 3, v.bat_auction_url, v.created_at
      from public.vehicles v
      cross join lateral (
        select max(e.ends_at) as at from public.auction_events e where e.vehicle_id = v.id
      ) ended
      where v.listing_url = v.bat_auction_url
        and v.sale_status = 'live'
        and v.sale_price is null
        and v.listing_ended_at is null
        and ended.at < now() - interval '10 minutes'
        and not exists (
          select
          from public.bat_extraction_queue q
          where q.vehicle_id = v.id
            and (
              q.status = 'processing'
              or (q.status = 'pending' and q.priority >= p_priority)
              or (q.status in ('complete', 'failed') and q.requeue_at > now() and q.processed_at > ended.at)
            )
        )
      order by ended.at, v.id
      limit p_limit
    )
  ) n
  group by n.id, n.bat_auction_url, n.created_at -- one that has ended and lacks data stands in both
  order by min(n.rank), n.created_at, n.id
  limit p_limit
$$;

create or replace function public.queue_ended_auctions(p_urls text[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with ended as (
    select distinct v.id, v.bat_auction_url
    from unnest(p_urls) u(url)
    join public.vehicles v on v.id = private.vehicle_of_listing(u.url)
    where v.listing_url = v.bat_auction_url -- the queue's own site
      and v.sale_status = 'live'
    order by v.id
  ),
  queued as (
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, status, reason)
    select id, bat_auction_url, 100, 'pending', 'auction_ended' from ended
    on conflict (vehicle_id) do update
    set status = 'pending',
        priority = greatest(held.priority, 100),
        reason = 'auction_ended'
    -- A page that goes on saying "live" is not asked at every look at the index.
    where held.status = 'complete' and held.processed_at < now() - interval '1 hour'
    returning 1
  ),
  -- A row that waits for the end it expected: the index knows better.
  promoted as (
    update public.bat_extraction_queue q
    set next_attempt_at = null,
        priority = greatest(q.priority, 100),
        reason = 'auction_ended'
    from ended
    where q.vehicle_id = ended.id
      and q.status = 'pending'
      and q.attempts = 0
      and q.next_attempt_at > now()
    returning 1
  )
  select (select count(*) from queued) + (select count(*) from promoted) into v_count;
  if v_count > 0 then
    perform private.invoke_worker('process-bat-extraction-queue');
  end if;
  return v_count;
end
$$;

create or replace function public.queue_vehicles_for_backfill(
  p_vehicle_ids uuid[], p_reason text default 'manual', p_priority integer default 1,
  p_triggered_by text default 'manual'
) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
  v_more integer;
begin
  -- What waits for its time is due now: somebody asked for it.
  with waiting as (
    select id from public.backfill_queue
    where vehicle_id = any (p_vehicle_ids) and status = 'pending'
    order by id
    for update
  )
  update public.backfill_queue b
  set next_attempt_at = null,
      priority = least(b.priority, p_priority)
  from waiting
  where b.id = waiting.id;
  get diagnostics v_count = row_count;

  insert into public.backfill_queue (vehicle_id, reason, priority, source_url, triggered_by)
  select v.id, p_reason, p_priority, v.listing_url, p_triggered_by
  from public.vehicles v
  where v.id = any (p_vehicle_ids)
    and v.listing_url is not null
    and not exists (
      select from public.backfill_queue b
      where b.vehicle_id = v.id and b.status in ('pending', 'processing'))
  order by v.id
  on conflict do nothing;
  get diagnostics v_more = row_count;
  return v_count + v_more;
end
$$;

create or replace function public.resume_host(p_host text, p_limit integer default 10000) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(p_host), lower(regexp_replace(btrim(p_host), '^www\.', '')));
  v_vehicles integer;
  v_queued integer;
  v_images integer;
  v_feeds integer;
  v_more integer;
  v_most integer := 0;
  q private.queues;
begin
  update public.source_hosts
  set breaker = 'closed',
      opened_at = null,
      opened_because = null,
      retry_at = null,
      probe_holder = null,
      probe_until = null,
      times_opened = 0,
      consecutive_refusals = 0,
      consecutive_errors = 0,
      retry_after = null,
      robots_fresh_until = case when robots_error is not null then now() else robots_fresh_until end
  where host = v_host;
  if not found and not exists (select from public.vehicles where source_host = v_host) then
    raise exception 'no host "%" was ever asked, and no vehicle is listed there', v_host
      using errcode = '22023', hint = 'select host from source_host_status;';
  end if;

  -- As an array: joined, what is limited and locked could be run again for each row.
  update public.micro_scrape_state
  set due_at = now()
  where vehicle_id = any (array(
    select w.vehicle_id
    from public.vehicles v
    join public.micro_scrape_state w on w.vehicle_id = v.id
    where v.source_host = v_host
      and w.state = 'waiting'
      and w.due_at > now()
      -- What was read waits for another reason, unless a claim put it off for the host.
      and (w.last_outcome is null or w.last_outcome not in ('ok', 'not_modified') or w.due_at <= now() + interval '1 hour')
    limit p_limit
    for update of w skip locked
  ));
  get diagnostics v_vehicles = row_count;

  v_queued := 0;
  for q in select * from private.queues loop -- one statement a queue table
    execute format(
      $sql$
        update public.%1$I
        set %2$I = null
        where id = any (array(
          select id
          from public.%1$I
          where status = 'pending' and %2$I > now() and %2$I < 'infinity' and outcome_code is not null and %3$s
          limit $2
          for update skip locked
        ))
      $sql$, q.table_name, q.due_column,
      case when q.table_name = 'import_queue' then 'private.url_host(listing_url) = $1'
        else 'vehicle_id in (select v.id from public.vehicles v where v.source_host = $1)' end)
    using v_host, p_limit;
    get diagnostics v_more = row_count;
    v_queued := v_queued + v_more;
    v_most := greatest(v_most, v_more);
    if v_more > 0 then
      perform private.invoke_worker(q.function_name);
    end if;
  end loop;

  with late as materialized (
    select w.vehicle_id, w.url
    from public.image_downloads w
    where w.host = v_host and w.status = 'pending' and w.next_attempt_at > now()
    limit p_limit
    for update skip locked
  )
  update public.image_downloads d
  set next_attempt_at = now()
  from late
  where (d.vehicle_id, d.url) = (late.vehicle_id, late.url);
  get diagnostics v_images = row_count;

  update public.listing_feeds
  set next_check_at = now()
  where private.url_host(url) = v_host and enabled and failures > 0 and next_check_at > now();
  get diagnostics v_feeds = row_count;

  perform private.promote_due_micro_scrape_state(10000);
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "resume_host", "background": true}');
  perform private.invoke_worker('backfill-images');
  return jsonb_build_object(
    'host', v_host, 'vehicles', v_vehicles, 'queued', v_queued, 'images', v_images, 'feeds', v_feeds,
    'more', greatest(v_vehicles, v_images, v_most) >= p_limit);
end
$$;

create or replace function public.unmerge_vehicle(p_vehicle_id uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
as $$
declare
  m public.vehicle_merges := private.merge_to_take_back(p_vehicle_id);
  l public.vehicle_merges;
  v_later public.vehicle_merges[];
  k public.vehicles;
  v_fields text[];
  v_urls jsonb := private.urls_brought(m.before); -- all; v_own_urls: that no later merge brought, too
  v_own_urls jsonb := v_urls;
  v_rows text[];
  v_taken text[] := m.fields_taken;
begin
  select * into k from public.vehicles where id = m.kept_vehicle_id;
  if private.is_leased(k.id) then
    raise exception 'a worker holds vehicle % under lease: try again in a minute', k.id using errcode = '55006';
  end if;
  v_later := array(
    select n
    from public.vehicle_merges n
    where n.kept_vehicle_id = k.id and n.number > m.number and n.unmerged_at is null and n.before is not null
    order by n.number);
  foreach l in array v_later loop
    v_own_urls := v_own_urls - array(select d ->> 'url' from jsonb_array_elements(l.before -> 'downloads') d);
  end loop;
  v_rows := array(select id::text from private.provenance_brought(k.id, m.before));

  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.rescore', 'by the writer', true);
  v_fields := private.give_back_facts(k, m, v_later, v_own_urls);
  perform private.give_back_provenance(k.id, m.before, v_later, v_fields);
  perform private.give_back_addresses(k, m);
  perform private.bring_back_vehicle(m);
  perform private.give_back_images(k.id, p_vehicle_id, m.before, v_own_urls);
  foreach l in array v_later loop
    l := private.merge_without(l, m, v_taken, v_urls, v_rows);
    perform private.merge_again(k.id, l, v_fields);
    v_taken := array(select f from unnest(v_taken) f where f <> all (l.fields_taken));
    v_urls := v_urls - array(select d ->> 'url' from jsonb_array_elements(l.before -> 'downloads') d);
    v_rows := array(
      select r from unnest(v_rows) r
      where r not in (select b.id::text from private.provenance_brought(k.id, l.before) b));
  end loop;
  -- What its own page said since.
  perform private.follow_listing(v.id, private.current_listing(array[v.id]), true)
  from public.vehicles v
  where v.id = k.id and private.listing_that_is_followed(v) is not null;
  perform set_config('vehicles.importing', '', true);
  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.vehicles_changed(array[k.id, p_vehicle_id]);
  perform set_config('vehicles.rescore', '', true);

  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin, status, note, resolved_at)
  values (
    least(k.id, p_vehicle_id), greatest(k.id, p_vehicle_id), coalesce(m.merged_vehicle ->> 'vin', k.vin, ''),
    'different_vehicles', p_note, now())
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
  update public.vehicle_merges set unmerged_at = now() where id = m.id;
  return jsonb_build_object('kept', k.id, 'unmerged', p_vehicle_id);
end
$$;

create or replace function public.vehicle_history(p_vehicle_id uuid)
returns table (
  at timestamptz, event text, source text, kind text, status text, price numeric, price_from numeric, currency text,
  seller text, listing_url text, listing_id bigint, snapshot_id uuid
)
language sql stable
set search_path = ''
as $$
  select
    e.at, e.event, l.source_host, l.kind, e.status_to, e.price_to, e.price_from, e.currency, l.seller, l.listing_url,
    l.id, e.snapshot_id
  from public.vehicle_listings l
  join public.listing_events e on e.listing_id = l.id
  where l.vehicle_id = p_vehicle_id
  union all
  -- One that was never read has no event yet.
  select
    l.first_seen_at, 'found', l.source_host, l.kind, l.status, l.price, null, l.currency, l.seller, l.listing_url, l.id, null
  from public.vehicle_listings l
  where l.vehicle_id = p_vehicle_id
    and not exists (select from public.listing_events e where e.listing_id = l.id)
  order by 1, 11
$$;

alter table public.listing_events
  add constraint listing_events_listing_id_fkey foreign key (listing_id)
    references public.vehicle_listings(id) on delete cascade;

alter table public.vehicle_listings
  add constraint vehicle_listings_vehicle_id_fkey foreign key (vehicle_id) references public.vehicles(id)
    on delete cascade;

alter table public.vehicle_merge_candidates
  add constraint vehicle_merge_candidates_evidence_check check ((jsonb_typeof(evidence) = 'object'::text));

alter table public.vehicle_merge_candidates
  add constraint vehicle_merge_candidates_score_check
    check (((score >= (0)::numeric) and (score <= (1)::numeric)));

create view private.bat_vehicles_to_repair with (security_invoker = true) as
select
  v.id, v.bat_auction_url, v.created_at, v.sale_status,
  private.bat_backfill_rank(
    v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
    v.field_state, v.origin_metadata) as rank
from public.vehicles v
where v.listing_url = v.bat_auction_url
  and v.listing_ended_at is null
  and private.bat_backfill_rank(
    v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
    v.field_state, v.origin_metadata) is not null;

create view public.merge_candidates_to_review with (security_invoker = true) as
select
  c.id,
  c.score,
  c.vin,
  c.vehicle_id,
  c.other_vehicle_id,
  c.evidence -> 'year' as years,
  c.evidence -> 'make' as makes,
  c.evidence -> 'model' as models,
  c.evidence -> 'vin' as vins,
  c.evidence -> 'mileage' as mileages,
  c.evidence -> 'seller_name' as sellers,
  c.evidence -> 'listing_url' as listings,
  c.evidence,
  c.created_at as since,
  format('select resolve_merge_candidate(%L, ''same_vehicle''); or ''different_vehicles''', c.id) as what_to_type
from public.vehicle_merge_candidates c
where c.status = 'open'
order by c.score desc nulls last, c.created_at;

create index if not exists listing_events_by_listing on public.listing_events using btree (listing_id, at);

create index if not exists listing_events_price_drops on public.listing_events using btree (at)
  where ((event = 'price_changed'::text) and (price_to < price_from));

create index if not exists vehicle_listings_by_likeness on public.vehicle_listings using btree (likeness)
  where (likeness is not null);

create index if not exists vehicle_listings_by_vehicle on public.vehicle_listings using btree (vehicle_id, id);

create index if not exists vehicle_merges_by_vin on public.vehicle_merges using btree (((merged_vehicle ->> 'vin'::text)))
  where (by_itself and (unmerged_at is null));

create index if not exists vehicles_bat_live on public.vehicles using btree (id)
  where ((listing_url = bat_auction_url) and (sale_status = 'live'::text) and (listing_ended_at is null));

create trigger add_listings_of_new
  after insert on public.vehicles referencing new table as changed
  for each statement
  execute function private.refuse_listing_of_another();

create trigger look_again_at_a_moved_listing
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when
    ((public.canonical_listing_url(old.listing_url) is distinct from
    public.canonical_listing_url(new.listing_url)))
  execute function private.on_listing_moved();

create trigger queue_moved_bat_listing
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when
    (((public.canonical_listing_url(old.listing_url) is distinct from
    public.canonical_listing_url(new.listing_url)) and
    ((old.listing_url = old.bat_auction_url) or (new.listing_url = new.bat_auction_url))))
  execute function private.queue_moved_bat_listing();

create policy operators_read on public.listing_events
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.vehicle_listings
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.vehicle_listings.kind is 'auction, classified (a marketplace where others sell) or dealer (a seller''s own site, and any site of which nothing is known).';

comment on column public.vehicle_listings.last_seen_at is 'When it last stood there: its page was read, was unchanged, or an index page named it.';

comment on column public.vehicle_listings.likeness is 'Hash of seller, title and mileage; null unless all three are known. Two listings that share it may be one car.';

comment on column public.vehicle_listings.listed_at is 'When the offer began: the auction''s beginning where its page says it, else when it was first seen.';

comment on column public.vehicle_listings.offer is 'The sale fields as its page stated them last, {facts, method, scraper_version, page_at}: what the vehicle''s are when this is the listing that they follow.';

comment on column public.vehicle_listings.page_at is 'When the page that says this was fetched; an older page that is read again later changes nothing. Null: never read.';

comment on column public.vehicle_listings.price is 'What it is sold for, bid to, or asked for, by its status, in units of currency.';

comment on column public.vehicle_listings.status is 'As its page said last. removed: the page is gone and did not say how it ended; unknown: never read, or the page does not say.';

comment on column public.vehicle_merge_candidates.score is 'How likely they are one car, 0 to 1; evidence has what both say, side by side. Null until looked at, within three minutes.';

comment on column public.vehicle_merges.by_itself is 'Whether it was proved (note says how) rather than said by a person.';

comment on column public.vehicles.bat_auction_url is 'Its newest listing on Bring a Trailer.';

comment on column public.vehicles.canonical_url is 'discovery_url in one spelling: two vehicles cannot stand on one listing.';

comment on column public.vehicles.discovery_url is 'The listing where it was found first. vehicle_listings has all.';

comment on column public.vehicles.listing_url is 'Its newest listing that still stands: the page that is read to fill its gaps.';

comment on function private.add_listings(uuid[]) is 'Gives vehicles the rows of the addresses that stand on them and of their auctions, where they are missing. Gives how many came.';

comment on function private.add_missing_listings(integer) is 'Gives the next vehicles of a release that knew no listings their rows. Gives how many were looked at; called every five minutes until there are none.';

comment on function private.check_shared_vins(integer) is 'Does for the next VINs of vins_to_check what their vehicles'' writers did not wait for: pairs, suspect VINs and the joins that they made, scores. Gives how much it did; called every minute.';

comment on function private.contradictions(public.vehicles, public.vehicles) is 'In how many of model, colour and mileage two vehicles cannot be one car. Sites spell models and colours in many ways: one alone says little.';

comment on function private.current_listing(uuid[]) is 'The listing that the sale fields of a vehicle follow, or of several that are one car: the latest auction, unless a listing is for sale that was first seen more than a week after it ended; else the listing for sale that was seen last; else the last that ended.';

comment on function private.evidence_of_candidate(public.vehicles, public.vehicles) is
  'What both vehicles say, side by side: each field as [the one, the other].';

comment on function private.follow_listing(uuid, bigint, boolean) is 'Gives a vehicle the sale fields of this one of its listings, unless it has them, or, with p_if_newer, has those of an older page. Gives what changed, as apply_facts().';

comment on function private.give_back_addresses(public.vehicles, public.vehicle_merges) is
  'Frees the listings of the vehicle that comes back; the kept one has the addresses of those that are left to it.';

comment on function
  private.give_back_facts(public.vehicles, public.vehicle_merges, public.vehicle_merges[], jsonb) is
  'Gives the vehicle that was kept the facts that it held before the merge, but for what its own pages or a person said, or was taken from another, since, and takes these image URLs from it. Gives the names of the facts.';

comment on function private.has_check_digit(text) is 'Whether a VIN passes its check digit, so that one typed wrong is found out. Makers outside North America need not write one.';

comment on function private.held_offer(public.vehicles) is 'The sale fields of a vehicle as vehicle_listings.offer holds them.';

comment on function private.is_known_apart(uuid, uuid) is 'Whether two vehicles cannot be one car: a person said so, they stood in two auctions at the same time, or one seller offers them as two.';

comment on function private.is_odd_mileage(numeric, numeric, numeric) is 'Whether a car cannot have the one mileage and, so many days later, the other: it does not go back, and by more than 150 miles a day seldom up.';

comment on function private.join_proven_vehicles(integer) is 'Looks at candidates that are new, or whose vehicles changed: joins those that are proved to be one car, and puts score and evidence on the others. Gives how many were joined; called every two or three minutes.';

comment on function private.join_vehicles(uuid, uuid, text) is 'Makes one of two vehicles that are proved to be one car, with the reason on record (vehicle_merges); unmerge_vehicle() takes it back. Gives false while a worker holds one of them.';

comment on function private.likeness_of_vehicles(public.vehicles, public.vehicles) is
  'How likely two vehicles are one car, 0 to 1, for the order in which a person looks: a judgement, not a measurement.';

comment on function private.listing_kind(text, boolean) is 'How the listings of a host sell: as its adapter says; a site of which nothing is known is a dealer''s.';

comment on function private.listing_likeness(text, text, integer) is 'What two listings of one car by one seller share, however they are spelt; null unless all three are known.';

comment on function private.listing_price(text, numeric, numeric, numeric) is 'Which sum is the price of a listing, by its status.';

comment on function private.listing_that_is_followed(public.vehicles) is 'The listing that the sale fields held come from; null where no page gave them, or one before there were listings.';

comment on function private.listings_brought(public.vehicle_merges) is 'The listings that a vehicle has from a merge.';

comment on function private.merge_again(uuid, public.vehicle_merges, text[]) is 'Gives a vehicle what a merge had not given it because of an earlier one, which was taken back now: these facts, their provenance, images.';

comment on function private.note_listing(public.vehicles, jsonb, text) is 'Writes what a reading says of its listing, with what happened there since the last. Gives the listing''s id; null for an address that is no listing of this vehicle.';

comment on function
  private.note_listing_events(public.vehicle_listings, public.vehicle_listings, timestamp
  with time zone, uuid) is 'Writes what happened to a listing between two readings. A sum that changes with the status, a bid that becomes a sale, is told by that event.';

comment on function private.offer_of(jsonb, jsonb) is 'The sale fields of a reading, to be held on its listing; a reading of something else leaves what is held.';

comment on function private.offer_still_made(public.vehicle_listings) is 'The sale fields that a listing gives, without the status of one that is gone.';

comment on function private.order_of_offers(public.vehicles, public.vehicles) is 'Whether the listing that the sale fields of both together follow is the second vehicle''s (later) or the first''s (earlier); null when one has none.';

comment on function private.page_that_is_followed(public.vehicles) is 'When the newest page was fetched that the sale fields held come from.';

comment on function private.pair_alike_listings(public.vehicle_listings) is 'Makes candidates of the few vehicles that the same seller lists with the same title and mileage.';

comment on function private.proof_of_same_car(public.vehicles, public.vehicles) is
  'What proves that two vehicles are one car, of the two alone: why_same_car() asks the others, too. One contradiction is enough where the seller is one, who has a template; else there must be two.';

comment on function private.read_listing_status(public.vehicle_listings, jsonb, text) is
  'How a listing stands after a reading. One that is gone is removed; what had ended before stays as it ended.';

comment on function private.refuse_listing_of_another() is 'A vehicle has a row for each address that stands on it; one that is another vehicle''s is refused.';

comment on function private.same_car(uuid) is 'The vehicle, the oldest of them, that is proved to be the same car as this one, and why. Null where there is none, or where it is open which.';

comment on function private.shares_no_word(text, text) is 'Whether two names have nothing in common, as F-150 and Explorer have, and 911 and 911 Carrera have not; not where one is unknown.';

comment on function private.sure_value(jsonb, text) is 'The value that a reading states of a field; null where it is not sure enough to be held for true.';

comment on function private.sync_addresses(uuid, bigint[]) is 'Writes on a vehicle what follows from its listings, but for p_without which are about to leave it: discovery_url is where it was found first, listing_url its newest listing, bat_auction_url its newest on Bring a Trailer.';

comment on function private.take_back_joins(text[], integer) is 'A join is worth what its VIN is: where that became suspect, the vehicles that it joined by itself are as they were. Gives how many there were.';

comment on function private.vehicle_with_vin_of(jsonb) is 'The oldest vehicle that has the VIN of a reading: what its import may join, and locks.';

comment on function private.vin_check_digit(text) is 'The ninth character that a VIN must have by its others (49 CFR 565.15).';

comment on function private.why_same_car(public.vehicles, public.vehicles) is 'What proves that two vehicles are one car, in words: the same 17-character VIN that passes its check digit, or that both state with 0.9 or more, with the same year and make, not suspect, and nothing that speaks against it. Null where it is not proved: that is for a person.';

comment on function private.with_offer_of(jsonb, jsonb) is 'What a reading changed, with what changed because another listing is followed since.';

comment on function private.write_facts(uuid, jsonb) is 'Writes the facts of a row and their states, as the system and not as a person.';

comment on function public.import_listings(jsonb) is 'Makes vehicles of readings: as apply_extractions(), with source_url instead of vehicle_id. A listing that is here already, under any spelling, is applied to its vehicle; one of a car that is here by another listing, as its VIN proves, joins it. Gives one result an item, with vehicle_id, created, joined and relisting (joined, by an auction).';

comment on function public.vehicle_history(uuid) is 'All that happened to a vehicle at all its listings, the oldest first.';

comment on table private.upgrade_progress is 'One row a change of a release that goes through a full table in portions: how far it is. Unfinished ones go on by themselves.';

comment on table public.listing_events is 'One row a thing that happened to a listing, only ever added to: first seen, price or status changed, removed, listed again, sold. at is when the page that showed it was fetched.';

comment on table public.vehicle_listings is 'One row a listing that offers a vehicle, under its canonical address: what it asks, how it stands, and when it was seen. A car that is offered on three sites has three.';

comment on table public.vehicle_merge_candidates is 'Pairs of vehicles that may be one car: the same VIN, while only a few have it (more: suspect_vins), or the same seller, title and mileage. What is proved joins by itself; of the others a person says what they are.';

comment on view private.bat_vehicles_to_repair is 'What vehicles_bat_to_repair holds: the Bring a Trailer vehicles that should be read again, and their rank.';

comment on view public.merge_candidates_to_review is 'Pairs of vehicles that may be one car and are not proved to be, the likeliest first, with both sides of the evidence.';

revoke all on function private.add_listings(uuid[]) from public;

grant execute on function private.add_listings(uuid[]) to postgres, service_role;

revoke all on function private.add_missing_listings(integer) from public;

grant execute on function private.add_missing_listings(integer) to postgres, service_role;

revoke all on function private.contradictions(public.vehicles, public.vehicles) from public;

grant execute
  on function private.contradictions(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.current_listing(uuid[]) from public;

grant execute on function private.current_listing(uuid[]) to postgres, service_role;

revoke all on function private.evidence_of_candidate(public.vehicles, public.vehicles) from public;

grant execute
  on function private.evidence_of_candidate(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.follow_listing(uuid, bigint, boolean) from public;

grant execute on function private.follow_listing(uuid, bigint, boolean) to postgres, service_role;

revoke all on function private.give_back_addresses(public.vehicles, public.vehicle_merges) from public;

grant execute
  on function private.give_back_addresses(public.vehicles, public.vehicle_merges)
  to postgres, service_role;

revoke all on function private.has_check_digit(text) from public;

grant execute on function private.has_check_digit(text) to authenticated, postgres, service_role;

revoke all on function private.held_offer(public.vehicles) from public;

grant execute on function private.held_offer(public.vehicles) to postgres, service_role;

revoke all on function private.is_known_apart(uuid, uuid) from public;

grant execute on function private.is_known_apart(uuid, uuid) to postgres, service_role;

revoke all on function private.is_odd_mileage(numeric, numeric, numeric) from public;

grant execute on function private.is_odd_mileage(numeric, numeric, numeric) to postgres, service_role;

revoke all on function private.join_proven_vehicles(integer) from public;

grant execute on function private.join_proven_vehicles(integer) to postgres, service_role;

revoke all on function private.join_vehicles(uuid, uuid, text) from public;

grant execute on function private.join_vehicles(uuid, uuid, text) to postgres, service_role;

revoke all on function private.likeness_of_vehicles(public.vehicles, public.vehicles) from public;

grant execute
  on function private.likeness_of_vehicles(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.listing_kind(text, boolean) from public;

grant execute on function private.listing_kind(text, boolean) to postgres, service_role;

revoke all on function private.listing_likeness(text, text, integer) from public;

grant execute on function private.listing_likeness(text, text, integer) to postgres, service_role;

revoke all on function private.listing_price(text, numeric, numeric, numeric) from public;

grant execute
  on function private.listing_price(text, numeric, numeric, numeric)
  to postgres, service_role;

revoke all on function private.listing_that_is_followed(public.vehicles) from public;

grant execute on function private.listing_that_is_followed(public.vehicles) to postgres, service_role;

revoke all on function private.listings_brought(public.vehicle_merges) from public;

grant execute on function private.listings_brought(public.vehicle_merges) to postgres, service_role;

revoke all on function private.note_listing(public.vehicles, jsonb, text) from public;

grant execute on function private.note_listing(public.vehicles, jsonb, text) to postgres, service_role;

revoke all
  on function private.note_listing_events(public.vehicle_listings, public.vehicle_listings, timestamp
    with time zone, uuid)
  from public;

grant execute
  on function private.note_listing_events(public.vehicle_listings, public.vehicle_listings, timestamp
    with time zone, uuid)
  to postgres, service_role;

revoke all on function private.offer_of(jsonb, jsonb) from public;

grant execute on function private.offer_of(jsonb, jsonb) to postgres, service_role;

revoke all on function private.offer_still_made(public.vehicle_listings) from public;

grant execute on function private.offer_still_made(public.vehicle_listings) to postgres, service_role;

revoke all on function private.order_of_offers(public.vehicles, public.vehicles) from public;

grant execute
  on function private.order_of_offers(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.page_that_is_followed(public.vehicles) from public;

grant execute on function private.page_that_is_followed(public.vehicles) to postgres, service_role;

revoke all on function private.pair_alike_listings(public.vehicle_listings) from public;

grant execute
  on function private.pair_alike_listings(public.vehicle_listings)
  to postgres, service_role;

revoke all on function private.proof_of_same_car(public.vehicles, public.vehicles) from public;

grant execute
  on function private.proof_of_same_car(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.read_listing_status(public.vehicle_listings, jsonb, text) from public;

grant execute
  on function private.read_listing_status(public.vehicle_listings, jsonb, text)
  to postgres, service_role;

revoke all on function private.refuse_listing_of_another() from public;

grant execute on function private.refuse_listing_of_another() to postgres;

revoke all on function private.same_car(uuid) from public;

grant execute on function private.same_car(uuid) to postgres, service_role;

revoke all on function private.shares_no_word(text, text) from public;

grant execute on function private.shares_no_word(text, text) to postgres, service_role;

revoke all on function private.sure_value(jsonb, text) from public;

grant execute on function private.sure_value(jsonb, text) to postgres, service_role;

revoke all on function private.sync_addresses(uuid, bigint[]) from public;

grant execute on function private.sync_addresses(uuid, bigint[]) to postgres, service_role;

revoke all on function private.take_back_joins(text[], integer) from public;

grant execute on function private.take_back_joins(text[], integer) to postgres, service_role;

revoke all on function private.vehicle_with_vin_of(jsonb) from public;

grant execute on function private.vehicle_with_vin_of(jsonb) to postgres, service_role;

revoke all on function private.vin_check_digit(text) from public;

grant execute on function private.vin_check_digit(text) to authenticated, postgres, service_role;

revoke all on function private.why_same_car(public.vehicles, public.vehicles) from public;

grant execute
  on function private.why_same_car(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.with_offer_of(jsonb, jsonb) from public;

grant execute on function private.with_offer_of(jsonb, jsonb) to postgres, service_role;

revoke all on function public.vehicle_history(uuid) from public;

grant execute on function public.vehicle_history(uuid) to authenticated, postgres, service_role;

grant all on table private.upgrade_progress to postgres, service_role;

grant select on table public.listing_events to authenticated;

grant all on table public.listing_events to postgres;

revoke all on table public.listing_events from service_role;

grant insert, maintain, references, select, trigger on table public.listing_events to service_role;

grant select on table public.vehicle_listings to authenticated;

grant all on table public.vehicle_listings to postgres, service_role;

grant all on table private.bat_vehicles_to_repair to postgres;

grant select on table private.bat_vehicles_to_repair to service_role;

grant select on table public.merge_candidates_to_review to authenticated;

grant all on table public.merge_candidates_to_review to postgres, service_role;

alter table public.vehicle_listings
  add column canonical_url text generated always as (public.canonical_listing_url(listing_url)) stored
    not null;

alter table public.vehicle_listings
  add column source_host text generated always as (private.url_host(listing_url)) stored;

create or replace function private.are_two_offers(a public.vehicle_listings, b public.vehicle_listings) returns boolean
language sql immutable parallel safe
return a.source_host = b.source_host
  and (a.kind <> 'auction' or b.kind <> 'auction') -- which have times of their own, below
  and lower(a.seller) = lower(b.seller) is not false
  and (a.listed_at, coalesce(a.ended_at, 'infinity')) overlaps (b.listed_at, coalesce(b.ended_at, 'infinity'))
  and (lower(a.title) = lower(b.title) and a.mileage = b.mileage) is not true;

create view public.price_drops with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  l.source_host as source,
  e.at,
  e.price_from,
  e.price_to as price,
  e.price_from - e.price_to as dropped_by,
  round(100 * (e.price_from - e.price_to) / e.price_from, 1) as dropped_percent,
  e.currency,
  l.status,
  l.listing_url
from public.listing_events e
join public.vehicle_listings l on l.id = e.listing_id
join public.vehicles v on v.id = l.vehicle_id
where e.event = 'price_changed'
  and e.price_to < e.price_from
  and e.status_to = 'for_sale'
  and e.at > now() - interval '7 days'
order by dropped_percent desc, e.at desc;

create view public.price_history with (security_invoker = true) as
select
  l.vehicle_id,
  l.id as listing_id,
  l.source_host as source,
  e.at,
  e.status_to as status,
  e.price_to as price,
  e.price_from,
  e.price_to - e.price_from as change,
  round(100 * (e.price_to - e.price_from) / nullif(e.price_from, 0), 1) as change_percent,
  e.currency,
  l.listing_url
from public.listing_events e
join public.vehicle_listings l on l.id = e.listing_id
where e.price_to is not null
  and (e.event in ('seen', 'sold') or e.price_from is distinct from e.price_to);

comment on function private.are_two_offers(public.vehicle_listings, public.vehicle_listings) is
  'Whether one seller offers two cars at once on one site: a car that he lists twice has the same title and the same mileage, to the mile. What does not state them is not one car for lack of words: that is how a dealer''s template looks.';

comment on view public.price_drops is 'Listings for sale whose price went down in the last 7 days, the largest share first.';

comment on view public.price_history is 'One row a price that a listing stated, when it was first seen with it: asked, bid or paid, by its status.';

revoke all
  on function private.are_two_offers(public.vehicle_listings, public.vehicle_listings)
  from public;

grant execute
  on function private.are_two_offers(public.vehicle_listings, public.vehicle_listings)
  to postgres, service_role;

grant select on table public.price_drops to authenticated;

grant all on table public.price_drops to postgres, service_role;

grant select on table public.price_history to authenticated;

grant all on table public.price_history to postgres, service_role;

alter table public.vehicle_listings
  add constraint vehicle_listings_canonical_url_key unique (canonical_url);

create index if not exists vehicle_listings_by_host on public.vehicle_listings using btree (source_host, vehicle_id);

create index if not exists vehicles_bat_to_repair on public.vehicles
  using btree
  (private.bat_backfill_rank(vin, mileage, color, transmission, drivetrain, sale_status, sale_price, high_bid,
  field_state, origin_metadata), created_at, id)
  where
    ((listing_url = bat_auction_url) and (listing_ended_at is null) and (private.bat_backfill_rank(vin,
    mileage,
    color,
    transmission, drivetrain, sale_status, sale_price, high_bid, field_state, origin_metadata) is not null));

-- supabase/schemas/identity/cron.sql
select cron.schedule('join-proven-vehicles', '1-59/5,3-59/5 * * * *', 'select private.join_proven_vehicles()');

-- supabase/schemas/listings/cron.sql
select cron.schedule('add-missing-listings', '4-59/5 * * * *', 'select private.add_missing_listings()');

-- supabase/schemas/listings/seed.sql
insert into private.upgrade_progress (what) values ('vehicle_listings') on conflict (what) do nothing;
