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
  'too unsure to count in the score' || coalesce(': read from ' || m.evidence, ', and nothing says where it stood') as why
from public.extraction_metadata m
join public.vehicles v on v.id = m.vehicle_id
where m.validation_status = 'accepted'
  and m.confidence_score < private.sure_enough()
order by m.confidence_score, m.id;
comment on view public.low_confidence_extractions is
  'Values held with confidence under 0.6, which earn nothing in the score until somebody or something is surer: look at the evidence.';

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
order by m.extracted_at desc, m.id desc;
comment on view public.extraction_conflicts is
  'Readings that disagree with the value held and did not replace it, both shown.';
grant select on public.low_confidence_extractions, public.extraction_conflicts to authenticated, service_role;
