-- How complete and how right each field of what came in is.

create function private.audits_of_fields(p_until timestamptz)
returns table (field text, reviewed bigint, rejected bigint, compared bigint, disagreed bigint)
language sql stable
set search_path = ''
as $$
  select field, coalesce(r.reviewed, 0), coalesce(r.rejected, 0), coalesce(c.compared, 0), coalesce(c.disagreed, 0)
  from (
    -- Of readings only: what a person said of a person's value proves nothing of a page.
    select
      m.field_name as field,
      count(*) as reviewed,
      count(*) filter (where m.validation_status = 'rejected') as rejected
    from public.extraction_metadata m
    where m.reviewed_at >= p_until - interval '14 days'
      and m.reviewed_at < p_until
      and m.extraction_method not like 'manual%'
    group by 1
  ) r
  full join (
    select s.field_name as field, count(*) as compared, count(*) filter (where not s.agrees) as disagreed
    from public.source_comparisons s
    where s.compared_at >= p_until - interval '14 days' and s.compared_at < p_until
    group by 1
  ) c using (field)
$$;
comment on function private.audits_of_fields(timestamptz) is
  'By field, in the 14 days before a time: readings that persons reviewed and rejected, and pairs of independent sources that were compared and disagreed.';

create function private.finish_quality_metrics(p_cycle_id text, p_until timestamptz) returns numeric
language plpgsql
set search_path = ''
as $$
declare
  v_score numeric;
begin
  delete from public.quality_metrics where cycle_id = p_cycle_id;
  with of_field as (
    select
      f.key as field,
      sum((f.value ->> 'of')::integer)::integer as of,
      sum((f.value ->> 'held')::integer)::integer as held,
      sum((f.value ->> 'unsure')::integer)::integer as unsure
    from public.source_health h
    cross join lateral jsonb_each(h.fields) f
    where h.cycle_id = p_cycle_id
    group by 1
  ),
  fell as (
    -- The three sources that lose most.
    select f.field, array_agg(f.issue order by f.place) as issues
    from (
      select
        t.field,
        format('%s: %s of 100 hold it, usually %s', s.slug, round(100 * t.completeness), round(100 * t.usual)) as issue,
        row_number() over (partition by t.field order by (t.usual - t.completeness) * t.vehicles desc, s.slug) as place
      from private.fields_that_fell(p_cycle_id) t
      join public.scrape_sources s on s.id = t.source_id
    ) f
    where f.place <= 3
    group by f.field
  )
  insert into public.quality_metrics (
    cycle_id, field_name, completeness, accuracy, sample_size, accuracy_sample_size, issues, measured_at
  )
  select
    p_cycle_id, field, round(c.held / c.of::numeric, 4),
    -- A comparison looks at two readings; of two that disagree one is wrong at least.
    round(1 - (a.rejected + a.disagreed) / nullif(a.reviewed + 2 * a.compared, 0)::numeric, 4),
    coalesce(c.of, 0), coalesce(a.reviewed + 2 * a.compared, 0),
    array_remove(array[
      case when c.of > c.held + c.unsure then format('%s of %s vehicles lack it', c.of - c.held - c.unsure, c.of) end,
      case when c.unsure > 0 then format('%s of %s hold it with too little confidence', c.unsure, c.of) end,
      case when a.rejected > 0 then format('persons found %s of %s readings wrong', a.rejected, a.reviewed) end,
      case when a.disagreed > 0
        then format('sources disagree on %s of %s cars: select * from source_agreement', a.disagreed, a.compared) end
    ], null) || coalesce(w.issues, '{}'),
    now()
  from of_field c
  full join private.audits_of_fields(p_until) a using (field)
  left join fell w using (field);

  v_score := (
    select round(
      sum(m.completeness * m.sample_size * private.field_points(m.field_name))
        / nullif(sum(m.sample_size * private.field_points(m.field_name)), 0), 4)
    from public.quality_metrics m
    where m.cycle_id = p_cycle_id and m.completeness is not null
  );
  update public.fill_cycles set data_quality_score = v_score where cycle_id = p_cycle_id;
  return v_score;
end
$$;
comment on function private.finish_quality_metrics(text, timestamptz) is
  'Writes quality_metrics and data_quality_score of a cycle from its source_health. Gives the score, 0 to 1; null when nothing came in.';

grant execute on function
  private.audits_of_fields(timestamptz),
  private.finish_quality_metrics(text, timestamptz)
to service_role;
