-- Whether two vehicles are one car: decided here, for imports, for the job that joins, and for who reviews.

create function private.are_two_offers(a public.vehicle_listings, b public.vehicle_listings) returns boolean
language sql immutable parallel safe
return a.source_host = b.source_host
  and (a.kind <> 'auction' or b.kind <> 'auction') -- which have times of their own, below
  and lower(a.seller) = lower(b.seller) is not false
  and (a.listed_at, coalesce(a.ended_at, 'infinity')) overlaps (b.listed_at, coalesce(b.ended_at, 'infinity'))
  and (lower(a.title) = lower(b.title) and a.mileage = b.mileage) is not true;
comment on function private.are_two_offers(public.vehicle_listings, public.vehicle_listings) is
  'Whether one seller offers two cars at once on one site: a car that he lists twice has the same title and the same mileage, to the mile. What does not state them is not one car for lack of words: that is how a dealer''s template looks.';
grant execute on function private.are_two_offers(public.vehicle_listings, public.vehicle_listings) to service_role;

create function private.is_known_apart(p_one uuid, p_other uuid) returns boolean
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
comment on function private.is_known_apart(uuid, uuid) is
  'Whether two vehicles cannot be one car: a person said so, they stood in two auctions at the same time, or one seller offers them as two.';
grant execute on function private.is_known_apart(uuid, uuid) to service_role;

create function private.naming_words(p_name text) returns text[]
language sql immutable parallel safe
return (
  select array_agg(w[1])
  from regexp_matches(lower(p_name), '[[:alnum:]]{2,}', 'g') w
  -- How a paint looks, and not which it is.
  where w[1] <> all (array[
    'metallic', 'metal', 'pearl', 'pearlescent', 'mica', 'matte', 'satin', 'clearcoat', 'tricoat', 'effect',
    'light', 'dark', 'bright', 'deep', 'paint', 'exterior'])
);
comment on function private.naming_words(text) is 'The words by which a name says what is meant; null where there are none.';
grant execute on function private.naming_words(text) to service_role;

create function private.shares_no_word(p_one text, p_other text) returns boolean
language sql immutable parallel safe
return coalesce(not private.naming_words(p_one) && private.naming_words(p_other), false);
comment on function private.shares_no_word(text, text) is
  'Whether two names have nothing in common, as F-150 and Explorer have, and 911 and 911 Carrera have not; not where one is unknown.';
grant execute on function private.shares_no_word(text, text) to service_role;

create function private.is_odd_mileage(p_earlier numeric, p_later numeric, p_days numeric) returns boolean
language sql immutable parallel safe
return coalesce(
  p_later < 0.9 * p_earlier - 500 or p_later > 1.1 * p_earlier + 500 + 150 * abs(p_days), false);
comment on function private.is_odd_mileage(numeric, numeric, numeric) is
  'Whether a car cannot have the one mileage and, so many days later, the other: it does not go back, and by more than 150 miles a day seldom up.';
grant execute on function private.is_odd_mileage(numeric, numeric, numeric) to service_role;

create function private.contradictions(a public.vehicles, b public.vehicles) returns integer
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
comment on function private.contradictions(public.vehicles, public.vehicles) is
  'In how many of model, colour and mileage two vehicles cannot be one car. Sites spell models and colours in many ways: one alone says little, and nothing where the mileage is the same.';
grant execute on function private.contradictions(public.vehicles, public.vehicles) to service_role;

create function private.proof_of_same_car(a public.vehicles, b public.vehicles) returns text
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
comment on function private.proof_of_same_car(public.vehicles, public.vehicles) is
  'What proves that two vehicles are one car, of the two alone: why_same_car() asks the others, too. One contradiction is enough where the seller is one, who has a template; else there must be two.';
grant execute on function private.proof_of_same_car(public.vehicles, public.vehicles) to service_role;

create function private.why_same_car(a public.vehicles, b public.vehicles) returns text
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
          -- Or shows that the VIN is two cars'. Pages say the year wrong by one.
          or (abs((other).year - a.year) <= 1 and lower((other).make) = lower(a.make)
            and (private.is_known_apart(a.id, (other).id) or private.is_known_apart(b.id, (other).id)))
      )
  );
end
$$;
comment on function private.why_same_car(public.vehicles, public.vehicles) is
  'What proves that two vehicles are one car, in words: the same 17-character VIN that passes its check digit, or that both state with 0.9 or more, with the same year and make, not suspect, and nothing that speaks against it. Null where it is not proved: that is for a person.';
grant execute on function private.why_same_car(public.vehicles, public.vehicles) to service_role;

create function private.same_car(p_vehicle_id uuid, out vehicle_id uuid, out why text)
language plpgsql stable
set search_path = ''
as $$
declare
  v public.vehicles;
  v_others uuid[];
begin
  select * into v from public.vehicles where id = p_vehicle_id;
  if not private.is_vin(v.vin) then
    return;
  end if;
  v_others := array(select id from private.vehicles_of_vins(array[v.vin]) where id <> v.id);
  if v_others = '{}' then -- nearly always
    return;
  end if;
  select o.id, w.why into vehicle_id, why
  from public.vehicles o
  cross join lateral private.why_same_car(o, v) w(why)
  where o.id = any (v_others) and w.why is not null
  order by o.created_at, o.id
  limit 1;
end
$$;
comment on function private.same_car(uuid) is
  'The vehicle, the oldest of them, that is proved to be the same car as this one, and why. Null where there is none, or where it is open which.';
grant execute on function private.same_car(uuid) to service_role;

create function private.vehicle_with_vin_of(p_item jsonb) returns uuid
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
comment on function private.vehicle_with_vin_of(jsonb) is
  'The oldest vehicle that has the VIN of a reading: what its import may join, and locks.';
grant execute on function private.vehicle_with_vin_of(jsonb) to service_role;
