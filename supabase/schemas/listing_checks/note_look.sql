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
  return greatest(
    coalesce((p_item ->> 'page_at')::timestamptz, now()),
    -- What the site calls unchanged is an old page that was seen again.
    (
      select s.last_seen_at
      from public.page_snapshots s
      where p_outcome = 'not_modified' and s.id = private.as_uuid(p_item ->> 'snapshot_id')
    ));
end
$$;
comment on function private.seen_at(jsonb, text) is 'When the page of a reading last stood as it was read.';
grant execute on function private.seen_at(jsonb, text) to service_role;

create function private.note_look(
  b public.vehicle_listings, l public.vehicle_listings, p_item jsonb, p_outcome text
) returns void
language plpgsql
set search_path = ''
as $$
declare
  c public.listing_checks;
  v_at timestamptz := private.seen_at(p_item, p_outcome);
  v_is_open boolean := l.status in ('for_sale', 'live');
  v_next timestamptz;
begin
  select * into c from public.listing_checks where listing_id = l.id for no key update;
  if c.known_at < v_at and b.status in ('for_sale', 'live') then
    perform private.add_look(
      b, v_at, case when b.status = 'for_sale' then c.known_at end,
      b.status <> l.status or coalesce(b.price <> l.price, false),
      case p_outcome when 'not_modified' then 'not_modified' else 'page' end);
  end if;
  if p_outcome = 'not_modified' and v_at > l.last_seen_at then
    update public.vehicle_listings set last_seen_at = v_at where id = l.id;
  end if;

  if not v_is_open then
    -- A row that is leased goes when its worker settles it.
    delete from public.listing_checks where listing_id = l.id and status <> 'processing';
    return;
  elsif v_at <= c.known_at then
    return; -- nothing that was not known
  end if;
  v_next := greatest(now(), private.next_look_at(
    l.status, private.look_every(l.source_host, l.kind, v_at - l.listed_at), v_at,
    coalesce(
      (p_item -> 'auction' ->> 'ends_at')::timestamptz,
      (select e.ends_at from public.auction_events e where e.source_url = l.canonical_url))));
  insert into public.listing_checks as held (listing_id, vehicle_id, listing_url, requeue_at, known_at)
  values (l.id, l.vehicle_id, l.listing_url, v_next, v_at)
  on conflict (listing_id) do update
  set requeue_at = excluded.requeue_at,
      known_at = excluded.known_at,
      failed_rounds = 0,
      -- A worker that holds it settles it itself; anybody else's look is its look.
      status = case when held.status = 'processing' then 'processing' else 'complete' end,
      attempts = case when held.status = 'processing' then held.attempts else 0 end,
      next_attempt_at = null,
      processed_at = case when held.status = 'processing' then held.processed_at else now() end;
end
$$;
comment on function private.note_look(public.vehicle_listings, public.vehicle_listings, jsonb, text) is
  'What a reading means for looking again: a listing as it stood before and as it stands now. Puts the look on record and sets the next; one that has ended is not looked at any more.';
grant execute on function private.note_look(public.vehicle_listings, public.vehicle_listings, jsonb, text) to service_role;

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
