-- Whether 0.9 means nine of ten.

create view public.calibration_report with (security_invoker = true) as
with labels as materialized (
  select l.*, l.stands_for * l.counts as weight from private.calibration_labels(now()) l
),
judged as (
  select 'declared' as confidences, null::integer as version, l.declared as confidence, l.accepted, l.weight from labels l
  union all
  select 'held', null, l.confidence, l.accepted, l.weight from labels l
  union all
  select c.status, c.version, s.confidence, l.accepted, l.weight
  from public.calibrations c
  join labels l on l.labelled_at > c.made_at
  cross join lateral private.calibrated_by(c.version, l.source_id, l.field_name, l.reading_way, l.declared) s(confidence)
  where c.status in ('serving', 'shadow')
),
binned as (
  select
    j.confidences, j.version, b.bin,
    count(*) as n,
    sum(j.weight) as weight,
    sum(j.weight * j.confidence) / sum(j.weight) as mean_confidence,
    sum(j.weight * j.accepted) / sum(j.weight) as accepted,
    sum(j.weight * (j.confidence - j.accepted) ^ 2) as squares
  from judged j
  cross join lateral (select least(floor(j.confidence * 10), 9)::integer) b(bin)
  group by 1, 2, 3
)
select
  b.confidences,
  b.version,
  case when b.bin is null then 'all' else format('%s to %s', round(b.bin / 10.0, 1), round((b.bin + 1) / 10.0, 1)) end as bin,
  sum(b.n)::bigint as n,
  round(sum(b.weight * b.mean_confidence) / sum(b.weight), 4) as mean_confidence,
  round(sum(b.weight * b.accepted) / sum(b.weight), 4) as accepted,
  round(sum(b.squares) / sum(b.weight), 4) as brier,
  round(sum(b.weight * abs(b.mean_confidence - b.accepted)) / sum(b.weight), 4) as ece
from binned b
group by grouping sets ((b.confidences, b.version), (b.confidences, b.version, b.bin))
order by b.confidences, b.version, b.bin nulls first;
comment on view public.calibration_report is
  'How confidence and what reviews, audits and independent sources found of the last year go together: what readers declared, what is held, and what the calibrations in service and in shadow say of the labels that came in since they were made. By bin: mean confidence and the part that was right; brier is the mean square between the two, ece (expected calibration error) how far apart they are on the whole.';
grant select on public.calibration_report to authenticated, service_role;
