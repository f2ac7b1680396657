-- Where each fact came from, what a person said of it, and the queue of vehicles to read again.

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
