create table public.remembered_addresses (
  canonical_url text primary key check (canonical_url ~ '^https://'),
  kind text not null check (kind in ('forgotten', 'merged')),
  vehicle_id uuid references public.vehicles (id) on delete set null,
  former_vehicle_id uuid not null,
  title text,
  reason text not null,
  remembered_by text not null,
  created_at timestamptz not null default now(),
  check (kind = 'merged' or vehicle_id is null)
);
comment on table public.remembered_addresses is
  'One row a listing that does not become a vehicle by itself: forgotten, because its vehicle was deleted, or merged, because it is vehicle_id''s now.';
comment on column public.remembered_addresses.former_vehicle_id is 'The vehicle that stood there: unmerge_vehicle() takes it.';

create index remembered_addresses_by_vehicle on public.remembered_addresses (vehicle_id) where vehicle_id is not null;
create index remembered_addresses_forgotten on public.remembered_addresses (created_at) where kind = 'forgotten';
create index remembered_addresses_by_former on public.remembered_addresses (former_vehicle_id);

alter table public.remembered_addresses enable row level security;
create policy operators_read on public.remembered_addresses
  for select to authenticated using ((select private.is_operator()));
grant select on public.remembered_addresses to authenticated;
grant all on public.remembered_addresses to service_role;
