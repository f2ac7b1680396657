-- Snapshots: pages that are kept, so that they can be read again without asking the site.

create function public.newest_page_snapshots(p_urls text[]) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'url', asked.url,
      'canonical_url', asked.canonical_url,
      'snapshot', newest.snapshot
    )), '[]')
    from (
      select distinct u.url, public.canonical_listing_url(u.url) as canonical_url
      from unnest(p_urls) as u(url)
    ) as asked
    left join lateral (
      select jsonb_build_object(
        'id', s.id,
        'canonical_url', s.canonical_url,
        'url', s.url,
        'final_url', s.final_url,
        'sha256', s.sha256,
        'fetched_at', s.fetched_at,
        'last_seen_ms_ago', greatest(0, extract(epoch from now() - s.last_seen_at) * 1000)::bigint,
        'status', s.status,
        'etag', s.etag,
        'last_modified', s.last_modified,
        'content_type', s.content_type,
        'bytes', s.bytes,
        'stored_bytes', s.stored_bytes,
        'storage_path', s.storage_path
      ) as snapshot
      from public.page_snapshots s
      where s.canonical_url = asked.canonical_url
        and s.is_good
      order by s.last_seen_at desc
      limit 1
    ) as newest on true
  );
end
$$;
comment on function public.newest_page_snapshots(text[]) is
  'For each URL its canonical spelling and its newest good snapshot, or null: [{url, canonical_url, snapshot}].';
revoke execute on function public.newest_page_snapshots(text[]) from public, anon, authenticated;
grant execute on function public.newest_page_snapshots(text[]) to service_role;
