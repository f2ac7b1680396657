-- What is known of how right readings were: persons' reviews, audits among them, and what independent sources agree on.

create function private.declared_band(p_declared numeric) returns text
language sql immutable parallel safe
return case when p_declared < 0.6 then 'low' when p_declared < 0.85 then 'middle' else 'high' end;
comment on function private.declared_band(numeric) is
  'How sure a reader says it is, in three steps: what was read with a doubt is not judged by what was read without.';
grant execute on function private.declared_band(numeric) to authenticated, service_role;

create function private.calibration_labels(p_until timestamptz)
returns table (
  source_id uuid, field_name text, reading_way text, declared numeric, confidence numeric, labelled_at timestamptz,
  accepted numeric, stands_for numeric, counts numeric
)
language sql stable
set search_path = ''
as $$
  with labels as (
    select
      private.url_host(m.source_url) as host, m.field_name, m.reading_way,
      coalesce(m.declared_confidence, m.confidence_score) as declared,
      m.confidence_score as confidence,
      m.reviewed_at as labelled_at,
      (m.validation_status <> 'rejected')::integer::numeric as accepted,
      -- What somebody chose to look at stands for itself; what was drawn, for all among which it was drawn.
      coalesce(1 / a.probability, 1) as stands_for,
      1.0 as counts
    from public.extraction_metadata m
    left join public.audit_readings a on a.extraction_id = m.id
    where m.reviewed_at > p_until - interval '1 year'
      and m.reviewed_at <= p_until
      and m.reading_way is not null
      and m.extraction_method not like 'manual%'
    union all
    select
      s.host, c.field_name, s.way, s.declared, s.declared, c.compared_at,
      -- Of two that disagree one is wrong, and nobody knows which.
      case when c.agrees then 1 else 0.5 end,
      1, 0.25
    from public.source_comparisons c
    cross join lateral (
      values (c.host, c.reading_way, c.declared_confidence), (c.other_host, c.other_reading_way, c.other_declared_confidence)
    ) s(host, way, declared)
    where c.is_independent
      and c.compared_at > p_until - interval '1 year'
      and c.compared_at <= p_until
      and s.way is not null
      and s.declared is not null
  ),
  hosts as materialized ( -- a source is looked up once a host
    select h.host, private.source_of_host(h.host) as source_id
    from (select distinct host from labels where host is not null) h
  )
  select
    h.source_id, l.field_name, l.reading_way, l.declared, l.confidence, l.labelled_at, l.accepted, l.stands_for,
    l.counts * 0.5 ^ (extract(epoch from p_until - l.labelled_at) / (90 * 86400))
  from labels l
  left join hosts h on h.host = l.host
$$;
comment on function private.calibration_labels(timestamptz) is
  'One row a label of a reading, of the year before a time: a review is worth one, an agreement of independent sources a quarter for each side, both half as much every 90 days (counts). stands_for is 1/probability of what was drawn for the audit, else 1; accepted is 1, 0, or a half for each side of a disagreement.';
grant execute on function private.calibration_labels(timestamptz) to authenticated, service_role;

create function private.labels_by_way(p_until timestamptz)
returns table (
  source_id uuid, field_name text, reading_way text, declared_band text,
  labels bigint, weight numeric, squares numeric, accepted numeric, expected numeric
)
language sql stable
set search_path = ''
as $$
  select
    l.source_id, l.field_name, l.reading_way, private.declared_band(l.declared),
    count(*),
    sum(l.stands_for * l.counts), sum(l.stands_for ^ 2 * l.counts),
    sum(l.stands_for * l.counts * l.accepted), sum(l.stands_for * l.counts * l.declared)
  from private.calibration_labels(p_until) l
  group by 1, 2, 3, 4
$$;
comment on function private.labels_by_way(timestamptz) is
  'The labels of each source, field, way and band, summed up: weight and squares give how many they are worth (Kish: weight^2 / squares), accepted and expected how many were right and were declared to be.';
grant execute on function private.labels_by_way(timestamptz) to authenticated, service_role;
