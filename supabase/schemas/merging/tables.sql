create table public.vehicle_merge_candidates (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  other_vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  vin text not null,
  status text not null default 'open' check (status in ('open', 'same_vehicle', 'different_vehicles')),
  note text,
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  score numeric(3, 2) check (score between 0 and 1),
  evidence jsonb check (jsonb_typeof(evidence) = 'object'),
  assessed_at timestamptz,
  unique (vehicle_id, other_vehicle_id),
  check (vehicle_id < other_vehicle_id),
  check ((status = 'open') = (resolved_at is null))
);
comment on table public.vehicle_merge_candidates is
  'Pairs of vehicles that may be one car: the same VIN, while only a few have it (more: suspect_vins), or the same seller, title and mileage. What is proved joins by itself; of the others a person says what they are.';
comment on column public.vehicle_merge_candidates.score is
  'How likely they are one car, 0 to 1; evidence has what both say, side by side. Null until looked at, within three minutes.';

create index vehicle_merge_candidates_by_other on public.vehicle_merge_candidates (other_vehicle_id);
create index vehicle_merge_candidates_open on public.vehicle_merge_candidates (vin) where status = 'open';

alter table public.vehicle_merge_candidates enable row level security;
create policy operators_read on public.vehicle_merge_candidates
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_merge_candidates to authenticated;
grant all on public.vehicle_merge_candidates to service_role;

create table public.vehicle_merges (
  id uuid primary key default gen_random_uuid(),
  kept_vehicle_id uuid,
  merged_vehicle_id uuid not null,
  merged_vehicle jsonb not null check (jsonb_typeof(merged_vehicle) = 'object'),
  fields_taken text[] not null,
  merged_by text not null,
  note text,
  created_at timestamptz not null default now(),
  before jsonb check (jsonb_typeof(before) = 'object'),
  unmerged_at timestamptz,
  number bigint not null generated always as identity,
  by_itself boolean not null default false
);
comment on table public.vehicle_merges is
  'One row a merge: which vehicle went into which, the row as it was, and who said so.';
comment on column public.vehicle_merges.by_itself is
  'Whether it was proved (note says how) rather than said by a person.';
comment on column public.vehicle_merges.before is
  'What the merge changed, as it was before: unmerge_vehicle() puts it back. Null for merges of 0.1.0.';

comment on column public.vehicle_merges.kept_vehicle_id is
  'No foreign key: the kept one may have gone into another since, and comes back with what it held.';
comment on column public.vehicle_merges.number is 'Which of the merges into one vehicle was first.';

create index vehicle_merges_by_kept on public.vehicle_merges (kept_vehicle_id, number);
create index vehicle_merges_by_merged on public.vehicle_merges (merged_vehicle_id);
create index vehicle_merges_by_vin on public.vehicle_merges ((merged_vehicle ->> 'vin'))
  where by_itself and unmerged_at is null;

alter table public.vehicle_merges enable row level security;
create policy operators_read on public.vehicle_merges
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_merges to authenticated;
grant all on public.vehicle_merges to service_role;

create table public.suspect_vins (
  vin_key text primary key,
  vin text not null,
  make text,
  status text not null default 'suspect' check (status in ('suspect', 'genuine')),
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.suspect_vins is
  'One row a VIN that more vehicles have than one car is offered as: a placeholder, or a template of a dealer. It earns no points, joins no listings and makes no pairs. A person who knows better sets status to genuine.';
comment on column public.suspect_vins.vin_key is
  'The VIN; a chassis number with its make, since each maker counted its own.';

create trigger touch_updated_at
  before update on public.suspect_vins
  for each row execute function private.touch_updated_at();

alter table public.suspect_vins enable row level security;
create policy operators_read on public.suspect_vins
  for select to authenticated using ((select private.is_operator()));
grant select on public.suspect_vins to authenticated;
grant all on public.suspect_vins to service_role;

create table private.vins_to_check (
  id bigint generated always as identity primary key,
  vin_key text not null,
  created_at timestamptz not null default now()
);
comment on table private.vins_to_check is
  'VINs whose vehicles are to be paired or scored anew. Only ever appended to, so that who writes a vehicle waits for nobody; emptied by check_shared_vins().';

alter table private.vins_to_check enable row level security;
grant all on private.vins_to_check to service_role;
