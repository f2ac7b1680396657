-- What stands where, measured for the dashboard: each part by itself, so that one that breaks takes no other with it.

create function private.measured_running() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.place, p.part), '[]')
  from (
    select 1 as place, r.*, null::text as waits, 'cron starts it every ten minutes' as by_itself from private.run_part() r
    union all
    -- As they were measured just before.
    select 2, t.*, null, 'cron looks every 20 seconds, and invokes its worker when there is something to claim'
    from private.queues q
    cross join lateral (select private.part_state('queues') -> 'queues' -> q.table_name as metrics) m
    cross join lateral private.queue_part(q, m.metrics) t
    where m.metrics is not null
    union all
    select 3, o.*, null, 'cron looks every 20 seconds' from private.other_parts() o
    union all
    select 4, w.* from private.worker_parts() w
    union all
    select 7, f.*, null, 'cron begins a cycle every two hours, and looks every 20 seconds'
    from private.part_state('cycle') s
    cross join lateral private.fill_part_of(s) f
    where s is not null
  ) p
$$;
comment on function private.measured_running() is
  'The parts of pipeline_status that are soon told, of queues and the cycle as they were measured before; hosts and drift are measured apart.';

create function private.measured_hosts_in_the_way() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) || '{"place": 5}'), '[]') from private.host_parts(500) p
$$;

create function private.measured_drift() returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  -- Of a healthy week nothing but its few failures is read.
  if not exists (
    select
    from public.scrape_steps s
    where s.status = 'failed' and s.created_at > now() - interval '7 days' and s.outcome_code = 'unreadable' and s.step_name = 'extract_data'
    group by s.source
    having count(*) >= 5
  ) then
    return '{"parts": [], "by_host": {}}';
  end if;
  return jsonb_build_object(
    'parts', (select coalesce(jsonb_agg(to_jsonb(p) || '{"place": 6}'), '[]') from private.drift_parts() p),
    'by_host', (
      select coalesce(jsonb_object_agg(d.source_host, jsonb_build_object(
        'unreadable', d.unreadable, 'pages_read', d.pages_read, 'example_url', d.example_url, 'example_reason', d.example_reason)), '{}')
      from public.source_drift d
      where d.is_drifting and d.source_host is not null));
end
$$;

create function private.measured_cycle() returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(s) from private.fill_stands() s
$$;

create function private.measured_queues() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'queues', (select coalesce(jsonb_object_agg(q.table_name, private.queue_metrics(q)), '{}') from private.queues q),
    'feeds', private.feed_metrics(),
    'images_due', private.due_images(10001),
    'micro_scrape_due', private.counted('from public.micro_scrape_state where state = ''due''', 'micro_scrape_state_due'))
$$;

create function private.measured_dead_letters() returns jsonb
language sql stable
set search_path = ''
as $$
  with dead as materialized (
    select d.* from private.queues q cross join lateral private.dead_letters(q.table_name, null, 1000) d
  ),
  newest as (
    select d.*, row_number() over (order by d.failed_at desc nulls last, d.queue, d.id) as place from dead d
  )
  select jsonb_build_object(
    'count', (select count(*) from dead),
    'at_least', (select coalesce(jsonb_agg(t.queue), '[]') from (select queue from dead group by queue having count(*) >= 1000) t),
    'by', (
      select coalesce(jsonb_agg(to_jsonb(t) order by t.count desc, t.queue, t.outcome_code), '[]')
      from (
        select d.queue, d.outcome_code, count(*) as count, max(d.failed_at) as last_failed_at,
          (array_agg(d.error order by d.failed_at desc nulls last))[1] as error
        from dead d
        group by 1, 2
        order by 3 desc
        limit 20
      ) t),
    'newest', (select coalesce(jsonb_agg(to_jsonb(n) - 'place' order by n.place), '[]') from newest n where n.place <= 30))
$$;

create function private.measured_truth() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'audits', (select coalesce(jsonb_agg(to_jsonb(a) order by a.field), '[]') from private.audits_of_fields(now()) a),
    'conflicts', private.counted(
      'from public.extraction_metadata where validation_status = ''conflict''', 'extraction_metadata_conflicts'),
    'unsure', private.counted(
      'from public.extraction_metadata where validation_status = ''accepted'' and confidence_score < 0.6', 'extraction_metadata_weak'),
    'audit_open', (
      select count(*)
      from public.audit_readings a
      join public.extraction_metadata m on m.id = a.extraction_id
      where a.week > current_date - 28 and m.reviewed_at is null and m.validation_status = 'accepted'))
$$;

create function private.measured_coverage() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(d)), '[]')
  from (
    select
      m.field_name as field,
      date_trunc('day', c.slot, 'UTC') as day,
      sum(m.completeness * m.sample_size) as held,
      sum(m.sample_size) as of
    from public.fill_cycles c
    join public.quality_metrics m on m.cycle_id = c.cycle_id
    where c.slot >= date_trunc('day', now(), 'UTC') - interval '34 days' and m.completeness is not null
    group by 1, 2
  ) d
$$;

create function private.measured_reliability() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(r) order by r.bin), '[]')
  from public.calibration_report r
  where r.confidences = 'held'
$$;

comment on function private.measured_hosts_in_the_way() is 'Hosts that do not serve, as pipeline_status has them.';
comment on function private.measured_drift() is 'Sites whose pages come and are not understood any more.';
comment on function private.measured_cycle() is 'The row of fill_status.';
comment on function private.measured_queues() is 'How the queues, the feeds, images and gap filling stand.';
comment on function private.measured_dead_letters() is
  'What was given up: how many (up to a thousand of each queue), by queue and outcome, and the newest.';
comment on function private.measured_truth() is 'Audits by field of the last 14 days, and what is open for review.';
comment on function private.measured_coverage() is
  'By field and day of the last 35: to how many vehicles that came in it applies, and how many of them hold it.';
comment on function private.measured_reliability() is 'How confidence and truth go together, by bin: calibration_report of what is held.';
grant execute on function
  private.measured_running(),
  private.measured_hosts_in_the_way(),
  private.measured_drift(),
  private.measured_cycle(),
  private.measured_queues(),
  private.measured_dead_letters(),
  private.measured_truth(),
  private.measured_coverage(),
  private.measured_reliability()
to service_role;
