-- Images that are stored. A URL that was only seen stands in image_downloads, not here, so that a
-- count of this table is a count of pictures.

create table public.vehicle_images (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  image_url text not null check (image_url <> ''),
  storage_path text not null,
  mime_type text not null
    check (mime_type in ('image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif')),
  bytes integer not null check (bytes > 0),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  position integer not null check (position >= 0),
  is_primary boolean not null default false,
  created_at timestamptz not null default now(),
  unique (vehicle_id, content_hash),
  constraint stored_under_its_content check (strpos(storage_path, content_hash) > 0)
);
comment on table public.vehicle_images is
  'One row a picture that a vehicle has in Storage. The same picture under two URLs is one row.';
comment on column public.vehicle_images.content_hash is 'SHA-256 of the bytes, hexadecimal.';
comment on column public.vehicle_images.image_url is 'Where the bytes came from.';
comment on column public.vehicle_images.storage_path is
  'Path in the bucket vehicle-images. Named by content: vehicles with the same picture share one file.';
comment on column public.vehicle_images.position is 'Place in the gallery of the listing, from 0.';
comment on column public.vehicle_images.is_primary is
  'The picture to show for the vehicle. Set when a vehicle gets its first picture, and never moved by the system after that.';

create index vehicle_images_by_day on public.vehicle_images using brin (created_at);
create unique index vehicle_images_one_primary on public.vehicle_images (vehicle_id) where is_primary;
create index vehicle_images_by_content on public.vehicle_images (content_hash);

alter table public.vehicle_images enable row level security;
create policy operators_read on public.vehicle_images
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_images to authenticated;
grant all on public.vehicle_images to service_role;

create table public.image_downloads (
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  url text not null check (octet_length(url) between 1 and 2048), -- an index row holds about 2,700 bytes
  host text not null generated always as (
    coalesce(private.url_host(url), lower(split_part(split_part(split_part(url, '/', 3), '@', -1), ':', 1)))
  ) stored,
  position integer not null check (position >= 0),
  wave smallint not null check (wave between 0 and 3),
  status text not null default 'pending'
    check (status in ('pending', 'leased', 'stored', 'duplicate', 'failed', 'gone')),

  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz default now(),
  like private.lease including all,

  outcome text check (
    outcome in (
      'ok', 'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network',
      'server_error', 'too_large', 'unreadable', 'not_a_listing', 'invalid'
    )
  ),
  http_status integer,
  last_error text,
  last_attempt_at timestamptz,
  blocked_days integer not null default 0 check (blocked_days >= 0),
  last_blocked_on date,

  content_hash text check (content_hash ~ '^[0-9a-f]{64}$'),
  duplicate_of text,
  created_at timestamptz not null default now(),

  primary key (vehicle_id, url),
  foreign key (vehicle_id, duplicate_of) references public.image_downloads (vehicle_id, url),
  constraint only_a_waiting_url_is_due check ((status = 'pending') = (next_attempt_at is not null)),
  constraint what_is_stored_has_its_hash check (
    (status in ('stored', 'duplicate')) = (content_hash is not null)
  ),
  constraint a_duplicate_names_its_original check (
    (status = 'duplicate') = (duplicate_of is not null) and duplicate_of is distinct from url
  ),
  constraint an_end_has_a_reason check (
    status not in ('failed', 'gone') or (outcome is not null and last_error is not null)
  )
);
comment on table public.image_downloads is
  'One row an image URL of a vehicle. A row is never deleted, also when the listing no longer shows the URL: what was seen stays known.';
comment on column public.image_downloads.host is
  'Host of the URL as source_hosts names it, and as a worker names a host that takes no request now; of what is no http(s) URL, what stands in its place.';
comment on column public.image_downloads.position is 'Place in the gallery of the listing, from 0.';
comment on column public.image_downloads.wave is
  'Order of the work: 0 is the next picture to try of a vehicle that has none; 1 to 3 are the rest of the galleries.';
comment on column public.image_downloads.outcome is 'How the last attempt ended: an outcome code of scraping_health.';
comment on column public.image_downloads.blocked_days is
  'On how many days the host answered with a bot wall. On the third the URL is failed.';
comment on column public.image_downloads.duplicate_of is
  'Another URL of the same vehicle that gave the same bytes.';

create index image_downloads_due on public.image_downloads (wave, next_attempt_at)
  where status = 'pending';
create index image_downloads_waiting_by_host on public.image_downloads (host) where status = 'pending';
create index image_downloads_given_up on public.image_downloads (vehicle_id)
  where status = 'failed' and outcome <> 'invalid';
create unique index image_downloads_one_original on public.image_downloads (vehicle_id, content_hash)
  where status = 'stored';

alter table public.image_downloads enable row level security;
create policy operators_read on public.image_downloads
  for select to authenticated using ((select private.is_operator()));
grant select on public.image_downloads to authenticated;
grant all on public.image_downloads to service_role;
