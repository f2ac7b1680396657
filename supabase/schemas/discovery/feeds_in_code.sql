-- The feeds that the code knows, and the table in sync with them.

create function public.sync_listing_feeds(p_feeds jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_written integer;
  v_dropped integer;
begin
  with written as (
    insert into public.listing_feeds as held
      (source, url, kind, about, enabled, check_interval, code_enabled, code_interval, off_because)
    select distinct on (public.canonical_listing_url(f.url))
      f.source, f.url, f.kind, f.about, f.enabled, make_interval(mins => f.interval_minutes),
      f.enabled, make_interval(mins => f.interval_minutes), nullif(f.off_because, '')
    from jsonb_to_recordset(p_feeds)
      as f(
        source text, url text, kind text, about text, enabled boolean, interval_minutes integer, off_because text)
    order by public.canonical_listing_url(f.url)
    on conflict (canonical_url) do update
    set source = excluded.source,
        url = excluded.url,
        kind = excluded.kind,
        about = excluded.about,
        enabled = case when held.enabled = held.code_enabled then excluded.enabled else held.enabled end,
        check_interval = case
          when held.check_interval = held.code_interval then excluded.check_interval else held.check_interval end,
        code_enabled = excluded.code_enabled,
        code_interval = excluded.code_interval,
        off_because = excluded.off_because
    where (held.source, held.url, held.kind, held.about, held.code_enabled, held.code_interval, held.off_because)
      is distinct from
      (
        excluded.source, excluded.url, excluded.kind, excluded.about, excluded.code_enabled, excluded.code_interval,
        excluded.off_because)
    returning 1
  )
  select count(*) into v_written from written;

  -- What the code no longer names is switched off, unless an operator wanted it otherwise.
  update public.listing_feeds
  set enabled = enabled and not code_enabled,
      code_enabled = null,
      code_interval = null,
      off_because = null
  where code_enabled is not null
    and canonical_url not in (
      select public.canonical_listing_url(f ->> 'url') from jsonb_array_elements(p_feeds) f
    );
  get diagnostics v_dropped = row_count;
  return v_written + v_dropped;
end
$$;
comment on function public.sync_listing_feeds(jsonb) is
  'Takes the feeds in code as [{source, url, kind, about, enabled, interval_minutes, off_because}] and writes what differs; what an operator changed stays. Gives how many rows changed.';
grant execute on function public.sync_listing_feeds(jsonb) to service_role;
