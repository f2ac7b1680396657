-- What independent sources say of the same car: the one check of a page that no page makes of itself.

create table public.source_comparisons (
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  field_name text not null check (field_name <> ''),
  host text not null check (host <> ''),
  other_host text not null check (other_host <> host),
  agrees boolean not null,
  compared_at timestamptz not null default now(),
  is_independent boolean not null default false,
  reading_way text check (reading_way <> ''),
  declared_confidence numeric(4, 3) check (declared_confidence between 0 and 1),
  other_reading_way text check (other_reading_way <> ''),
  other_declared_confidence numeric(4, 3) check (other_declared_confidence between 0 and 1),
  primary key (vehicle_id, field_name, host, other_host)
);
comment on table public.source_comparisons is
  'One row a vehicle, field and pair of sites that both state it: whether the page of host agrees with what was held from other_host. Only fields that do not change with time or offer. Kept 90 days.';
comment on column public.source_comparisons.is_independent is
  'Whether the two say it each for itself: of different sources, by different sellers or months apart, and not in the same words. One feed that two sites show proves nothing.';
comment on column public.source_comparisons.reading_way is
  'How the page of host was read, and how sure its reader was; the other_… columns say it of other_host. Null where it is not known.';

create index source_comparisons_by_time on public.source_comparisons (compared_at);

alter table public.source_comparisons enable row level security;
create policy operators_read on public.source_comparisons
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_comparisons to authenticated;
grant all on public.source_comparisons to service_role;

create function private.compared_fields() returns text[]
language sql immutable parallel safe
return array['model', 'color', 'engine', 'transmission', 'drivetrain', 'body_style'];
comment on function private.compared_fields() is
  'What two pages of one car should agree on. Not VIN, year and make: by these it is known that they are of one car.';

create function private.are_independent(
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
comment on function private.are_independent(uuid[], text, text, text, text) is
  'Whether what the listings of a car on two hosts say comes from two: different sources, other words, and different sellers, or 90 days between them. A seller that is not known may be the same.';

create function private.compare_sources(p_vehicle_id uuid, p_host text, p_decisions jsonb) returns void
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
comment on function private.compare_sources(uuid, text, jsonb) is
  'Notes where the page of a host speaks of what another host''s page said before: p_decisions as apply_facts() made them.';

create function private.compare_vehicles(k public.vehicles, o public.vehicles) returns void
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
comment on function private.compare_vehicles(public.vehicles, public.vehicles) is
  'Notes what two vehicles that are proved to be one car, and are about to become one, say of it.';

create view public.source_agreement with (security_invoker = true) as
with sides as (
  select c.host as host, c.other_host as other_host, c.field_name, c.agrees from public.source_comparisons c
  where c.compared_at > now() - interval '14 days'
  union all
  select c.other_host, c.host, c.field_name, c.agrees from public.source_comparisons c
  where c.compared_at > now() - interval '14 days'
)
select
  s.host,
  s.field_name,
  count(*) as compared,
  count(*) filter (where s.agrees) as agreed,
  count(distinct s.other_host) as hosts,
  count(distinct s.other_host) filter (where not s.agrees) as hosts_that_disagree
from sides s
group by s.host, s.field_name
order by s.host, s.field_name;
comment on view public.source_agreement is
  'The last 14 days, by site and field: how often another site''s page of the same car was compared, and how often the two agreed. A site with which several disagree is the one to look at.';
grant select on public.source_agreement to authenticated, service_role;

grant execute on function
  private.compared_fields(),
  private.are_independent(uuid[], text, text, text, text),
  private.compare_sources(uuid, text, jsonb),
  private.compare_vehicles(public.vehicles, public.vehicles)
to service_role;
