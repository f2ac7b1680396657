-- Where each fact came from, what a person said of it, and the queue of vehicles to read again.

create table public.extraction_metadata (
  id bigint generated always as identity primary key,
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  field_name text not null,
  field_value text,
  previous_value text,
  extraction_method text not null check (extraction_method <> ''),
  scraper_version text,
  confidence_score numeric(4, 3) not null check (confidence_score between 0 and 1),
  validation_status text not null
    check (validation_status in ('accepted', 'conflict', 'superseded', 'retracted', 'rejected')),
  evidence text,
  source_url text,
  snapshot_id uuid,
  extracted_at timestamptz not null default now(),
  last_confirmed_at timestamptz not null default now(),
  value_hash text generated always as (md5(coalesce(lower(field_value), ''))) stored
);
comment on table public.extraction_metadata is
  'Provenance: when, how, and by which version each value was read, and what became of it. One row a distinct value and version; reading the same again only moves last_confirmed_at.';
comment on column public.extraction_metadata.field_value is
  'The value as read; null in a row that records that a page took a value back.';

create unique index extraction_metadata_distinct on public.extraction_metadata
  (vehicle_id, field_name, value_hash, extraction_method, scraper_version) nulls not distinct;
create index extraction_metadata_weak on public.extraction_metadata (confidence_score, id)
  where validation_status = 'accepted' and confidence_score < 0.6;
create index extraction_metadata_conflicts on public.extraction_metadata (last_confirmed_at desc)
  where validation_status = 'conflict';

alter table public.extraction_metadata enable row level security;
create policy operators_read on public.extraction_metadata
  for select to authenticated using ((select private.is_operator()));
grant select on public.extraction_metadata to authenticated;
grant all on public.extraction_metadata to service_role;

create function public.get_extraction_history(p_vehicle_id uuid)
returns table (
  field_name text, field_value text, extraction_method text, confidence_score numeric,
  extracted_at timestamptz, scraper_version text, validation_status text, previous_value text,
  evidence text, source_url text, last_confirmed_at timestamptz
)
language sql stable
set search_path = ''
as $$
  select
    m.field_name, m.field_value, m.extraction_method, m.confidence_score, m.extracted_at,
    m.scraper_version, m.validation_status, m.previous_value, m.evidence, m.source_url,
    m.last_confirmed_at
  from public.extraction_metadata m
  where m.vehicle_id = p_vehicle_id
  order by m.extracted_at desc, m.id desc
$$;
comment on function public.get_extraction_history(uuid) is
  'Every value ever read for a vehicle, the newest first, with what became of it.';
grant execute on function public.get_extraction_history(uuid) to authenticated, service_role;

create view public.low_confidence_extractions with (security_invoker = true) as
select
  m.id,
  m.vehicle_id,
  v.year,
  v.make,
  v.model,
  m.field_name,
  m.field_value,
  m.confidence_score,
  m.extraction_method,
  m.scraper_version,
  m.evidence,
  m.source_url,
  m.extracted_at,
  case
    when m.confidence_score < 0.5 then 'too unsure to count in the score'
    else 'unsure'
  end || coalesce(': read from ' || m.evidence, ', and nothing says where it stood') as why
from public.extraction_metadata m
join public.vehicles v on v.id = m.vehicle_id
where m.validation_status = 'accepted'
  and m.confidence_score < 0.6
order by m.confidence_score, m.id;
comment on view public.low_confidence_extractions is
  'Values held with confidence under 0.6: look at the evidence before you rely on them.';

create view public.extraction_conflicts with (security_invoker = true) as
select
  m.id,
  m.vehicle_id,
  v.year,
  v.make,
  v.model,
  m.field_name,
  to_jsonb(v) ->> m.field_name as held_value,
  v.field_state -> m.field_name ->> 'method' as held_method,
  private.field_confidence(v.field_state, m.field_name) as held_confidence,
  m.field_value as other_value,
  m.extraction_method as other_method,
  m.confidence_score as other_confidence,
  m.evidence,
  m.source_url,
  m.last_confirmed_at
from public.extraction_metadata m
join public.vehicles v on v.id = m.vehicle_id
where m.validation_status = 'conflict'
order by m.last_confirmed_at desc;
comment on view public.extraction_conflicts is
  'Readings that disagree with the value held and did not replace it, both shown.';

grant execute on function private.field_confidence(jsonb, text) to authenticated;
grant select on public.low_confidence_extractions, public.extraction_conflicts to authenticated, service_role;

-- A person's word --------------------------------------------------------------------------------

create function private.fact_columns() returns text[]
language sql immutable parallel safe
return array[
  'year', 'make', 'model', 'trim', 'vin', 'mileage', 'color', 'interior_color', 'engine',
  'transmission', 'drivetrain', 'body_style', 'sale_price', 'high_bid', 'asking_price', 'currency',
  'sale_status', 'sale_date', 'seller_name', 'location', 'description'
];
comment on function private.fact_columns() is 'The columns of vehicles that hold facts.';

create function private.rejected_values(p_state jsonb, p_old text, p_new text) returns jsonb
language sql immutable parallel safe
return (
  select jsonb_agg(distinct r)
  from jsonb_array_elements(coalesce(p_state -> 'rejected', '[]') || jsonb_build_array(p_old)) r
  where r <> 'null' and r <> to_jsonb(coalesce(p_new, ''))
);
comment on function private.rejected_values(jsonb, text, text) is
  'The values that a person took away from a field, with the one that goes now and without the one that comes.';

create function private.note_manual_edits() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new jsonb;
  v_old jsonb;
  v_changed text[];
begin
  if current_setting('vehicles.writer', true) = 'apply_extractions' then
    return new;
  end if;

  v_new := to_jsonb(new);
  v_old := to_jsonb(old);
  v_changed := array(
    select f from unnest(private.fact_columns()) f where v_new -> f is distinct from v_old -> f
  );
  if v_changed = '{}' then
    return new;
  end if;

  -- A value that a person took away is remembered, so that no scraper brings it back.
  new.field_state := new.field_state || (
    select jsonb_object_agg(f, jsonb_strip_nulls(jsonb_build_object(
      'rejected', private.rejected_values(old.field_state -> f, v_old ->> f, v_new ->> f)
    )) || case
      when v_new ->> f is null then jsonb_build_object('why', 'removed_by_hand', 'at', now())
      else jsonb_build_object('confidence', 1, 'method', 'manual', 'at', now())
    end)
    from unnest(v_changed) f
  );
  if 'description' = any (v_changed) then
    new.description_source := case when new.description is not null then 'manual' end;
  end if;

  update public.extraction_metadata m
  set validation_status = case when v_new ->> m.field_name is null then 'rejected' else 'superseded' end
  where m.vehicle_id = new.id
    and m.field_name = any (v_changed)
    and m.validation_status in ('accepted', 'conflict'); -- a person has decided

  insert into public.extraction_metadata as held
    (vehicle_id, field_name, field_value, previous_value, extraction_method, confidence_score, validation_status)
  select new.id, f, v_new ->> f, v_old ->> f, 'manual', 1, 'accepted'
  from unnest(v_changed) f
  where v_new ->> f is not null
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set previous_value = excluded.previous_value,
      validation_status = 'accepted',
      last_confirmed_at = now();
  return new;
end
$$;
comment on function private.note_manual_edits() is
  'A fact changed outside apply_extractions() was set by a person: confidence 1, method manual, kept from then on.';
create trigger note_manual_edits
  before update of
    year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain,
    body_style, sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name,
    location, description
  on public.vehicles
  for each row execute function private.note_manual_edits();

-- The queue of vehicles to read again ------------------------------------------------------------

create table public.backfill_queue (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  reason text not null check (reason <> ''),
  priority integer not null default 5 check (priority between 1 and 10),
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
  source_url text,
  triggered_by text not null default 'manual',
  changes_detected jsonb not null default '{}',
  fields_updated text[] not null default '{}',
  outcome_code text,
  error_message text,
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 3 check (max_attempts > 0),
  next_attempt_at timestamptz,
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  created_at timestamptz not null default now(),
  processed_at timestamptz
);
comment on table public.backfill_queue is
  'Vehicles waiting to be read again, and what changed when they were. One open row a vehicle and reason.';
comment on column public.backfill_queue.next_attempt_at is
  'A pending row is not claimed before; null means it is due now.';
create unique index backfill_queue_one_open on public.backfill_queue (vehicle_id, reason)
  where status in ('pending', 'processing');
create index backfill_queue_by_vehicle on public.backfill_queue (vehicle_id);

alter table public.backfill_queue enable row level security;
create policy operators_read on public.backfill_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.backfill_queue to authenticated;
grant all on public.backfill_queue to service_role;

select private.add_queue(
  'backfill_queue', 'process-backfill-queue', 'completed', false, 'priority', p_reads_listings => true);

create view public.backfill_dashboard with (security_invoker = true) as
select
  b.status,
  b.reason,
  count(*) as count,
  round(avg(q.overall_score), 1) as avg_quality_score
from public.backfill_queue b
left join public.vehicle_quality_scores q on q.vehicle_id = b.vehicle_id
group by b.status, b.reason
order by b.status, b.reason;
comment on view public.backfill_dashboard is 'How many vehicles wait to be read again, were, or failed, by reason.';
grant select on public.backfill_dashboard to authenticated, service_role;

grant execute on function private.fact_columns() to service_role;
grant execute on function private.rejected_values(jsonb, text, text) to service_role;
