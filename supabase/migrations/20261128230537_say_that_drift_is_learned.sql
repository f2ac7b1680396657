-- Say that drift is learned.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.drift_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text, waits text, by_itself text)
language sql stable
set search_path = ''
as $$
  select
    'source ' || d.source_host,
    'failing',
    format('%s of %s pages of seven days came and could not be read', d.unreadable, d.pages_read),
    d.last_unreadable_at,
    format('its adapter is behind: %s; for example %s', d.example_reason, d.example_url),
    format('npx -y deno@2.9.5 task extract PAGE.html --url %s', d.example_url),
    private.up_to_thousand(d.unreadable, 'reading'),
    coalesce(
      (select case
          when j.status in ('pending', 'processing') then 'its pages are being learned (docs/learning.md)'
          else 'its pages were learned: ' || j.result || '; else an adapter that reads the page of today mends it'
        end
        from public.extraction_map_jobs j
        where j.source = private.reading_source(d.source_host) and j.cause <> 'watch'
        order by j.created_at desc
        limit 1),
      'its pages are learned when five of one day were kept; else an adapter that reads the page of today mends it (docs/learning.md)')
  from public.source_drift d
  where d.is_drifting
$$;
