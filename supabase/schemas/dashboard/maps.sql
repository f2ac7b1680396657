create function private.maps_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with counts as (
      select
        count(*) filter (where m.status = 'serving') as serving,
        count(*) filter (where m.status = 'shadow') as shadow,
        count(*) filter (where m.status = 'draft') as draft,
        count(*) filter (where m.status = 'retired') as retired,
        (select count(*) from public.extraction_map_jobs j where j.status in ('pending', 'processing')) as jobs_open,
        (select count(*) from public.extraction_map_jobs j where j.status = 'failed') as jobs_failed
      from public.extraction_maps m
    ),
    shown as materialized (
      select m.id, m.source, m.template, m.version, m.status, m.cause, m.fields, m.support, m.held_out, m.errors, m.retired_because,
        coalesce(m.retired_at, m.serving_at, m.created_at) as since,
        row_number() over (order by array_position('{shadow,serving,draft,retired}'::text[], m.status),
          coalesce(m.retired_at, m.serving_at, m.created_at) desc, m.id) as n
      from public.extraction_maps m
      order by n
      limit 40
    ),
    compared as (
      select s.id, c.compared, c.agree
      from shown s
      cross join lateral (
        select count(k.agrees) as compared, count(*) filter (where k.agrees) as agree
        from public.extraction_map_comparisons k where k.map_id = s.id
      ) c
    ),
    jobs as (
      select * from public.extraction_map_jobs j where j.status in ('pending', 'processing', 'failed') order by j.status, j.created_at desc limit 10
    ),
    rows as (
      select 0 as place, j.id::text as a, private.panel_row(
        j.id::text, case when j.status = 'failed' then 'warn' else 'ok' end, j.status, j.source,
        format('learning (%s), step %s', replace(j.cause, '_', ' '), j.step),
        jsonb_build_object('job_id', j.id, 'source', j.source, 'cause', j.cause, 'step', j.step, 'status', j.status),
        j.error_message, j.created_at, j.next_attempt_at,
        case when j.status = 'failed' then format('select redrive_queue(''extraction_map_jobs'', array[%L]::uuid[]);', j.id) end,
        case when j.status = 'failed' then jsonb_build_array(private.panel_action('Put it back', 'operator_redrive',
          jsonb_build_object('p_queue', 'extraction_map_jobs', 'p_id', j.id))) else '[]' end) as row
      from jobs j
      union all
      select 1, to_char(s.n, '0000'), private.panel_row(
        s.id::text, case when s.status = 'retired' then 'idle' when c.compared >= 20 and c.agree < 0.9 * c.compared then 'bad' else 'ok' end,
        s.status, format('%s, version %s', s.source, s.version),
        case when s.status = 'retired' then s.retired_because
          else format('gives %s; %s of %s trials on pages held out were right',
            case when s.fields = '{}' then 'no field' else array_to_string(s.fields, ', ') end, s.held_out - s.errors, s.held_out) end,
        jsonb_build_object('map_id', s.id, 'source', s.source, 'template', s.template, 'version', s.version, 'status', s.status,
          'fields', to_jsonb(s.fields), 'support', s.support, 'held_out', s.held_out, 'errors', s.errors, 'compared', c.compared, 'agree', c.agree),
        'learned because: ' || replace(s.cause, '_', ' '), s.since, null,
        case when s.status <> 'retired' then format('select retire_extraction_map(%L);', s.id) end,
        case when s.status <> 'retired' then jsonb_build_array(
          private.panel_action('Retire', 'operator_retire_map', jsonb_build_object('p_map_id', s.id), 'p_reason')) else '[]' end)
      from shown s
      join compared c on c.id = s.id
    )
    select jsonb_build_object(
      'at', null,
      'state', case when c.jobs_failed > 0 then 'warn' when c.serving + c.shadow + c.jobs_open = 0 then 'idle' else 'ok' end,
      'says', case when c.serving + c.shadow + c.draft + c.jobs_open = 0
        then 'No map is needed: every page that comes is read by its adapter.'
        else format('%s, %s in shadow%s', private.counted_words(c.serving, 'map serves', 'maps serve'), c.shadow,
          case when c.jobs_open > 0 then format('; %s', private.counted_words(c.jobs_open, 'is being learned', 'are being learned')) else '' end) end,
      'summary', to_jsonb(c),
      'rows', coalesce((select jsonb_agg(r.row order by r.place, r.a) from rows r), '[]'),
      'rows_left', greatest(c.serving + c.shadow + c.draft + c.retired - 40, 0),
      'series', '[]'::jsonb,
      'empty', case when not exists (select from rows) then 'A map is learned when a source changes its markup, or is new and says little of itself (docs/learning.md).' end)
    from counts c
  );
end
$$;
comment on function private.maps_panel(text) is 'Extraction maps: in shadow, serving, retired, how they compare, and the jobs that learn.';
grant execute on function private.maps_panel(text) to authenticated, service_role;
