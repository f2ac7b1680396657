-- What discovery asks about listings that are known already, and how each feed stands.

create function public.known_listings(p_urls text[]) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(u.url), '[]') -- one value: the API cuts off rows after 1,000
  from (select distinct a.url, public.canonical_listing_url(a.url) as canonical from unnest(p_urls) as a(url)) u
  where exists (select from public.vehicles v where v.canonical_url = u.canonical)
    or exists (select from public.auction_events e where e.source_url = u.canonical)
    or exists (select from public.import_queue i where i.canonical_url = u.canonical)
$$;
comment on function public.known_listings(text[]) is
  'Those of the given URLs that are a vehicle, an auction or a row of import_queue already, in whatever spelling.';

create function public.listing_feeds_at(p_urls text[]) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(f.id order by u.position), '[]')
  from unnest(p_urls) with ordinality as u(url, position)
  left join public.listing_feeds f on f.canonical_url = public.canonical_listing_url(u.url)
$$;
comment on function public.listing_feeds_at(text[]) is
  'The ids of the feeds at these addresses, in their order and whatever their spelling; null where there is none.';

create function public.queue_ended_auctions(p_urls text[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with ended as (
    select distinct v.id, v.bat_auction_url
    from unnest(p_urls) u(url)
    join public.vehicles v on v.id = private.vehicle_of_listing(u.url)
    where v.listing_url = v.bat_auction_url -- the queue's own site
      and v.sale_status = 'live'
    order by v.id
  ),
  queued as (
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, status, reason)
    select id, bat_auction_url, 100, 'pending', 'auction_ended' from ended
    on conflict (vehicle_id) do update
    set status = 'pending',
        priority = greatest(held.priority, 100),
        reason = 'auction_ended'
    -- A page that goes on saying "live" is not asked at every look at the index.
    where held.status = 'complete' and held.processed_at < now() - interval '1 hour'
    returning 1
  ),
  -- A row that waits for the end it expected: the index knows better.
  promoted as (
    update public.bat_extraction_queue q
    set next_attempt_at = null,
        priority = greatest(q.priority, 100),
        reason = 'auction_ended'
    from ended
    where q.vehicle_id = ended.id
      and q.status = 'pending'
      and q.attempts = 0
      and q.next_attempt_at > now()
    returning 1
  )
  select (select count(*) from queued) + (select count(*) from promoted) into v_count;
  if v_count > 0 then
    perform private.invoke_worker('process-bat-extraction-queue');
  end if;
  return v_count;
end
$$;
comment on function public.queue_ended_auctions(text[]) is
  'Of these listings, whose auctions an index says have ended, queues those held as live to be read again now. Gives how many.';

create view public.listing_feed_status with (security_invoker = true) as
select
  f.id,
  f.source,
  f.url,
  f.kind,
  f.about,
  case
    when not f.enabled or s.is_active = false or not private.is_in_service(s.lifecycle) then 'off'
    when f.lease_expires_at > now() then 'being checked'
    when f.last_checked_at is null then 'never checked'
    when f.failures > 0 then 'failing'
    else 'working'
  end as state,
  f.last_found_at,
  f.last_found,
  f.last_new,
  f.last_known,
  f.last_skipped,
  f.last_checked_at,
  case when f.enabled then f.next_check_at end as next_check_at,
  f.check_interval,
  f.last_outcome,
  f.failures,
  case when f.enabled then f.last_error else coalesce(f.off_because, f.last_error) end as why,
  case
    when not f.enabled and f.off_because is not null then 'leave it off: ' || f.off_because
    when s.is_active = false then format('update scrape_sources set is_active = true where slug = %L;', f.source)
    when not private.is_in_service(s.lifecycle)
      then format('its source is %s: select why, what_to_do from source_lifecycle where slug = %L;', s.lifecycle, f.source)
    when not f.enabled then format('update listing_feeds set enabled = true where url = %L;', f.url)
    when f.next_check_at < now() - greatest(private.feed_interval(f), interval '1 hour') and f.lease_token is null
      then 'nobody checks it: select * from pipeline_status;'
    when f.failures = 0 then null
    when f.last_outcome in ('blocked', 'robots_disallowed', 'rate_limited')
      then format('the site does not want to be read: leave it, or update listing_feeds set enabled = false where url = %L;', f.url)
    when f.last_outcome = 'gone'
      then format('the page is no more: update listing_feeds set url = ''…'' where url = %L;', f.url)
    when f.last_outcome in ('unreadable', 'not_an_index', 'not_a_listing')
      then 'the site changed its page: its reader in sources/index_pages is behind'
    when f.last_outcome in ('invalid', 'too_large')
      then format('this address cannot be read: update listing_feeds set url = ''…'' where url = %L;', f.url)
    else format('nothing: it is tried again; at once with update listing_feeds set next_check_at = now() where url = %L;', f.url)
  end as what_to_do,
  round(f.new_per_hour, 2) as new_per_hour,
  private.feed_interval(f) as interval_now,
  case
    when not private.is_adaptive_feed(f) then 'as check_interval says'
    when f.revisit_interval is null then 'as check_interval says, until it was read twice'
    else 'as often as it shows five new listings, between feed_interval_floor and a day'
  end as interval_because,
  f.pages
from public.listing_feeds f
left join public.scrape_sources s on s.slug = f.source
order by f.enabled desc, f.failures desc, f.source, f.url;
comment on view public.listing_feed_status is
  'For each page that listings are found on: whether it works, what it showed last (listings, new ones, known ones, entries that are no vehicles), what to do when it does not, or why it is off; how often it is looked at, and why so often.';
grant select on public.listing_feed_status to authenticated, service_role;

grant execute on function
  public.known_listings(text[]),
  public.listing_feeds_at(text[]),
  public.queue_ended_auctions(text[])
to service_role;
