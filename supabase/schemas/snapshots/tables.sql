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
create index page_snapshots_by_day on public.page_snapshots using brin (fetched_at);
create index page_snapshots_by_content on public.page_snapshots (sha256);

alter table public.page_snapshots enable row level security;
create policy operators_read on public.page_snapshots
  for select to authenticated using ((select private.is_operator()));
grant select on public.page_snapshots to authenticated;
grant all on public.page_snapshots to service_role;

create table private.snapshot_policy (
  only_row boolean primary key default true check (only_row),
  keep_for interval not null default '180 days' check (keep_for > interval '0'),
  keep_most integer not null default 5 check (keep_most > 0),
  walked_to text not null default '',
  walked_round_at timestamptz
);
comment on table private.snapshot_policy is
  'How long pages are kept that are neither the last good one of their listing nor the source of a value held: for keep_for, and keep_most a listing. An operator''s to set.';
comment on column private.snapshot_policy.walked_to is 'The listing up to which the present round of pruning has come.';

alter table private.snapshot_policy enable row level security;
create policy operators_read on private.snapshot_policy
  for select to authenticated using ((select private.is_operator()));
grant select on private.snapshot_policy to authenticated;
grant all on private.snapshot_policy to service_role;

create table private.unneeded_snapshot_objects (
  storage_path text primary key,
  since timestamptz not null default now(),
  bucket text not null default 'page-snapshots' check (bucket in ('page-snapshots', 'vehicle-images')),
  removing_at timestamptz,
  uploaded_again boolean not null default false
);
comment on table private.unneeded_snapshot_objects is
  'Objects of the buckets page-snapshots and vehicle-images that no row names any longer, until prune-snapshots has removed them.';
comment on column private.unneeded_snapshot_objects.removing_at is
  'Since when a run of prune-snapshots is about to remove it: no row may name it until that is over.';
comment on column private.unneeded_snapshot_objects.uploaded_again is
  'It was uploaded while it was being removed, and no row names it: it is removed once more.';

create index unneeded_snapshot_objects_by_age on private.unneeded_snapshot_objects (since, storage_path);

create table private.removed_objects (
  storage_path text primary key,
  bucket text not null,
  removed_at timestamptz not null,
  uploaded_again boolean not null default false
);
comment on table private.removed_objects is
  'Objects removed from Storage a short while ago. Whoever uploaded one before that must not name it now; after 15 minutes no such upload is under way.';

create index removed_objects_by_age on private.removed_objects (removed_at);

alter table private.removed_objects enable row level security;
grant all on private.removed_objects to service_role;

alter table private.unneeded_snapshot_objects enable row level security;
create policy operators_read on private.unneeded_snapshot_objects
  for select to authenticated using ((select private.is_operator()));
grant select on private.unneeded_snapshot_objects to authenticated;
grant all on private.unneeded_snapshot_objects to service_role;
