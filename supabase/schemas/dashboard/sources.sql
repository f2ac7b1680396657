create function private.sources_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with drift as materialized (
      select d.key as host, d.value as drift from jsonb_each(private.part_state('drift') -> 'by_host') d
    ),
    -- As source_candidates_to_review has them: passed its probe, and waits for a person.
    asked_for as materialized (
      select r.id, r.why, r.read, r.addresses, r.feeds, r.to_approve
      from public.source_candidates_to_review r
      where r.id = any (array(select p.source_id from public.source_probes p where p.status = 'passed'))
      limit 50
    ),
    counts as (
      select
        count(*) as sources,
        count(*) filter (where not s.is_active) as off,
        count(*) filter (where s.is_active and s.lifecycle = 'active') as active,
        count(*) filter (where s.is_active and s.lifecycle = 'probation') as probation,
        count(*) filter (where s.is_active and s.lifecycle = 'degraded') as degraded,
        count(*) filter (where s.is_active and s.lifecycle = 'retired') as retired,
        count(*) filter (where s.is_active and s.lifecycle in ('candidate', 'probing')) as candidates,
        count(*) filter (where s.lifecycle = 'rejected') as rejected,
        (select count(*) from asked_for) as to_review,
        (select count(*) from drift) as drifting
      from public.scrape_sources s
    ),
    listed as materialized (
      select s.*, coalesce(s.hosts[1], s.slug) as host, a.id is not null as is_asked_for, a.why as asked_why, a.read, a.addresses, a.to_approve,
        d.drift,
        row_number() over (order by
          a.id is null, d.drift is null, s.is_active is false,
          array_position('{degraded,probation,active,probing,candidate,retired,rejected}'::text[], s.lifecycle),
          s.lifecycle_at desc, s.slug) as n
      from public.scrape_sources s
      left join asked_for a on a.id = s.id
      left join lateral (select d.drift from drift d where d.host = any (s.hosts) limit 1) d on true
    ),
    shown as materialized (
      select l.*, h.success_rate, h.baseline_success_rate, h.avg_quality_score, h.baseline_quality_score, h.status as health, h.why as health_why,
        h.last_checked, v.vehicles_count, v.mean_score, v.complete_count
      from listed l
      left join lateral (
        select * from public.source_health h where h.source_id = l.id order by h.last_checked desc limit 1
      ) h on true
      left join lateral (
        select * from public.vehicle_score_history v where v.source_id = l.id order by v.day desc limit 1
      ) v on true
      where l.n <= 50
    ),
    days as materialized (
      select l.subject, l.today, l.yesterday from private.last_days('{vehicles_added}', array(select s.host from shown s)) l
    )
    select jsonb_build_object(
      'at', null,
      'state', case when c.drifting > 0 then 'bad' when c.degraded + c.to_review > 0 then 'warn' when c.sources = 0 then 'idle' else 'ok' end,
      'says', format('%s in service%s%s%s', private.counted_words(c.active + c.probation + c.degraded, 'source', 'sources'),
        case when c.drifting > 0 then format('; pages of %s can no longer be read', private.counted_words(c.drifting, 'site', 'sites')) else '' end,
        case when c.degraded > 0 then format('; %s degraded', c.degraded) else '' end,
        case when c.to_review > 0 then format('; %s for you to approve', private.counted_words(c.to_review, 'waits', 'wait')) else '' end),
      'summary', to_jsonb(c),
      'rows', coalesce((
        select jsonb_agg(private.panel_row(
          s.id::text,
          case when s.drift is not null then 'bad' when s.is_asked_for or s.lifecycle = 'degraded' or s.health in ('degraded', 'failing') then 'warn'
            when not s.is_active or s.lifecycle in ('retired', 'rejected', 'candidate', 'probing') then 'idle' else 'ok' end,
          case when not s.is_active then 'off' when s.is_asked_for then 'to approve' when s.drift is not null then 'drifting' else s.lifecycle end,
          s.host,
          case
            when s.is_asked_for then s.asked_why
            when s.drift is not null then format('%s of %s pages of seven days came and could not be read', s.drift ->> 'unreadable', s.drift ->> 'pages_read')
            when s.health is not null then format('%s%s', coalesce(round(100 * s.success_rate) || ' of 100 readings work', 'no readings'),
              coalesce(', usually ' || round(100 * s.baseline_success_rate), ''))
            else coalesce(s.lifecycle_reason, case s.found_by when 'code' then 'it has an adapter' else 'found by ' || replace(s.found_by, '_', ' ') end)
          end,
          jsonb_build_object(
            'source_id', s.id, 'slug', s.slug, 'host', s.host, 'kind', s.kind, 'lifecycle', s.lifecycle, 'is_active', s.is_active,
            'vehicles', s.vehicles_count, 'mean_score', s.mean_score,
            'complete_share', round(s.complete_count / nullif(s.vehicles_count, 0)::numeric, 3),
            'success_rate', s.success_rate, 'baseline_success_rate', s.baseline_success_rate,
            'quality', s.avg_quality_score, 'baseline_quality', s.baseline_quality_score, 'health', s.health,
            'vehicles_today', d.today, 'vehicles_yesterday', d.yesterday,
            'drift', s.drift, 'confidence_cap', s.confidence_cap, 'read', s.read, 'addresses', to_jsonb(s.addresses)),
          case when not s.is_active then 'switched off by an operator'
            else coalesce(s.drift ->> 'example_reason', s.health_why, s.lifecycle_reason) end,
          s.lifecycle_at, s.next_look_at,
          case
            when not s.is_active then format('update scrape_sources set is_active = true where slug = %L;', s.slug)
            when s.is_asked_for then s.to_approve
            when s.drift is not null then format('npx -y deno@2.9.5 task extract PAGE.html --url %s', s.drift ->> 'example_url')
            when s.lifecycle in ('rejected', 'retired') then format('select approve_source(%L);', s.host)
            when s.lifecycle = 'degraded' then format('select * from source_host_status where host = %L;', s.host)
          end,
          case
            when not s.is_active then jsonb_build_array(
              private.panel_action('Switch it on', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', true, 'p_seen', s.lifecycle)))
            when s.is_asked_for then jsonb_build_array(
              private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle)),
              private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle), 'p_reason'))
            when s.lifecycle in ('rejected', 'retired', 'candidate') then jsonb_build_array(
              private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle)))
            else jsonb_build_array(
              private.panel_action('Switch it off', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', false, 'p_seen', s.lifecycle)),
              private.panel_action('Learn its pages', 'operator_learn_map', jsonb_build_object('p_host', s.host)),
              private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle), 'p_reason'))
          end,
          case when s.hosts[1] is not null then jsonb_build_object('url', 'https://' || s.hosts[1]) end
        ) order by s.n)
        from shown s
        left join days d on d.subject = s.host), '[]'),
      'rows_left', greatest(c.sources - 50, 0),
      'series', jsonb_build_array(private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
      'empty', case when c.sources = 0 then 'The first run of discover-listings writes the sources that have an adapter.' end)
    from counts c
  );
end
$$;
comment on function private.sources_panel(text) is
  'Sources: what waits for a person, which are not understood any more or degraded, how each does against its own 14 days.';
grant execute on function private.sources_panel(text) to authenticated, service_role;
