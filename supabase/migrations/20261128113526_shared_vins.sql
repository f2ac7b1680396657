-- Shared vins.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger find_shared_vin_of_changed on public.vehicles;

create table private.vins_to_check (
  id bigint generated always as identity not null,
  vin_key text not null,
  created_at timestamp with time zone not null default now(),
  constraint vins_to_check_pkey primary key (id)
);

alter table private.vins_to_check
  enable row level security;

create table public.suspect_vins (
  vin_key text not null,
  vin text not null,
  make text,
  status text not null default 'suspect'::text,
  note text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint suspect_vins_pkey primary key (vin_key),
  constraint suspect_vins_status_check check ((status = any (array['suspect'::text, 'genuine'::text])))
);

alter table public.suspect_vins
  enable row level security;

create or replace function private.add_suspect_vins(p_keys text[]) returns void
language sql
set search_path = ''
as $$
  -- Two that find the same VIN at once do not wait for each other: the lock says who writes it.
  insert into public.suspect_vins (vin_key, vin, make)
  select distinct on (m.vin_key) m.vin_key, m.vin, case when not private.is_vin(m.vin) then m.make end
  from private.vehicles_of_vins(p_keys) m
  where pg_try_advisory_xact_lock(hashtextextended('suspect ' || m.vin_key, 5))
  order by m.vin_key, m.id
  on conflict (vin_key) do nothing
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

  v_done := private.drop_pairs_of_suspect_vins(v_keys, p_limit * 5) + private.rescore_vins(v_keys, p_limit);
  if v_done = 0 then -- else there may be more
    delete from private.vins_to_check where id = any (v_ids);
  end if;
  return v_done;
end
$$;

create or replace function private.check_suspect_vin() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.vins_to_check (vin_key) values (new.vin_key);
  return null;
end
$$;

create or replace function private.drop_pairs_of_suspect_vins(p_keys text[], p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with dropped as (
    delete from public.vehicle_merge_candidates
    where id in (
      select c.id
      from public.suspect_vins s
      join public.vehicle_merge_candidates c on c.vin = s.vin and c.status = 'open'
      join public.vehicles v on v.id = c.vehicle_id
      where s.vin_key = any (p_keys) and private.vin_key(v.vin, v.make) = s.vin_key
      limit p_limit
    )
    returning 1
  )
  select count(*)::integer from dropped
$$;

create or replace function private.find_shared_vin() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.vins_to_check (vin_key)
  select s.vin_key from public.suspect_vins s where s.vin_key = private.vin_key(old.vin, old.make);
  if private.vin_key(new.vin, new.make) is not null then
    perform private.note_shared_vins(array[private.vin_key(new.vin, new.make)], array[new.id]);
  end if;
  return null;
end
$$;

create or replace function private.find_shared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_keys text[];
  v_ids uuid[];
begin
  select array_agg(distinct private.vin_key(vin, make)), array_agg(id)
  into v_keys, v_ids
  from changed
  where private.vin_key(vin, make) is not null;
  if v_keys is not null then
    perform private.note_shared_vins(v_keys, v_ids);
  end if;
  return null;
end
$$;

create or replace function private.find_unshared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.vins_to_check (vin_key)
  select distinct s.vin_key
  from deleted d
  join public.suspect_vins s on s.vin_key = private.vin_key(d.vin, d.make);
  return null;
end
$$;

create or replace function private.is_suspect_vin(p_vin text, p_make text) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from public.suspect_vins s
    where s.vin_key = private.vin_key(p_vin, p_make) and s.status = 'suspect')
$$;

create or replace function private.most_of_a_vin() returns integer
language sql immutable parallel safe
return 5;

create or replace function private.note_shared_vins(p_keys text[], p_changed uuid[] default null) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_few uuid[];
  v_many text[];
begin
  select
    array_agg(m.id) filter (where m.vehicles <= private.most_of_a_vin()),
    array_agg(distinct m.vin_key) filter (where m.vehicles > private.most_of_a_vin())
  into v_few, v_many
  from private.vehicles_of_vins(array(
    select k from unnest(p_keys) k where not exists (select from public.suspect_vins s where s.vin_key = k)
  )) m
  where m.vehicles > 1;

  if v_few is not null and private.pair_vehicles(v_few, p_changed) < cardinality(v_few) then
    insert into private.vins_to_check (vin_key) select distinct k from unnest(p_keys) k;
  end if;
  if v_many is not null then
    perform private.add_suspect_vins(v_many[1:100]); -- a lock each, of which a server has some thousands
    insert into private.vins_to_check (vin_key) select k from unnest(v_many) k; -- the others earned points for it
  end if;
end
$$;

create or replace function private.pair_vehicles(p_ids uuid[], p_changed uuid[] default null) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_locked integer;
begin
  -- A row that is being deleted or moved is not waited for, and nobody else writes a pair of a changed vehicle.
  with locked as materialized (
    select v.id, v.vin, private.vin_key(v.vin, v.make) as vin_key
    from public.vehicles v
    where v.id = any (p_ids)
    order by v.id
    for key share skip locked
  ),
  paired as (
    insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
    select a.id, b.id, a.vin
    from locked a
    join locked b on b.vin_key = a.vin_key and b.id > a.id
    where (p_changed is null or exists (select from unnest(p_changed) c where c in (a.id, b.id)))
      and not exists (
        select from public.vehicle_merge_candidates c where c.vehicle_id = a.id and c.other_vehicle_id = b.id)
    order by 1, 2
    on conflict (vehicle_id, other_vehicle_id) do nothing
  )
  select count(*) into v_locked from locked;
  return v_locked;
end
$$;

create or replace function private.refresh_quality(p_vehicle_ids uuid[]) returns integer
language plpgsql -- its plan is kept, which matters at one call a vehicle
set search_path = ''
as $$
declare
  v_count integer;
begin
  with fresh as (
    select v.id, s.vin_key is not null as has_suspect_vin, q.*
    from public.vehicles v
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    cross join lateral (
      select exists (select from public.vehicle_images i where i.vehicle_id = v.id) as has_image
    ) i
    cross join lateral private.vehicle_quality(v, i.has_image) q
    where v.id = any (p_vehicle_ids)
  )
  insert into public.vehicle_quality_scores as held
    (vehicle_id, overall_score, missing_fields, low_confidence_fields, issues, score_version)
  select
    id, overall_score, missing_fields, low_confidence_fields,
    array(select 'missing ' || f from unnest(missing_fields) f)
      || array(select 'low confidence: ' || f from unnest(low_confidence_fields) f)
      || case when has_suspect_vin then array['suspect_vin'] else '{}' end,
    private.score_version()
  from fresh
  order by id
  on conflict (vehicle_id) do update
  set overall_score = excluded.overall_score,
      missing_fields = excluded.missing_fields,
      low_confidence_fields = excluded.low_confidence_fields,
      issues = excluded.issues,
      score_version = excluded.score_version,
      updated_at = now()
  where (held.overall_score, held.issues, held.score_version)
    is distinct from (excluded.overall_score, excluded.issues, excluded.score_version);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.relisted_vehicle(p_item jsonb) returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_vin text := p_item -> 'facts' -> 'vin' ->> 'value';
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_ends timestamptz := (p_item -> 'auction' ->> 'ends_at')::timestamptz;
  v_begins timestamptz := coalesce((p_item -> 'auction' ->> 'starts_at')::timestamptz, v_ends - interval '7 days');
  v_ids uuid[];
begin
  if not private.is_vin(v_vin)
    or (p_item -> 'facts' -> 'vin' ->> 'confidence')::numeric < 0.5
    or v_ends is null
    or private.is_suspect_vin(v_vin, null)
  then
    return null;
  end if;
  v_ids := array(
    select v.id
    from public.vehicles v
    where v.vin = v_vin
      and v.source_host = split_part(v_url, '/', 3)
      and coalesce(v.year = (p_item -> 'facts' -> 'year' ->> 'value')::integer, true)
      and exists (select from public.auction_events e where e.vehicle_id = v.id)
      and not exists (
        select
        from public.auction_events e
        where e.vehicle_id = v.id
          and (
            e.ends_at is null
            or (coalesce(e.starts_at, e.ends_at - interval '7 days'), e.ends_at) overlaps (v_begins, v_ends)
          )
      )
    limit 2
  );
  -- Two vehicles that fit are for a person to look at.
  return case when cardinality(v_ids) = 1 then v_ids[1] end;
end
$$;

create or replace function private.rescore_vins(p_keys text[], p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  -- Those in use are rescored by who uses them, or the next time.
  v_ids := array(
    select v.id
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    where private.vin_key(v.vin, v.make) = any (p_keys)
      and v.vin is not null
      and ('suspect_vin' = any (q.issues)) <> (s.vin_key is not null)
    order by v.id
    limit p_limit
    for no key update of v skip locked
  );
  perform private.vehicles_changed(v_ids);
  return cardinality(v_ids);
end
$$;

create or replace function private.vehicles_of_vins(p_keys text[])
returns table (vin_key text, id uuid, vin text, make text, vehicles bigint)
language sql stable
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

create or replace function private.vin_key(p_vin text, p_make text) returns text
language sql immutable parallel safe
return case when private.is_vin(p_vin) then p_vin else p_vin || ' ' || lower(p_make) end;

create or replace function private.vehicle_quality(v public.vehicles, p_has_image boolean)
returns table (overall_score numeric, missing_fields text[], low_confidence_fields text[])
language sql stable
begin atomic
  -- No "set search_path" here: names are bound when the function is created, and the planner can inline it.
  select
    coalesce(sum(f.points) filter (where f.held and c.enough), 0)::numeric(4, 1),
    coalesce(array_agg(f.name order by f.place) filter (where not f.held), '{}'),
    coalesce(array_agg(f.name order by f.place) filter (where f.held and not c.enough), '{}')
  from (
    values
      (1, 'year', 10, v.year is not null, 'year'),
      (2, 'make', 10, v.make is not null, 'make'),
      (3, 'model', 10, v.model is not null, 'model'),
      (4, 'vin', 15, v.vin is not null and (private.is_vin(v.vin) or coalesce(v.year < 1981, false)), 'vin'),
      (
        5, private.price_field(v.sale_status), 15,
        case
          when v.sale_status = 'sold' then v.sale_price is not null
          when v.sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then v.high_bid is not null
          when v.sale_status = 'for_sale' then v.asking_price is not null
          else coalesce(v.sale_price, v.asking_price) is not null
        end,
        case
          when v.sale_status = 'sold' then 'sale_price'
          when v.sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then 'high_bid'
          when v.sale_status = 'for_sale' then 'asking_price'
          when v.sale_price is not null then 'sale_price'
          else 'asking_price'
        end
      ),
      (6, 'description', 15, v.description is not null, 'description'),
      (7, 'images', 15, p_has_image, null),
      (8, 'mileage', 2.5, v.mileage is not null, 'mileage'),
      (9, 'color', 2.5, v.color is not null, 'color'),
      (10, 'engine', 2.5, v.engine is not null, 'engine'),
      (11, 'transmission', 2.5, v.transmission is not null, 'transmission')
  ) as f(place, name, points, held, state_of)
  cross join lateral (
    select case
      when not f.held then null
      when f.name = 'vin' and exists (
        select from public.suspect_vins s
        where s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
      ) then false -- a placeholder says nothing of the car
      else private.field_confidence(v.field_state, f.state_of) >= 0.5
    end as enough
  ) c;
end;

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
  perform private.lock_with_retry((
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.relisted_vehicle(i)))), '[]')
    from jsonb_array_elements(p_items) i
  ));

  return private.write_each(p_items, true);
end
$$;

create view public.shared_vins with (security_invoker = true) as
select
  s.vin,
  s.make,
  case s.status when 'suspect' then 'suspect_vin' else 'genuine' end as what,
  m.vehicles,
  m.sources,
  s.created_at as since,
  s.note
from public.suspect_vins s
cross join lateral (
  select count(*) as vehicles, count(distinct v.source_host) as sources
  from public.vehicles v
  where private.vin_key(v.vin, v.make) = s.vin_key and v.vin is not null
) m
union all
select c.vin, null, 'merge_candidates', m.vehicles, m.sources, c.since, null
from (
  select vin, min(created_at) as since from public.vehicle_merge_candidates where status = 'open' group by vin
) c
cross join lateral (
  select count(*) as vehicles, count(distinct v.source_host) as sources
  from public.vehicles v
  where v.vin = c.vin
) m
order by vehicles desc, vin;

create index if not exists vehicle_merge_candidates_open on public.vehicle_merge_candidates using btree (vin)
  where (status = 'open'::text);

create trigger check_suspect_vin
  after update of status on public.suspect_vins
  for each row
  when ((new.status <> old.status))
  execute function private.check_suspect_vin();

create trigger touch_updated_at
  before update on public.suspect_vins
  for each row
  execute function private.touch_updated_at();

create trigger find_shared_vin_of_changed
  after update of vin, make on public.vehicles
  for each row
  when ((private.vin_key(new.vin, new.make) is distinct from private.vin_key(old.vin, old.make)))
  execute function private.find_shared_vin();

create trigger find_unshared_vins
  after delete on public.vehicles referencing old table as deleted
  for each statement
  execute function private.find_unshared_vins();

create policy operators_read on public.suspect_vins
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.suspect_vins.vin_key is 'The VIN; a chassis number with its make, since each maker counted its own.';

comment on function private.add_suspect_vins(text[]) is 'Makes these VINs suspect, but for those that another session is at.';

comment on function private.check_shared_vins(integer) is 'Does for the next VINs of vins_to_check what their vehicles'' writers did not wait for: pairs, suspect VINs, scores. Gives how much it did; called every minute.';

comment on function private.check_suspect_vin() is 'What a person says of a VIN counts for all its vehicles.';

comment on function private.drop_pairs_of_suspect_vins(text[], integer) is 'A VIN of many vehicles is one question, not one a pair: takes back those that nobody has answered. Gives how many.';

comment on function private.find_shared_vin() is 'As find_shared_vins(), of a vehicle whose VIN came or changed; the one that it had may be suspect no longer.';

comment on function private.find_unshared_vins() is 'A VIN whose vehicles were deleted may be suspect no longer.';

comment on function private.is_suspect_vin(text, text) is 'Whether a VIN says nothing of the car that has it.';

comment on function private.most_of_a_vin() is 'How many vehicles may have one VIN: one car is offered at a few places, a placeholder at hundreds.';

comment on function private.note_shared_vins(text[], uuid[]) is 'Looks at the VINs of vehicles that were written: pairs those of a few, and makes suspect those of many.';

comment on function private.pair_vehicles(uuid[], uuid[]) is 'Makes a candidate of each pair of these vehicles that has one VIN, or of those with a changed vehicle. Gives how many could be looked at.';

comment on function private.rescore_vins(text[], integer) is 'Scores the vehicles anew whose VIN became suspect, or is no longer. Gives how many.';

comment on function private.vehicle_quality(public.vehicles, boolean) is 'The score, as in docs/architecture.md: year, make, model 10 each; vin, price, description, images 15 each; mileage, color, engine, transmission 2.5 each. A field held with confidence under 0.5 earns nothing, and neither does a suspect VIN.';

comment on function private.vehicles_of_vins(text[]) is 'The vehicles of each VIN, at most one more than may have it, and how many these are.';

comment on function private.vin_key(text, text) is 'What vehicles of one VIN have in common. Chassis numbers from before the 17 characters were counted by each maker for itself: they come with the make, and without one there is no key.';

comment on table private.vins_to_check is 'VINs whose vehicles are to be paired or scored anew. Only ever appended to, so that who writes a vehicle waits for nobody; emptied by check_shared_vins().';

comment on table public.suspect_vins is 'One row a VIN that more vehicles have than one car is offered as: a placeholder, or a template of a dealer. It earns no points, joins no listings and makes no pairs. A person who knows better sets status to genuine.';

comment on table public.vehicle_merge_candidates is 'Pairs of vehicles with the same VIN, while only a few have it (more: suspect_vins). A person says what they are; nothing is merged silently.';

comment on view public.shared_vins is 'One row a VIN that several vehicles have: merge_candidates wait for a person (vehicle_merge_candidates), a suspect_vin is a placeholder and earns nothing, genuine is what a person called one of those.';

revoke all on function private.add_suspect_vins(text[]) from public;

grant execute on function private.add_suspect_vins(text[]) to postgres, service_role;

revoke all on function private.check_shared_vins(integer) from public;

grant execute on function private.check_shared_vins(integer) to postgres, service_role;

revoke all on function private.check_suspect_vin() from public;

grant execute on function private.check_suspect_vin() to postgres;

revoke all on function private.drop_pairs_of_suspect_vins(text[], integer) from public;

grant execute
  on function private.drop_pairs_of_suspect_vins(text[], integer)
  to postgres, service_role;

revoke all on function private.find_unshared_vins() from public;

grant execute on function private.find_unshared_vins() to postgres;

revoke all on function private.is_suspect_vin(text, text) from public;

grant execute on function private.is_suspect_vin(text, text) to postgres, service_role;

revoke all on function private.is_vin(text) from authenticated;

grant execute on function private.is_vin(text) to authenticated;

revoke all on function private.most_of_a_vin() from public;

grant execute on function private.most_of_a_vin() to postgres, service_role;

revoke all on function private.note_shared_vins(text[], uuid[]) from public;

grant execute on function private.note_shared_vins(text[], uuid[]) to postgres, service_role;

revoke all on function private.pair_vehicles(uuid[], uuid[]) from public;

grant execute on function private.pair_vehicles(uuid[], uuid[]) to postgres, service_role;

revoke all on function private.rescore_vins(text[], integer) from public;

grant execute on function private.rescore_vins(text[], integer) to postgres, service_role;

revoke all on function private.vehicles_of_vins(text[]) from public;

grant execute on function private.vehicles_of_vins(text[]) to postgres, service_role;

revoke all on function private.vin_key(text, text) from public;

grant execute on function private.vin_key(text, text) to authenticated, postgres, service_role;

grant all on table private.vins_to_check to postgres, service_role;

grant select on table public.suspect_vins to authenticated;

grant all on table public.suspect_vins to postgres, service_role;

grant select on table public.shared_vins to authenticated;

grant all on table public.shared_vins to postgres, service_role;

create index if not exists vehicles_by_vin_key on public.vehicles using btree (private.vin_key(vin, make))
  where (vin is not null);

-- supabase/schemas/merging/cron.sql
select cron.schedule('check-shared-vins', '* * * * *', 'select private.check_shared_vins()');

-- By hand: VINs that are many vehicles' already: check_shared_vins() takes their pairs back and scores them anew, in portions.
insert into private.vins_to_check (vin_key)
select distinct private.vin_key(v.vin, v.make)
from public.vehicle_merge_candidates c
join public.vehicles v on v.id = c.vehicle_id and v.vin = c.vin
where c.status = 'open' and private.vin_key(v.vin, v.make) is not null
group by private.vin_key(v.vin, v.make)
having count(*) > 10;
