-- Tell template vins apart.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.contradictions(public.vehicles, public.vehicles);

drop function private.is_known_apart(uuid, uuid);

drop function private.proof_of_same_car(public.vehicles, public.vehicles);

drop function private.why_same_car(public.vehicles, public.vehicles);

create or replace function private.contradictions(a public.vehicles, b public.vehicles) returns integer
language plpgsql stable -- whose plans are kept
set search_path = ''
as $$
begin
  return (
    select case
      -- To the mile, and not that of a new car: whatever else their pages call it.
      when a.mileage = b.mileage and a.mileage > 100 then 0
      else private.shares_no_word(a.model, b.model)::integer
        + private.shares_no_word(a.color, b.color)::integer
        + case
          when d.days < 0 then private.is_odd_mileage(b.mileage, a.mileage, d.days)
          else private.is_odd_mileage(a.mileage, b.mileage, d.days)
        end::integer
    end
    from (
      select coalesce(extract(epoch from
        (b.field_state -> 'mileage' ->> 'page_at')::timestamptz - (a.field_state -> 'mileage' ->> 'page_at')::timestamptz
      ) / 86400, 0) as days
    ) d
  );
end
$$;

create or replace function private.is_known_apart(p_one uuid, p_other uuid) returns boolean
language plpgsql stable -- whose plans are kept
set search_path = ''
as $$
begin
  return (
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
    if p_outcome = 'not_modified' then
      perform private.note_look(b, b, p_item, p_outcome);
    end if;
    return b.id; -- nothing was seen, or only what was there before
  end if;

  l := b;
  l.page_at := v_at;
  if b.page_at is null then -- a page that was kept is read later than it was seen
    l.first_seen_at := least(b.first_seen_at, v_at);
    l.listed_at := least(b.listed_at, v_at);
  end if;
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
      (v_auction ->> 'starts_at')::timestamptz, (v_auction ->> 'ends_at')::timestamptz - interval '7 days', l.listed_at);
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
  set page_at = l.page_at, first_seen_at = l.first_seen_at, last_seen_at = l.last_seen_at, offer = l.offer, kind = l.kind, seller = l.seller,
      mileage = l.mileage, title = l.title, listed_at = l.listed_at, likeness = l.likeness, status = l.status,
      price = l.price, currency = l.currency, ended_at = l.ended_at, ended_because = l.ended_because
  where id = l.id;
  if l.likeness is distinct from b.likeness and l.likeness is not null then
    perform private.pair_alike_listings(l);
  end if;
  perform private.note_listing_events(b, l, v_at, private.as_uuid(p_item ->> 'snapshot_id'));
  perform private.note_look(b, l, p_item, p_outcome);
  return l.id;
end
$$;

create or replace function private.proof_of_same_car(a public.vehicles, b public.vehicles) returns text
language plpgsql stable -- whose plans are kept
set search_path = ''
as $$
begin
  return (
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
  );
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
  with others as materialized (
    select o as other
    from private.vehicles_of_vins(array[v.vin]) i
    join public.vehicles o on o.id = i.id
    where o.id <> v.id
  )
  select (other).id, w.why into vehicle_id, why
  from others
  cross join lateral private.why_same_car(other, v) w(why)
  where w.why is not null
  order by (other).created_at, (other).id
  limit 1;
end
$$;

create or replace function private.vehicles_of_vins(p_keys text[])
returns table (vin_key text, id uuid, vin text, make text, vehicles bigint)
language sql stable rows 6
set search_path = ''
as $$
  select k.vin_key, m.id, m.vin, m.make, count(*) over (partition by k.vin_key)
  from (select distinct k as vin_key from unnest(p_keys) k) k
  cross join lateral (
    select v.id, v.vin, v.make
    from public.vehicles v
    where private.vin_key(v.vin, v.make) = k.vin_key and v.vin is not null
    limit private.most_of_a_vin() + 1 -- by the index, and whether there are more is all that matters
  ) m
$$;

create or replace function private.why_same_car(a public.vehicles, b public.vehicles) returns text
language plpgsql stable -- whose plans are kept
set search_path = ''
as $$
begin
  return (
    with others as materialized ( -- else all vehicles are asked
      select o as other
      from private.vehicles_of_vins(array[a.vin]) i
      join public.vehicles o on o.id = i.id
      where o.id not in (a.id, b.id)
    )
    select p.proof
    from private.proof_of_same_car(a, b) p(proof)
    where p.proof is not null
      -- A third that is one of them and not the other leaves open which of them is what.
      and not exists (
        select
        from others
        where (private.proof_of_same_car(a, other) is null) <> (private.proof_of_same_car(b, other) is null)
      )
  );
end
$$;

comment on function private.contradictions(public.vehicles, public.vehicles) is 'In how many of model, colour and mileage two vehicles cannot be one car. Sites spell models and colours in many ways: one alone says little, and nothing where the mileage is the same.';

comment on function private.is_known_apart(uuid, uuid) is 'Whether two vehicles cannot be one car: a person said so, they stood in two auctions at the same time, or one seller offers them as two.';

comment on function private.proof_of_same_car(public.vehicles, public.vehicles) is
  'What proves that two vehicles are one car, of the two alone: why_same_car() asks the others, too. One contradiction is enough where the seller is one, who has a template; else there must be two.';

comment on function private.why_same_car(public.vehicles, public.vehicles) is 'What proves that two vehicles are one car, in words: the same 17-character VIN that passes its check digit, or that both state with 0.9 or more, with the same year and make, not suspect, and nothing that speaks against it. Null where it is not proved: that is for a person.';

revoke all on function private.contradictions(public.vehicles, public.vehicles) from public;

grant execute
  on function private.contradictions(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.is_known_apart(uuid, uuid) from public;

grant execute on function private.is_known_apart(uuid, uuid) to postgres, service_role;

revoke all on function private.proof_of_same_car(public.vehicles, public.vehicles) from public;

grant execute
  on function private.proof_of_same_car(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.why_same_car(public.vehicles, public.vehicles) from public;

grant execute
  on function private.why_same_car(public.vehicles, public.vehicles)
  to postgres, service_role;
