-- Snapshots age well: of each listing the last good one and the pages that values held were read from stay for
-- ever, others go by age and count. What no page needs any longer is then removed from Storage.

create function private.snapshots_to_forget(p_after text, p_limit integer)
returns table (id uuid, storage_path text, canonical_url text, forget boolean)
language sql stable
set search_path = ''
as $$
  with portion as materialized (
    select s.id, s.canonical_url, s.storage_path, s.last_seen_at, s.is_good
    from public.page_snapshots s
    where s.canonical_url > p_after
    order by s.canonical_url, s.sha256
    limit p_limit
  ),
  -- A listing is decided on when all its pages are in sight.
  whole as (
    select p.*,
      row_number() over (partition by p.canonical_url order by p.last_seen_at desc, p.id) as place,
      row_number() over (partition by p.canonical_url, p.is_good order by p.last_seen_at desc, p.id) as place_of_its_kind
    from portion p
    where (select count(*) from portion) < p_limit
      or p.canonical_url < (select max(canonical_url) from portion)
  )
  select
    w.id, w.storage_path, w.canonical_url,
    not (w.is_good and w.place_of_its_kind = 1)
      and (w.place > policy.keep_most or w.last_seen_at < now() - policy.keep_for)
      and not exists (
        select
        from (
          select l.vehicle_id as id from public.vehicle_listings l where l.canonical_url = w.canonical_url
          union all
          select v.id from public.vehicles v where v.canonical_url = w.canonical_url
        ) v
        join public.extraction_metadata m on m.vehicle_id = v.id
        where m.snapshot_id = w.id
          and m.validation_status = 'accepted'
      )
  from whole w
  cross join private.snapshot_policy policy
$$;
comment on function private.snapshots_to_forget(text, integer) is
  'The snapshots of the next listings, and which of them the policy lets go.';
grant execute on function private.snapshots_to_forget(text, integer) to service_role;

create function private.forget_snapshots(p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_after text;
  v_last text;
  v_ids uuid[];
begin
  select walked_to into v_after from private.snapshot_policy for update skip locked;
  if not found then
    return 0; -- somebody else is at it
  end if;
  -- What was recorded at the moment at which its vehicle was forgotten.
  perform private.forget_pages(array(
    select r.canonical_url
    from public.remembered_addresses r
    where r.kind = 'forgotten'
      and r.created_at > now() - interval '1 day'
      and exists (select from public.page_snapshots s where s.canonical_url = r.canonical_url)));
  select max(canonical_url), array_agg(id) filter (where forget)
  into v_last, v_ids
  from private.snapshots_to_forget(v_after, p_limit);

  with forgotten as (
    delete from public.page_snapshots where id = any (v_ids) returning storage_path
  )
  insert into private.unneeded_snapshot_objects (storage_path)
  select distinct f.storage_path
  from forgotten f
  where not exists (
    select from public.page_snapshots s
    where s.storage_path = f.storage_path and s.id <> all (v_ids)
      and s.sha256 = split_part(split_part(f.storage_path, '/', 2), '.', 1)
  )
  on conflict do nothing;

  update private.snapshot_policy
  set walked_to = coalesce(v_last, ''),
      walked_round_at = case when v_last is null then now() else walked_round_at end;
  return coalesce(cardinality(v_ids), 0);
end
$$;
comment on function private.forget_snapshots(integer) is
  'Looks at the next 10,000 snapshots, listing by listing, and forgets those that the policy lets go. Gives how many.';
revoke execute on function private.forget_snapshots(integer) from public;

create function private.invoke_prune_snapshots() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.invoke_worker('prune-snapshots');
end
$$;
comment on function private.invoke_prune_snapshots() is 'Invokes prune-snapshots when there is something to remove.';
revoke execute on function private.invoke_prune_snapshots() from public;

create view public.snapshot_storage_by_source with (security_invoker = true) as
select
  h.host,
  private.scraper_of_host(h.host) as scraper_name,
  h.listings,
  h.pages,
  h.objects,
  h.stored_bytes,
  pg_size_pretty(h.stored_bytes) as stored,
  round(h.bytes / nullif(h.stored_bytes, 0)::numeric, 1) as times_packed,
  h.oldest_seen_at,
  h.newest_seen_at
from (
  select
    split_part(s.canonical_url, '/', 3) as host,
    count(distinct s.canonical_url) as listings,
    count(*) as pages,
    count(distinct s.sha256) as objects,
    coalesce(sum(s.stored_bytes) filter (where s.is_first), 0)::bigint as stored_bytes,
    coalesce(sum(s.bytes) filter (where s.is_first), 0)::bigint as bytes,
    min(s.last_seen_at) as oldest_seen_at,
    max(s.last_seen_at) as newest_seen_at
  from (
    select *, row_number() over (partition by split_part(canonical_url, '/', 3), sha256) = 1 as is_first
    from public.page_snapshots
  ) s
  group by 1
) h
order by h.stored_bytes desc;
comment on view public.snapshot_storage_by_source is
  'How much is kept of each site: listings, pages, different contents, bytes in Storage (each content once).';

grant select on public.snapshot_storage_by_source to authenticated, service_role;

-- Replaying a scraper on snapshots ----------------------------------------------------------------

create function public.vehicles_of_scraper(
  p_scraper text, p_host text default '', p_after uuid default null, p_limit integer default 100
) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text;
  v_rows jsonb;
begin
  if not exists (select from public.scrape_sources where scraper_name = p_scraper) then
    perform private.refuse_bad_version(p_scraper, 'v0.0.0', '{vin}', 1);
  end if;
  v_host := case when p_after is null then private.next_host_of_scraper(p_scraper, p_host) else p_host end;
  while v_host is not null loop
    select jsonb_agg(jsonb_build_object(
      'id', v.id,
      'url', h.listing_url,
      'held', (
        select coalesce(jsonb_object_agg(f, to_jsonb(v) -> f), '{}')
        from unnest(private.fact_columns()) f
        where to_jsonb(v) -> f <> 'null'),
      'methods', (
        select coalesce(jsonb_object_agg(s.key, s.value -> 'method'), '{}')
        from jsonb_each(v.field_state) s
        where s.value ? 'method')
    ) order by v.id)
    into v_rows
    from private.vehicles_on_host(v_host, p_after, p_limit) h
    join public.vehicles v on v.id = h.id;
    exit when v_rows is not null;
    p_after := null;
    v_host := private.next_host_of_scraper(p_scraper, v_host);
  end loop;
  return jsonb_build_object(
    'vehicles', coalesce(v_rows, '[]'),
    'next_host', v_host,
    'next_after', v_rows -> -1 -> 'id'
  );
end
$$;
comment on function public.vehicles_of_scraper(text, text, uuid, integer) is
  'The next vehicles that a scraper reads, with what is held of them and who read it; next_host is null at the end.';
grant execute on function public.vehicles_of_scraper(text, text, uuid, integer) to service_role;
