-- Addresses that do not become vehicles by themselves: those of vehicles that were deleted, and those that lead to
-- another vehicle since a merge.

create function private.who_asks() returns text
language sql stable
set search_path = ''
as $$
  select coalesce(auth.jwt() ->> 'email', auth.jwt() ->> 'sub', auth.jwt() ->> 'role', current_user)
$$;
comment on function private.who_asks() is 'Who makes this call, as the history names him.';
grant execute on function private.who_asks() to service_role;

create function private.remember_addresses(
  p_addresses text[], p_former uuid, p_kept uuid, p_title text, p_reason text
) returns void
language sql
set search_path = ''
as $$
  insert into public.remembered_addresses as held
    (canonical_url, kind, vehicle_id, former_vehicle_id, title, reason, remembered_by)
  select a, case when p_kept is null then 'forgotten' else 'merged' end, p_kept, p_former, p_title, p_reason,
    private.who_asks()
  from unnest(p_addresses) a
  where a is not null
  order by a
  on conflict (canonical_url) do update
  set kind = excluded.kind, vehicle_id = excluded.vehicle_id, former_vehicle_id = excluded.former_vehicle_id,
      title = excluded.title, reason = excluded.reason, remembered_by = excluded.remembered_by, created_at = now()
$$;
comment on function private.remember_addresses(text[], uuid, uuid, text, text) is
  'Remembers the addresses of a vehicle that goes: for good, or because they are another''s now.';
grant execute on function private.remember_addresses(text[], uuid, uuid, text, text) to service_role;

create function private.forget_pages(p_addresses text[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with gone as (
    delete from public.page_snapshots where canonical_url = any (p_addresses) returning storage_path
  ),
  unneeded as (
    insert into private.unneeded_snapshot_objects (storage_path)
    select distinct storage_path from gone -- one that another page shares is left out by claim_unneeded_objects()
    order by 1
    on conflict do nothing
  )
  select count(*) into v_count from gone;
  return v_count;
end
$$;
comment on function private.forget_pages(text[]) is
  'Forgets the pages of these addresses; prune-snapshots then removes their files. Gives how many.';
grant execute on function private.forget_pages(text[]) to service_role;

create function private.on_vehicle_deleted() returns trigger
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
comment on function private.on_vehicle_deleted() is
  'However a vehicle is deleted: its addresses are remembered, its pages forgotten, its waiting imports ended.';
revoke execute on function private.on_vehicle_deleted() from public;

create trigger remember_deleted_vehicle
  before delete on public.vehicles
  for each row execute function private.on_vehicle_deleted();

create function private.check_remembered_address() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  r public.remembered_addresses;
begin
  select * into r from public.remembered_addresses where canonical_url = new.canonical_url;
  if not found or r.vehicle_id = new.id then
    return null;
  elsif r.kind = 'merged' then
    raise exception 'the listing % is vehicle % since a merge', new.canonical_url, r.vehicle_id using
      errcode = '23505',
      hint = format('Look at that vehicle, or take the merge back: select unmerge_vehicle(%L);', r.former_vehicle_id);
  end if;
  delete from public.remembered_addresses where canonical_url = new.canonical_url;
  return null;
end
$$;
comment on function private.check_remembered_address() is
  'A person who puts a vehicle on a forgotten address brings it back; the address of a merged vehicle makes no second one.';
revoke execute on function private.check_remembered_address() from public;

create trigger check_remembered_address_of_new
  after insert on public.vehicles
  for each row when (new.canonical_url is not null)
  execute function private.check_remembered_address();

create trigger check_remembered_address_of_moved
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row when (new.canonical_url is distinct from old.canonical_url and new.canonical_url is not null)
  execute function private.check_remembered_address();

create function private.why_forgotten(p_item jsonb) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
  );
end
$$;
comment on function private.why_forgotten(jsonb) is
  'Why a worker''s reading makes no vehicle: its listing was forgotten, and nobody has queued it by this address since. Else null.';
grant execute on function private.why_forgotten(jsonb) to service_role;

create function public.forget_vehicle(p_vehicle_id uuid, p_reason text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_images integer;
  v_addresses jsonb;
begin
  perform from public.vehicles where id = p_vehicle_id for update;
  if not found then
    raise exception 'no vehicle has the id %', p_vehicle_id using errcode = 'P0002';
  end if;
  select count(*) into v_images from public.vehicle_images where vehicle_id = p_vehicle_id;
  perform set_config('vehicles.reason', coalesce(p_reason, ''), true);
  delete from public.vehicles where id = p_vehicle_id;
  perform set_config('vehicles.reason', '', true);
  select coalesce(jsonb_agg(canonical_url order by canonical_url), '[]')
  into v_addresses
  from public.remembered_addresses
  where former_vehicle_id = p_vehicle_id and kind = 'forgotten';
  return jsonb_build_object('forgotten', p_vehicle_id, 'addresses', v_addresses, 'images', v_images);
end
$$;
comment on function public.forget_vehicle(uuid, text) is
  'Deletes a vehicle for good, with all that hangs on it, its pages, and its files in Storage (within the hour). remembered_addresses says why, and keeps its listings from coming back by themselves. Gives {forgotten, addresses, images}.';
grant execute on function public.forget_vehicle(uuid, text) to service_role;

create function public.bring_back_address(p_url text) returns jsonb
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
comment on function public.bring_back_address(text) is
  'Lets a forgotten listing become a vehicle again: it is queued for import at once. Gives {queued, title, reason}.';
grant execute on function public.bring_back_address(text) to service_role;
