-- What a look at a listing says: when the next one is, whoever looked.

create function private.add_look(
  l public.vehicle_listings, p_at timestamptz, p_known_at timestamptz, p_changed boolean, p_way text
) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
begin
  insert into public.listing_looks (listing_id, at, source_host, kind, age_band, gap_days, changed, way)
  select
    l.id, now(), l.source_host, l.kind, private.age_band(p_at - l.listed_at),
    case when p_at > p_known_at then extract(epoch from p_at - p_known_at) / 86400 end, p_changed, p_way;
end
$$;
comment on function private.add_look(public.vehicle_listings, timestamptz, timestamptz, boolean, text) is
  'Puts a look on record: at a listing as it stood before, known since p_known_at; null: it says nothing of how often things change.';
grant execute on function private.add_look(public.vehicle_listings, timestamptz, timestamptz, boolean, text)
  to service_role;

create function private.seen_at(p_item jsonb, p_outcome text) returns timestamptz
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if p_outcome = 'not_modified' then -- what the site calls unchanged is an old page that was seen again
    return greatest(
      coalesce((p_item ->> 'page_at')::timestamptz, now()),
      (select s.last_seen_at from public.page_snapshots s where s.id = private.as_uuid(p_item ->> 'snapshot_id')));
  end if;
  return coalesce((p_item ->> 'page_at')::timestamptz, now());
end
$$;
comment on function private.seen_at(jsonb, text) is 'When the page of a reading last stood as it was read.';
grant execute on function private.seen_at(jsonb, text) to service_role;

create function private.note_looks(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[], p_outcomes text[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_ids bigint[] := array(select a.id from unnest(p_after) a);
  v_checks public.listing_checks[];
  b public.vehicle_listings;
  l public.vehicle_listings;
  c public.listing_checks;
  v_at timestamptz;
  v_over bigint[] := '{}';
  v_next timestamptz[] := array_fill(null::timestamptz, array[cardinality(p_after)]);
  v_seen timestamptz[] := v_next;
  v_unchanged timestamptz[] := v_next;
begin
  perform from public.listing_checks where listing_id = any (v_ids) order by listing_id for no key update;
  v_checks := array(
    select k
    from unnest(v_ids) with ordinality u(id, place)
    left join public.listing_checks k
      on k.listing_id = any (v_ids) -- by the index, whatever the order of the join
      and k.listing_id = u.id
    order by u.place);
  for i in 1 .. cardinality(p_after) loop
    b := p_before[i];
    l := p_after[i];
    c := v_checks[i];
    v_at := private.seen_at(p_items[i], p_outcomes[i]);
    if c.known_at < v_at and b.status in ('for_sale', 'live') then
      perform private.add_look(
        b, v_at, case when b.status = 'for_sale' then c.known_at end,
        b.status <> l.status or coalesce(b.price <> l.price, false),
        case p_outcomes[i] when 'not_modified' then 'not_modified' else 'page' end);
    end if;
    if p_outcomes[i] = 'not_modified' and v_at > l.last_seen_at then
      v_unchanged[i] := v_at;
    end if;
    if l.status not in ('for_sale', 'live') then
      v_over := v_over || l.id;
    elsif c.known_at is null or v_at > c.known_at then -- else nothing that was not known
      v_seen[i] := v_at;
      v_next[i] := greatest(now(), private.next_look_at(
        l.status, private.look_every(l.source_host, l.kind, v_at - l.listed_at), v_at,
        coalesce(
          (p_items[i] -> 'auction' ->> 'ends_at')::timestamptz,
          (select e.ends_at from public.auction_events e where e.source_url = l.canonical_url))));
    end if;
  end loop;

  if array_remove(v_unchanged, null) <> '{}' then
    update public.vehicle_listings h
    set last_seen_at = u.at
    from unnest(v_ids, v_unchanged) u(id, at)
    where h.id = any (v_ids) and h.id = u.id and u.at is not null;
  end if;
  -- A row that is leased goes when its worker settles it.
  if v_over <> '{}' then
    delete from public.listing_checks where listing_id = any (v_over) and status <> 'processing';
  end if;
  if array_remove(v_seen, null) <> '{}' then
    insert into public.listing_checks as held (listing_id, vehicle_id, listing_url, requeue_at, known_at)
    select h.id, h.vehicle_id, h.listing_url, u.next_at, u.seen_at
    from unnest(v_ids, v_next, v_seen) u(id, next_at, seen_at)
    join public.vehicle_listings h on h.id = u.id
    where h.id = any (v_ids) and u.seen_at is not null
    order by h.id
    on conflict (listing_id) do update
    set requeue_at = excluded.requeue_at,
        known_at = excluded.known_at,
        failed_rounds = 0,
        -- A worker that holds it settles it itself; anybody else's look is its look.
        status = case when held.status = 'processing' then 'processing' else 'complete' end,
        attempts = case when held.status = 'processing' then held.attempts else 0 end,
        next_attempt_at = null,
        processed_at = case when held.status = 'processing' then held.processed_at else now() end;
  end if;
end
$$;
comment on function private.note_looks(
  public.vehicle_listings[], public.vehicle_listings[], jsonb[], text[]
) is
  'What readings mean for looking again: listings as they stood before and as they stand now, and how each reading ended. Puts the looks on record and sets the next; one that has ended is not looked at any more.';
grant execute on function private.note_looks(
  public.vehicle_listings[], public.vehicle_listings[], jsonb[], text[]
) to service_role;

-- Listings that come and go without a reading ----------------------------------------------------------------

create function private.check_new_listings() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if current_setting('vehicles.listings', true) = 'by the writer' then
    return null; -- who read their pages says when the next look is
  end if;
  -- Spread over the time until it is looked at again: an upgrade brings a million at once.
  insert into public.listing_checks (listing_id, vehicle_id, listing_url, requeue_at)
  select
    a.id, a.vehicle_id, a.listing_url,
    now() + random() * private.look_every(a.source_host, a.kind, now() - a.listed_at)
  from added a
  where a.status in ('for_sale', 'live')
  order by a.id
  on conflict (listing_id) do nothing;
  return null;
end
$$;
comment on function private.check_new_listings() is 'A listing that is here as for sale or live is looked at again.';
grant execute on function private.check_new_listings() to service_role;

create trigger check_new_listings
  after insert on public.vehicle_listings
  referencing new table as added
  for each statement execute function private.check_new_listings();

create function private.check_changed_listing() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status in ('for_sale', 'live') then
    insert into public.listing_checks (listing_id, vehicle_id, listing_url)
    values (new.id, new.vehicle_id, new.listing_url)
    on conflict (listing_id) do nothing;
  else
    delete from public.listing_checks where listing_id = new.id and status <> 'processing';
  end if;
  return null;
end
$$;
comment on function private.check_changed_listing() is
  'A listing whose status somebody sets without having read it.';
grant execute on function private.check_changed_listing() to service_role;

create trigger check_changed_listing
  after update of status on public.vehicle_listings
  for each row
  when (old.status <> new.status and old.page_at is not distinct from new.page_at)
  execute function private.check_changed_listing();
