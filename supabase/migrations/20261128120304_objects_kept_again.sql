-- Objects kept again.

-- A function may name what comes below it.
set check_function_bodies = off;

create table private.removed_objects (
  storage_path text not null,
  bucket text not null,
  removed_at timestamp with time zone not null,
  uploaded_again boolean not null default false,
  constraint removed_objects_pkey primary key (storage_path)
);

alter table private.removed_objects
  enable row level security;

alter table private.unneeded_snapshot_objects
  add column bucket text not null default 'page-snapshots'::text;

alter table private.unneeded_snapshot_objects
  add column removing_at timestamp with time zone;

alter table private.unneeded_snapshot_objects
  add column uploaded_again boolean not null default false;

create or replace function private.is_needed_object(p_bucket text, p_path text) returns boolean
language sql stable
set search_path = ''
as $$
  select case p_bucket
    when 'vehicle-images' then exists (
      select from public.vehicle_images i
      where i.content_hash = substring(p_path from '[0-9a-f]{64}') and i.storage_path = p_path)
    else exists (
      select from public.page_snapshots s
      where s.sha256 = substring(p_path from '[0-9a-f]{64}') and s.storage_path = p_path)
  end
$$;

create or replace function private.keep_objects(p_paths text[]) returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_removed text[];
begin
  if p_paths is null or p_paths = '{}' then
    return '{}';
  end if;
  perform pg_advisory_xact_lock_shared(k.key)
  from (select distinct private.object_lock(p) as key from unnest(p_paths) p order by 1) k;

  -- A statement of its own, which sees what was claimed before the locks were there.
  v_removed := array(
    select storage_path from private.unneeded_snapshot_objects
    where storage_path = any (p_paths) and removing_at is not null
    union all
    select storage_path from private.removed_objects
    where storage_path = any (p_paths) and removed_at > clock_timestamp() - interval '15 minutes'
  );
  if v_removed <> '{}' then
    with held as (
      select storage_path from private.unneeded_snapshot_objects
      where storage_path = any (v_removed) for update skip locked
    )
    update private.unneeded_snapshot_objects u set uploaded_again = true from held where u.storage_path = held.storage_path;
    with held as (
      select storage_path from private.removed_objects where storage_path = any (v_removed) for update skip locked
    )
    update private.removed_objects r set uploaded_again = true from held where r.storage_path = held.storage_path;
  end if;
  return array(select p from unnest(p_paths) p where p <> all (v_removed));
end
$$;

create or replace function private.note_unneeded_images() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.unneeded_snapshot_objects (bucket, storage_path)
  select distinct 'vehicle-images', d.storage_path
  from deleted d
  where not private.is_needed_object('vehicle-images', d.storage_path)
  order by 2 -- two that delete the same pictures do not wait in a circle
  on conflict do nothing;
  return null;
end
$$;

create or replace function private.object_lock(p_path text) returns bigint
language sql immutable parallel safe
return hashtextextended('object ' || p_path, 5);

create or replace function private.settle_images(p_results private.image_result[]) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_kept text[];
begin
  if cardinality(p_results) = 0 then
    return;
  end if;
  -- A picture whose file is being removed at this moment is downloaded once more.
  v_kept := private.keep_objects(array(select distinct storage_path from unnest(p_results) where kind = 'stored'));
  p_results := array(
    select case
      when r.kind = 'stored' and r.storage_path <> all (v_kept) then jsonb_populate_record(r, jsonb_build_object(
        'kind', 'released', 'error', 'its file was just removed from Storage',
        'retry_at', now() + interval '20 minutes'))
      else r
    end
    from unnest(p_results) r);
  perform private.settle_stored_images(
    array(select r from unnest(p_results) r where r.kind = 'stored')
  );
  perform private.settle_other_images(
    array(select r from unnest(p_results) r where r.kind <> 'stored')
  );

  -- A vehicle that has a picture now leaves wave 0; one whose cover failed tries its next URL.
  update public.image_downloads d
  set wave = 1
  where d.vehicle_id in (select r.vehicle_id from unnest(p_results) r)
    and d.wave = 0
    and d.status = 'pending'
    and exists (select from public.vehicle_images i where i.vehicle_id = d.vehicle_id);
  perform private.try_next_cover(
    array(
      select distinct r.vehicle_id from unnest(p_results) r
      where r.kind = 'failed' and not private.is_refused(r.code)
    )
  );
end
$$;

create or replace function public.claim_unneeded_objects(p_limit integer default 500) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_paths text[];
  v_claimed jsonb;
begin
  with old as (
    delete from private.removed_objects
    where removed_at < clock_timestamp() - interval '15 minutes'
    returning storage_path, bucket, uploaded_again
  )
  insert into private.unneeded_snapshot_objects (storage_path, bucket)
  select storage_path, bucket from old where uploaded_again
  on conflict do nothing;

  v_paths := array(
    select storage_path
    from private.unneeded_snapshot_objects
    where removing_at is null or removing_at < clock_timestamp() - interval '15 minutes' -- that run is dead
    order by since, storage_path
    limit p_limit
    for update skip locked
  );
  -- What somebody is about to name is left for another time.
  v_paths := array(select p from unnest(v_paths) p where pg_try_advisory_xact_lock(private.object_lock(p)));
  -- The same content may have been kept again since.
  delete from private.unneeded_snapshot_objects
  where storage_path = any (v_paths) and private.is_needed_object(bucket, storage_path);
  with claimed as (
    update private.unneeded_snapshot_objects
    set removing_at = clock_timestamp(), uploaded_again = false
    where storage_path = any (v_paths)
    returning bucket, storage_path
  )
  select coalesce(jsonb_agg(to_jsonb(c) order by c.storage_path), '[]') into v_claimed from claimed c;
  return v_claimed;
end
$$;

create or replace function public.forget_snapshot_objects(p_paths text[]) returns integer
language sql
set search_path = ''
as $$
  with gone as (
    delete from private.unneeded_snapshot_objects
    where storage_path = any (p_paths)
    returning storage_path, bucket, uploaded_again
  ),
  noted as (
    insert into private.removed_objects (storage_path, bucket, removed_at, uploaded_again)
    select storage_path, bucket, clock_timestamp(), uploaded_again from gone
    on conflict (storage_path) do update
    set removed_at = excluded.removed_at, uploaded_again = excluded.uploaded_again
  )
  select count(*)::integer from gone
$$;

create or replace function public.preview_unneeded_objects(p_limit integer default 500) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('bucket', o.bucket, 'storage_path', o.storage_path)), '[]')
  from (
    select bucket, storage_path
    from private.unneeded_snapshot_objects
    where not private.is_needed_object(bucket, storage_path)
    order by since, storage_path
    limit p_limit
  ) o
$$;

create or replace function public.record_fetches(p_worker uuid, p_report jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_kept text[];
begin
  -- Hosts first, all in one order, then the rest, which locks nothing that others wait for long.
  perform from public.source_hosts
  where host in (
    select value ->> 'host' from jsonb_array_elements(p_report -> 'answers')
    union all
    select value ->> 'host' from jsonb_array_elements(p_report -> 'robots')
    union all
    select value #>> '{}' from jsonb_array_elements(p_report -> 'released')
  )
  order by host
  for update;

  perform private.record_host_answers(p_worker, p_report -> 'answers');

  -- A robots.txt that cannot be reached does not unsay the one that was read before (RFC 9309, 2.4).
  update public.source_hosts h
  set robots_status = r.status,
      robots_body = case when r.error is null then r.body else h.robots_body end,
      robots_error = r.error,
      crawl_delay_ms = case when r.error is null then r.crawl_delay_ms else h.crawl_delay_ms end,
      -- A delay that was not known when the last slot was given counts from now.
      next_slot_at = case
        when r.crawl_delay_ms > greatest(h.min_interval_ms, h.crawl_delay_ms)
          then greatest(h.next_slot_at, clock_timestamp() + r.crawl_delay_ms * '1 millisecond'::interval)
        else h.next_slot_at
      end,
      robots_fetched_at = clock_timestamp(),
      robots_fresh_until = clock_timestamp() + r.fresh_ms * '1 millisecond'::interval
  from (
    select distinct on (host) * from jsonb_to_recordset(p_report -> 'robots')
      as r(host text, status integer, body text, error text, crawl_delay_ms integer, fresh_ms bigint)
  ) as r
  where h.host = r.host;

  -- A probe that ended without an answer is given back, for the next worker to try at once.
  update public.source_hosts
  set breaker = 'open', probe_holder = null, probe_until = null
  where host in (select value #>> '{}' from jsonb_array_elements(p_report -> 'released'))
    and breaker = 'half_open'
    and probe_holder = p_worker;

  insert into public.scraping_health (source, host, url, outcome, status, ms, bytes, message, created_at)
  select a.source, a.host, a.url, a.outcome, a.status, a.ms, a.bytes, a.message,
    clock_timestamp() - a.age_ms * '1 millisecond'::interval
  from jsonb_to_recordset(p_report -> 'attempts') as a(
    source text, host text, url text, outcome text, status integer, ms integer, bytes bigint,
    message text, age_ms bigint
  );

  -- A page whose file is being removed at this moment is kept the next time that it is fetched.
  v_kept := private.keep_objects(array(
    select distinct s ->> 'storage_path' from jsonb_array_elements(coalesce(p_report -> 'snapshots', '[]')) s));
  insert into public.page_snapshots as held (
    id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, etag, last_modified,
    content_type, bytes, stored_bytes, storage_path
  )
  select distinct on (s.canonical_url, s.sha256)
    s.id, s.canonical_url, s.url, s.final_url, s.sha256, s.fetched_at, s.fetched_at, s.status, s.etag,
    s.last_modified, s.content_type, s.bytes, s.stored_bytes, s.storage_path
  from jsonb_to_recordset(p_report -> 'snapshots') as s(
    id uuid, canonical_url text, url text, final_url text, sha256 text, fetched_at timestamptz,
    status integer, etag text, last_modified text, content_type text, bytes integer,
    stored_bytes integer, storage_path text
  )
  where s.storage_path = any (v_kept)
  order by s.canonical_url, s.sha256, s.fetched_at desc
  on conflict (canonical_url, sha256) do update
  set last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at),
      final_url = excluded.final_url,
      etag = excluded.etag,
      last_modified = excluded.last_modified;

  with seen as (
    select s.id, min(s.age_ms) as age_ms
    from jsonb_to_recordset(p_report -> 'seen') as s(id uuid, age_ms bigint)
    group by s.id
  ),
  locked as (
    select h.id, seen.age_ms
    from public.page_snapshots h join seen on seen.id = h.id
    order by h.canonical_url, h.sha256
    for update of h
  )
  update public.page_snapshots h
  set last_seen_at = greatest(h.last_seen_at, clock_timestamp() - locked.age_ms * '1 millisecond'::interval)
  from locked
  where h.id = locked.id;

  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'host', h.host,
      'breaker', h.breaker,
      'why', h.opened_because,
      'retry_in_ms', private.ms_until(greatest(h.retry_at, h.retry_after), clock_timestamp())
    ) order by h.host)
    from public.source_hosts h
    where h.host in (select value ->> 'host' from jsonb_array_elements(p_report -> 'answers'))
  ), '[]');
end
$$;

create or replace function public.unneeded_snapshot_objects(p_limit integer default 500) returns jsonb
language sql
set search_path = ''
as $$
  delete from private.unneeded_snapshot_objects where private.is_needed_object(bucket, storage_path);
  select coalesce(jsonb_agg(o.storage_path), '[]')
  from (
    select storage_path
    from private.unneeded_snapshot_objects
    where bucket = 'page-snapshots'
    order by since, storage_path
    limit p_limit
  ) o
$$;

alter table private.unneeded_snapshot_objects
  add constraint unneeded_snapshot_objects_bucket_check
    check ((bucket = any (array['page-snapshots'::text, 'vehicle-images'::text])));

create index if not exists removed_objects_by_age on private.removed_objects using btree (removed_at);

create index if not exists unneeded_snapshot_objects_by_age on private.unneeded_snapshot_objects
  using btree (since, storage_path);

create index if not exists vehicle_images_by_content on public.vehicle_images using btree (content_hash);

create trigger note_unneeded_images
  after delete on public.vehicle_images referencing old table as deleted
  for each statement
  execute function private.note_unneeded_images();

comment on column private.unneeded_snapshot_objects.removing_at is 'Since when a run of prune-snapshots is about to remove it: no row may name it until that is over.';

comment on column private.unneeded_snapshot_objects.uploaded_again is 'It was uploaded while it was being removed, and no row names it: it is removed once more.';

comment on function private.is_needed_object(text, text) is 'Whether a row names this file.';

comment on function private.keep_objects(text[]) is 'Of files that were uploaded, those that rows may name until the transaction ends. The others are being removed, or were a moment ago: whether before or after the upload nobody can say.';

comment on function private.note_unneeded_images() is 'The files of deleted pictures that no other vehicle shows are removed from Storage by prune-snapshots.';

comment on function private.object_lock(text) is 'The advisory lock of a file in Storage.';

comment on function public.claim_unneeded_objects(integer) is 'Files in Storage that the caller removes now, the oldest first, as [{bucket, storage_path}]; forget_snapshot_objects() then says that it did. Until then no row names them.';

comment on function public.preview_unneeded_objects(integer) is 'What claim_unneeded_objects() would give. Changes nothing.';

comment on function public.unneeded_snapshot_objects(integer) is 'Paths in the bucket page-snapshots that may be removed, the oldest first. For the functions of 0.1.0; claim_unneeded_objects() has taken its place.';

comment on table private.removed_objects is 'Objects removed from Storage a short while ago. Whoever uploaded one before that must not name it now; after 15 minutes no such upload is under way.';

comment on table private.unneeded_snapshot_objects is 'Objects of the buckets page-snapshots and vehicle-images that no row names any longer, until prune-snapshots has removed them.';

revoke all on function private.is_needed_object(text, text) from public;

grant execute on function private.is_needed_object(text, text) to postgres, service_role;

revoke all on function private.keep_objects(text[]) from public;

grant execute on function private.keep_objects(text[]) to postgres, service_role;

revoke all on function private.note_unneeded_images() from public;

grant execute on function private.note_unneeded_images() to postgres;

revoke all on function private.object_lock(text) from public;

grant execute on function private.object_lock(text) to postgres, service_role;

revoke all on function public.claim_unneeded_objects(integer) from public;

grant execute on function public.claim_unneeded_objects(integer) to postgres, service_role;

revoke all on function public.preview_unneeded_objects(integer) from public;

grant execute on function public.preview_unneeded_objects(integer) to postgres, service_role;

grant all on table private.removed_objects to postgres, service_role;
