-- What was queued of a source that is out of service waits; what a person queued by hand does not.

create function private.is_taken_from(s public.scrape_sources) returns boolean
language sql stable
return (s).is_active and private.is_in_service((s).lifecycle) and coalesce((s).next_look_at, '-infinity') <= now();
comment on function private.is_taken_from(public.scrape_sources) is
  'Whether listings are taken from a source now: switched on, in service and not resting.';
grant execute on function private.is_taken_from(public.scrape_sources) to service_role;

create function private.hold_listings(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with held as (
    select q.id
    from public.scrape_sources s
    join public.listing_feeds f on f.source = s.slug
    join public.import_queue q on q.discovered_from = f.url and q.status in ('pending', 'processing')
    where not private.is_taken_from(s)
      and s.lifecycle <> 'candidate'
      and q.status = 'pending'
      and (q.next_attempt_at is null or q.next_attempt_at < 'infinity')
    limit p_limit
    for update of q skip locked
  )
  update public.import_queue q
  set next_attempt_at = 'infinity',
      error_message = 'held back: its source is out of service'
  from held
  where q.id = held.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.hold_listings(integer) is
  'Holds back what feeds of sources queued from which nothing is taken now, a portion a call. Gives how many.';

create function private.let_listings_go(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with free as (
    select q.id
    from public.scrape_sources s
    join public.listing_feeds f on f.source = s.slug
    join public.import_queue q on q.discovered_from = f.url and q.status in ('pending', 'processing')
    where private.is_taken_from(s)
      and q.status = 'pending'
      and q.next_attempt_at = 'infinity'
    limit p_limit
    for update of q skip locked
  )
  update public.import_queue q
  set next_attempt_at = null,
      error_message = null
  from free
  where q.id = free.id;
  get diagnostics v_count = row_count;
  if v_count > 0 then
    perform private.invoke_worker('process-import-queue');
  end if;
  return v_count;
end
$$;
comment on function private.let_listings_go(integer) is
  'Makes due what was held back of sources from which is taken again, a portion a call. Gives how many.';

create function private.hold_listings_at_once() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.hold_listings(20000);
  return null;
end
$$;
comment on function private.hold_listings_at_once() is
  'A source that goes out of service gives nothing more, also what was queued already.';
revoke execute on function private.hold_listings_at_once() from public;
create trigger hold_listings_at_once
  after update of is_active, lifecycle, next_look_at on public.scrape_sources
  for each row when (private.is_taken_from(old) and not private.is_taken_from(new))
  execute function private.hold_listings_at_once();

create function private.rest_until_tomorrow(p_source uuid) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_tomorrow timestamptz := greatest(date_trunc('day', now(), 'UTC') + interval '1 day', now() + interval '1 hour');
begin
  update public.scrape_sources
  set next_look_at = greatest(next_look_at, v_tomorrow)
  where id = p_source;
  update public.source_hosts h
  set retry_after = greatest(h.retry_after, v_tomorrow)
  from public.scrape_sources s
  where s.id = p_source and h.host = any (s.hosts);
end
$$;
comment on function private.rest_until_tomorrow(uuid) is
  'A site that refuses machines, or forbids them, is not asked again that day, by no worker. resume_host() ends it.';

grant execute on function
  private.hold_listings(integer), private.let_listings_go(integer), private.rest_until_tomorrow(uuid)
to service_role;
