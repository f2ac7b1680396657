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

create unique index vehicle_images_one_primary on public.vehicle_images (vehicle_id) where is_primary;

alter table public.vehicle_images enable row level security;
create policy operators_read on public.vehicle_images
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_images to authenticated;
grant all on public.vehicle_images to service_role;

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values (
  'vehicle-images',
  'vehicle-images',
  false,
  8 * 1024 * 1024,
  array['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']
)
on conflict (id) do update
set file_size_limit = excluded.file_size_limit,
    allowed_mime_types = excluded.allowed_mime_types;
