-- Confirm in place.

-- A function may name what comes below it.
set check_function_bodies = off;

drop index public.extraction_metadata_conflicts;

drop view public.extraction_conflicts;

alter table public.extraction_metadata
  set (fillfactor=85);

create or replace function private.review_ids(p_kind text, p_after_at text, p_after_id bigint, p_limit integer)
returns table (id bigint, at text)
language plpgsql stable
set search_path = ''
as $$
begin
  if p_kind = 'conflict' then
    return query
      select m.id, m.extracted_at::text
      from public.extraction_metadata m
      where m.validation_status = 'conflict'
        and (p_after_id is null or (m.extracted_at, m.id) < (p_after_at::timestamptz, p_after_id))
      order by m.extracted_at desc, m.id desc
      limit p_limit;
  elsif p_kind = 'audit' then
    return query
      select m.id, a.week::text
      from public.audit_readings a
      join public.extraction_metadata m on m.id = a.extraction_id
      where a.week > current_date - 28
        and m.reviewed_at is null
        and m.validation_status = 'accepted'
        and (p_after_id is null or a.week < p_after_at::date or a.week = p_after_at::date and m.id > p_after_id)
      order by a.week desc, m.id
      limit p_limit;
  else
    return query
      select m.id, m.confidence_score::text
      from public.extraction_metadata m
      where m.validation_status = 'accepted'
        and m.confidence_score < 0.6 -- as private.sure_enough() says, and the index
        and (p_after_id is null or (m.confidence_score, m.id) > (p_after_at::numeric, p_after_id))
      order by m.confidence_score, m.id
      limit p_limit;
  end if;
end
$$;

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

create index if not exists extraction_metadata_conflicts on public.extraction_metadata
  using btree (extracted_at desc, id desc)
  where (validation_status = 'conflict'::text);

comment on view public.extraction_conflicts is 'Readings that disagree with the value held and did not replace it, both shown.';

grant select on table public.extraction_conflicts to authenticated;

grant all on table public.extraction_conflicts to postgres, service_role;
