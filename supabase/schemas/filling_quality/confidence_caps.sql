-- How much a source is believed follows what audits say of it.

create function private.audits_of_sources()
returns table (source_id uuid, audited bigint, wrong bigint, witnesses bigint)
language sql stable
set search_path = ''
as $$
  with judged as (
    -- A person's word is one witness, and enough.
    select private.url_host(m.source_url) as host, m.validation_status = 'rejected' as is_wrong, null as other_host
    from public.extraction_metadata m
    where m.reviewed_at > now() - interval '14 days' and m.extraction_method not like 'manual%'
    union all
    select c.host, not c.agrees, c.other_host from public.source_comparisons c
    where c.compared_at > now() - interval '14 days'
    union all
    select c.other_host, not c.agrees, c.host from public.source_comparisons c
    where c.compared_at > now() - interval '14 days'
  ),
  by_host as materialized ( -- a source is looked up once a host
    select
      host,
      count(*) as audited,
      count(*) filter (where is_wrong) as wrong,
      count(distinct other_host) filter (where is_wrong) + 2 * bool_or(is_wrong and other_host is null)::integer as witnesses
    from judged
    where host is not null
    group by host
  )
  select s.id, sum(h.audited)::bigint, sum(h.wrong)::bigint, sum(h.witnesses)::bigint
  from by_host h
  cross join lateral private.source_of_host(h.host) s(id)
  where s.id is not null
  group by s.id
$$;
comment on function private.audits_of_sources() is
  'By source, in the last 14 days: readings that persons reviewed or that were compared with another site''s, how many were wrong or disagreed, and how many speak against it: each other site that disagrees is one witness, a person counts as two.';
grant execute on function private.audits_of_sources() to service_role;

create function private.move_confidence_caps(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_moved jsonb;
begin
  with wanted as (
    select
      s.id, s.slug, s.confidence_cap as from_cap, a.audited, a.wrong, a.witnesses,
      case
        -- One that disagrees with a single other site may be the one that is right.
        when a.wrong > 0.2 * a.audited and a.witnesses >= 2 then greatest(0.5, coalesce(s.confidence_cap, 0.89) - 0.1)
        when s.confidence_cap is null or a.wrong > 0.05 * a.audited then s.confidence_cap
        when l.to_value is distinct from s.confidence_cap::text then s.confidence_cap -- somebody else set it
        when s.confidence_cap < 0.79 then s.confidence_cap + 0.1
      end as to_cap
    from private.audits_of_sources() a
    join public.scrape_sources s on s.id = a.source_id
    left join lateral (
      select d.to_value, d.decided_at
      from public.fill_decisions d
      where d.lever = 'confidence_cap' and d.subject = s.slug
      order by d.id desc
      limit 1
    ) l on true
    where a.audited >= 20
      and s.lifecycle in ('active', 'degraded') -- in probation it is the probation's
      and coalesce(l.decided_at < now() - interval '1 day', true)
  ),
  moved as (
    update public.scrape_sources s
    set confidence_cap = w.to_cap
    from wanted w
    where s.id = w.id and w.to_cap is distinct from w.from_cap
    returning s.confidence_cap, w.*
  ),
  noted as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select
      p_cycle_id, 'confidence_cap', m.slug, m.from_cap::text, m.confidence_cap::text,
      format('%s of %s audited readings of %s are wrong or disagree with other sites', m.wrong, m.audited, m.slug),
      jsonb_build_object('audited', m.audited, 'wrong', m.wrong, 'witnesses', m.witnesses)
    from moved m
    order by m.slug
  )
  select jsonb_build_object(
    'caps_lowered', count(*) filter (where coalesce(m.confidence_cap, 1) < coalesce(m.from_cap, 1)),
    'caps_raised', count(*) filter (where coalesce(m.confidence_cap, 1) > coalesce(m.from_cap, 1)))
  into v_moved
  from moved m;
  return v_moved;
end
$$;
comment on function private.move_confidence_caps(text) is
  'Believes a source less of which more than a fifth of at least 20 audited readings are wrong, by a tenth a day, and again more where fewer than one in twenty are and the agent had lowered it. Gives {caps_lowered, caps_raised}.';
grant execute on function private.move_confidence_caps(text) to service_role;
