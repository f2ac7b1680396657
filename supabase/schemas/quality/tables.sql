create table public.vehicle_quality_scores (
  vehicle_id uuid primary key references public.vehicles (id) on delete cascade,
  overall_score numeric(4, 1) not null check (overall_score between 0 and 100),
  missing_fields text[] not null default '{}',
  low_confidence_fields text[] not null default '{}',
  issues text[] not null default '{}',
  score_version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (
  -- A score that stays what it was, by newer rules, is written in its page and in no index: no index holds updated_at.
  fillfactor = 90
);
comment on table public.vehicle_quality_scores is
  'One row a vehicle: its score, what is missing, and what is held with too little confidence to count. Written by triggers.';

create index vehicle_quality_scores_by_score on public.vehicle_quality_scores (overall_score);

alter table public.vehicle_quality_scores enable row level security;
create policy operators_read on public.vehicle_quality_scores
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_quality_scores to authenticated;
grant all on public.vehicle_quality_scores to service_role;
