-- Snapshots: pages that are kept, so that they can be read again without asking the site.

create table public.page_snapshots (
  id uuid primary key default gen_random_uuid(),
  canonical_url text not null check (canonical_url ~ '^https://'),
  url text not null,
  final_url text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  fetched_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  status integer not null check (status between 200 and 299),
  etag text check (etag <> ''),
  last_modified text check (last_modified <> ''),
  content_type text not null,
  bytes integer not null check (bytes > 0),
  stored_bytes integer not null check (stored_bytes > 0),
  storage_path text not null check (storage_path <> ''),
  is_good boolean not null default true,
  unique (canonical_url, sha256),
  check (last_seen_at >= fetched_at)
);
comment on table public.page_snapshots is
  'One row a different content of one listing''s page, kept in Storage (bucket page-snapshots, gzip, named by its sha-256). Seen again unchanged: last_seen_at moves.';
comment on column public.page_snapshots.final_url is
  'Where redirects led. The validators (etag, last_modified) hold for this address only.';
comment on column public.page_snapshots.sha256 is
  'Of the bytes as the site sent them, before compression and before decoding to text.';
comment on column public.page_snapshots.is_good is
  'Whether it may be read from and asked about again. Set to false by hand for a page that should never have been kept.';
create index page_snapshots_newest on public.page_snapshots (canonical_url, last_seen_at desc) where is_good;
create index page_snapshots_by_content on public.page_snapshots (sha256);

alter table public.page_snapshots enable row level security;
create policy operators_read on public.page_snapshots
  for select to authenticated using ((select private.is_operator()));
grant select on public.page_snapshots to authenticated;
grant all on public.page_snapshots to service_role;

-- The bucket. Where Storage keeps its tables elsewhere, the first upload creates it.
do $$
begin
  if to_regclass('storage.buckets') is not null then
    insert into storage.buckets (id, name, public)
    values ('page-snapshots', 'page-snapshots', false)
    on conflict (id) do nothing;
  end if;
end
$$;

create function public.newest_page_snapshots(p_urls text[]) returns jsonb
language sql stable
set search_path = ''
as $$
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
$$;
comment on function public.newest_page_snapshots(text[]) is
  'For each URL its canonical spelling and its newest good snapshot, or null: [{url, canonical_url, snapshot}].';
revoke execute on function public.newest_page_snapshots(text[]) from public, anon, authenticated;
grant execute on function public.newest_page_snapshots(text[]) to service_role;
