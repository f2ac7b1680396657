create function private.running_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with sampler as (
      select
        max(made_at) filter (where part = 'sampler') as at,
        -- Before its first run a database that was just made is not ill.
        (select min(added_at) from private.queues) > now() - interval '5 minutes' as is_new
      from public.dashboard_parts
    ),
    cron as (
      select s.at, case
        when s.at is null and s.is_new then 'starting'
        when s.at is null then 'never'
        when s.at < now() - interval '4 minutes' then 'still'
        else 'ok'
      end as state
      from sampler s
    ),
    parts as materialized (
      select x.value as part, x.value ->> 'state' as word, (x.value ->> 'place')::integer as place, x.value ->> 'part' as name
      from (
        select private.part_state('running') as list
        union all select private.part_state('hosts_in_the_way')
        union all select private.part_state('drift') -> 'parts'
      ) l
      cross join lateral jsonb_array_elements(l.list) x(value)
    ),
    broken as (
      select p.part as name, p.error_message from public.dashboard_parts p where p.error_message is not null order by p.part limit 1
    ),
    ranked as (
      select p.*, row_number() over (order by
        array_position(array['stuck', 'failing', 'running', 'working', 'waiting', 'idle', 'off'], p.word), p.place, p.name) as n
      from parts p
    ),
    wrong as (
      select count(*) filter (where word in ('stuck', 'failing')) as parts, count(*) as of from parts
    ),
    worst as (
      select r.* from ranked r where r.n = 1 and r.word in ('stuck', 'failing')
    ),
    told as (
      select
        case
          when c.state = 'never' then 'Nothing was ever measured: cron does not run.'
          when c.state = 'starting' then 'It is being set up: the first measures come within a minute.'
          when c.state = 'still' then format('Cron stands still: nothing was measured since %s.', private.utc_text(c.at))
          when w.name is not null then format('%s is %s: %s%s', w.name, w.word, coalesce(w.part ->> 'why', w.part ->> 'what'),
            case when n.parts > 1 then format(' (and %s more)', n.parts - 1) else '' end)
          when b.name is not null then format('The dashboard cannot measure %s: %s', b.name, b.error_message)
          else format('It runs: %s, and nothing is wrong.', private.counted_words(n.of, 'part', 'parts'))
        end as says,
        case
          when c.state in ('never', 'still') then 'select jobname, schedule, active from cron.job order by jobname;'
          when w.name is not null then w.part ->> 'what_to_type'
          when b.name is not null then format('select * from dashboard_parts where part = %L;', b.name)
        end as what_to_type,
        case
          when c.state in ('never', 'still') or w.name is not null then 'bad'
          when c.state = 'starting' then 'unknown'
          when b.name is not null then 'warn'
          else 'ok'
        end as state
      from cron c
      cross join wrong n
      left join worst w on true
      left join broken b on true
    )
    select jsonb_build_object(
      'at', (select made_at from public.dashboard_parts where part = 'running'),
      'state', t.state,
      'says', t.says,
      'summary', jsonb_build_object(
        'parts', n.of,
        'wrong', n.parts,
        'worst', (
          select jsonb_build_object('part', w.name, 'state', w.word, 'why', w.part -> 'why', 'what_to_type', w.part -> 'what_to_type')
          from worst w),
        'what_to_type', t.what_to_type,
        'cron', c.state,
        'sampler_ms', (select took_ms from public.dashboard_parts where part = 'sampler')),
      'rows', (
        select coalesce(jsonb_agg(private.panel_row(
          r.name, private.state_of_word(r.word), r.word, r.name, r.part ->> 'what',
          jsonb_build_object('part', r.name, 'waits', r.part -> 'waits', 'by_itself', r.part -> 'by_itself'),
          r.part ->> 'why', (r.part ->> 'since')::timestamptz, null, r.part ->> 'what_to_type',
          case
            when r.name like 'host %' and r.word = 'failing' then jsonb_build_array(private.panel_action(
              'It serves again: ask it', 'operator_resume_host', jsonb_build_object('p_host', substr(r.name, 6))))
            else '[]'
          end
        ) order by r.n), '[]')
        from ranked r where r.n <= 50),
      'rows_left', greatest(n.of - 50, 0),
      'series', '[]'::jsonb,
      'empty', case when n.of = 0 then 'Nothing was measured yet.' end)
    from told t
    cross join wrong n
    cross join cron c
  );
end
$$;
comment on function private.running_panel(text) is
  'Is it running: what is wrong first, why, and what to type. Where nothing was measured for four minutes, cron stands still.';
grant execute on function private.running_panel(text) to authenticated, service_role;
