-- What was learned, from what, since when, and what it changed.

create function private.learned_maps()
returns table (kind text, source text, subject text, state text, what text, learned_from text, since timestamptz, changed text)
language sql stable
set search_path = ''
as $$
  select
    'extraction map',
    m.source,
    format('%s, version %s', m.template, m.version),
    m.status,
    case
      when m.status = 'retired' then m.retired_because
      when m.fields = '{}' then 'gives no field'
      else 'gives ' || array_to_string(m.fields, ', ')
    end,
    format('%s pages (%s); %s of %s trials on pages held out were right',
      cardinality(m.learned_from), m.cause, m.held_out - m.errors, m.held_out),
    coalesce(m.retired_at, m.serving_at, m.created_at),
    case when v.id is not null then format(
      '%s vehicles read again from snapshots, %s of them changed', v.completed, v.backfilled_count) end
  from public.extraction_maps m
  left join public.scraper_version_status v on v.id = m.scraper_version_id
$$;
comment on function private.learned_maps() is 'The extraction maps'' rows of learning_status.';
grant execute on function private.learned_maps() to authenticated, service_role;

create view public.learning_status with (security_invoker = true) as
select l.kind, l.source, l.subject, l.state, l.what, l.learned_from, l.since, l.changed
from (
  select * from private.learned_maps()
  union all
  select * from private.learned_calibrations()
  union all
  select * from private.learned_strategies()
) l
order by l.since desc, l.kind, l.source, l.subject;
comment on view public.learning_status is
  'What was learned, from what, since when, and what it changed: a row an extraction map, a calibration, and what is known of each source (when to try again, the best way of each field, how often lists change).';
grant select on public.learning_status to authenticated, service_role;
