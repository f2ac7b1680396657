-- Where new listings are found: index pages, feeds and searches of sites that are looked at again and again.

create function private.feed_changed_by_hand() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  -- A generated column is computed after this trigger.
  v_moved boolean := public.canonical_listing_url(new.url) is distinct from old.canonical_url;
begin
  if v_moved then
    new.validators := null; -- they were another page's
  end if;
  if (new.enabled and not old.enabled) or v_moved then
    new.next_check_at := now();
    new.failures := 0;
  elsif new.check_interval < old.check_interval and new.failures = 0 then
    new.next_check_at := least(new.next_check_at, coalesce(new.last_checked_at, now()) + new.check_interval);
  end if;
  return new;
end
$$;
comment on function private.feed_changed_by_hand() is
  'A feed that is switched on, or gets another address, is due now; a shorter interval counts from the last check.';
revoke execute on function private.feed_changed_by_hand() from public;
create trigger feed_changed_by_hand
  before update of enabled, check_interval, url on public.listing_feeds
  for each row execute function private.feed_changed_by_hand();

-- Before the one above, which goes by the whole address.
create trigger complete_address
  before insert or update of url on public.listing_feeds
  for each row when (private.web_address(new.url) is distinct from new.url)
  execute function private.complete_address('url');

-- Whose turn it is -------------------------------------------------------------------------------

create function private.due_listing_feeds(p_limit integer, p_ids uuid[] default null)
returns setof public.listing_feeds
language sql stable
set search_path = ''
as $$
  select f.*
  from public.listing_feeds f
  left join public.scrape_sources s on s.slug = f.source
  where (f.lease_token is null or f.lease_expires_at <= now())
    and case
      when p_ids is not null then f.id = any (p_ids) -- somebody asks for these: due or not, switched off or not
      else f.enabled
        and f.next_check_at <= now()
        and (s.id is null or private.is_taken_from(s) and private.listings_still_allowed(s) is distinct from 0)
        and (f.source is not null or not exists ( -- one that names no source is of that of its host
          select
          from public.scrape_sources h
          where h.id = private.source_of_host(private.url_host(f.url))
            and not (private.is_taken_from(h) and private.listings_still_allowed(h) is distinct from 0)))
    end
  order by f.next_check_at, f.id
  limit p_limit
$$;
comment on function private.due_listing_feeds(integer, uuid[]) is
  'The feeds to check now, longest due first: those switched on, of sites that are switched on and in service; or those named.';

create function public.preview_listing_feeds(p_limit integer default 20, p_ids uuid[] default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(f) || private.feed_terms(f.source) order by f.next_check_at, f.id), '[]')
  from private.due_listing_feeds(p_limit, p_ids) f
$$;
comment on function public.preview_listing_feeds(integer, uuid[]) is
  'The feeds that claim_listing_feeds() would lease now. Changes nothing.';

create function public.claim_listing_feeds(p_limit integer default 20, p_ids uuid[] default null) returns jsonb
language sql
set search_path = ''
as $$
  with next as (
    select f.id
    from public.listing_feeds f
    where f.id in (select d.id from private.due_listing_feeds(p_limit, p_ids) d)
      and (f.lease_token is null or f.lease_expires_at <= now()) -- asked again once the row is locked
    order by f.id
    for update skip locked
  ),
  claimed as (
    update public.listing_feeds f
    set lease_token = gen_random_uuid(),
        lease_expires_at = now() + private.lease_of('listing_feeds')
    from next
    where f.id = next.id
    returning f.*
  )
  select coalesce(jsonb_agg(to_jsonb(claimed) || private.feed_terms(source) order by next_check_at, id), '[]') from claimed
$$;
comment on function public.claim_listing_feeds(integer, uuid[]) is
  'Leases feeds, each under a fresh lease_token: those due, or those named that no other run holds; with what is known of their source (feed_terms).';

create function public.heartbeat_listing_feeds(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases('listing_feeds', p_tokens)
$$;
comment on function public.heartbeat_listing_feeds(uuid[]) is 'Extends the leases that are still held; gives how many.';

create function private.rescue_listing_feeds(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select id
    from public.listing_feeds
    where lease_token is not null and lease_expires_at <= now()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  ),
  rescued as (
    update public.listing_feeds f
    set lease_token = null,
        lease_expires_at = null
    from expired
    where f.id = expired.id
    returning 1
  )
  select count(*)::integer from rescued
$$;
comment on function private.rescue_listing_feeds(integer) is
  'Takes back the feeds of workers that died: they are as due as they were. Gives how many.';

-- What came of it --------------------------------------------------------------------------------

create function private.next_feed_check(
  p_outcome text, p_failures integer, p_interval interval, p_retry_at timestamptz
) returns timestamptz
language sql volatile
set search_path = ''
as $$
  select greatest(private.bounded(p_retry_at), now() + case
    when p_outcome in ('ok', 'not_modified') then p_interval
    when p_outcome = 'blocked' then greatest(p_interval, interval '6 hours' * least(2 ^ (p_failures - 1), 4))
    when p_outcome in ('robots_disallowed', 'gone', 'invalid', 'too_large') then greatest(p_interval, interval '1 day')
    when p_outcome = 'rate_limited' then greatest(p_interval, interval '1 hour')
    when p_outcome in ('unreadable', 'not_an_index', 'not_a_listing')
      then greatest(p_interval, interval '1 hour' * least(2 ^ (p_failures - 1), 24))
    else private.backoff(p_failures)
  end)
$$;
comment on function private.next_feed_check(text, integer, interval, timestamptz) is
  'When a feed is looked at again after its nth failure in a row: a wall after 6, 12, 24 hours, robots.txt and a removed page after a day, a page that cannot be read after 1, 2, 4 … 24 hours, an error of the site, or of ours (broken), after minutes.';

create function public.settle_listing_feeds(p_items jsonb) returns jsonb
language sql
set search_path = ''
as $$
  with items as (
    select *
    from jsonb_to_recordset(p_items) as i(
      id uuid, lease_token uuid, outcome text, error text, retry_at timestamptz, found integer, new integer,
      known integer, skipped integer, validators jsonb)
  ),
  mine as (
    select i.*, case when private.was_read(i.outcome) then 0 else f.failures + 1 end as failures,
      private.is_adaptive_feed(f) as is_adaptive,
      held.held_interval,
      f.pages as held_pages,
      case when private.was_read(i.outcome) and f.last_found_at is not null
        then private.blended_rate(
          f.new_per_hour, held.held_interval, case i.outcome when 'ok' then coalesce(i.new, 0) else 0 end,
          now() - f.last_found_at)
        else f.new_per_hour
      end as new_per_hour
    from items i
    join public.listing_feeds f on f.id = i.id and f.lease_token = i.lease_token
    cross join lateral (select private.feed_interval(f) as held_interval offset 0) held -- once a feed
    order by f.id
    for update of f
  ),
  paced as (
    select m.*,
      case
        when m.new_per_hour is null or not m.is_adaptive then m.held_interval
        -- A little more or less is none worth moving for.
        when extract(epoch from r.wanted) / extract(epoch from m.held_interval) between 0.8 and 1.25 then m.held_interval
        else r.wanted
      end as revisit_interval
    from mine m
    cross join lateral (
      select private.revisit_interval(m.new_per_hour, (select feed_interval_floor from public.fill_policy)) as wanted
    ) r
  ),
  settled as (
    update public.listing_feeds f
    set lease_token = null,
        lease_expires_at = null,
        failures = m.failures,
        last_outcome = m.outcome,
        last_error = case when m.failures > 0 then coalesce(m.error, m.outcome) end,
        last_checked_at = now(),
        last_found_at = case when m.failures > 0 then f.last_found_at else now() end,
        new_per_hour = m.new_per_hour,
        revisit_interval = case when m.is_adaptive then m.revisit_interval end,
        -- What follows the first page is known again.
        pages = case when m.outcome = 'ok' and m.new * 2 < m.found or m.outcome = 'not_modified' then 1 else f.pages end,
        next_check_at = private.next_feed_check(m.outcome, m.failures, m.revisit_interval, m.retry_at),
        last_found = case m.outcome when 'ok' then m.found else f.last_found end,
        last_new = case m.outcome when 'ok' then m.new when 'not_modified' then 0 else f.last_new end,
        last_known = case m.outcome when 'ok' then m.known else f.last_known end,
        last_skipped = case m.outcome when 'ok' then m.skipped else f.last_skipped end,
        validators = case m.outcome when 'ok' then m.validators else f.validators end
    from paced m
    where f.id = m.id
    returning f.id, f.next_check_at, f.url, f.new_per_hour, f.revisit_interval, m.held_interval, f.pages, m.held_pages, f.last_new
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select (select c.cycle_id from public.fill_cycles c where c.status = 'running'), 'feed_interval', url,
      held_interval::text, revisit_interval::text,
      format('%s new listings an hour: five of them in this time', round(new_per_hour, 2)),
      jsonb_build_object('new_per_hour', new_per_hour)
    from settled
    where revisit_interval <> held_interval
    union all
    select (select c.cycle_id from public.fill_cycles c where c.status = 'running'), 'feed_pages', url,
      held_pages::text, pages::text, format('%s of its listings were new: what stands behind them is known', last_new),
      jsonb_build_object('new', last_new)
    from settled
    where pages <> held_pages
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', i.id, 'held', s.id is not null, 'next_check_at', s.next_check_at)), '[]')
  from items i
  left join settled s on s.id = i.id
$$;
comment on function public.settle_listing_feeds(jsonb) is
  'Ends checks as [{id, lease_token, outcome, error, retry_at, found, new, known, skipped, validators}]. Gives [{id, held, next_check_at}]; held is false when the lease was lost, and nothing was changed.';

create function public.release_listing_feeds(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  with mine as (
    select f.id, private.bounded(i.retry_at) as retry_at
    from jsonb_to_recordset(p_items) as i(id uuid, lease_token uuid, retry_at timestamptz)
    join public.listing_feeds f on f.id = i.id and f.lease_token = i.lease_token
    order by f.id
    for update of f
  ),
  released as (
    update public.listing_feeds f
    set lease_token = null,
        lease_expires_at = null,
        next_check_at = coalesce(mine.retry_at, f.next_check_at)
    from mine
    where f.id = mine.id
    returning 1
  )
  select count(*)::integer from released
$$;
comment on function public.release_listing_feeds(jsonb) is
  'Hands back feeds that were not checked, as [{id, lease_token, retry_at}]: nothing was asked of the site, and nothing is held against it.';

grant execute on function
  private.due_listing_feeds(integer, uuid[]),
  public.preview_listing_feeds(integer, uuid[]),
  public.claim_listing_feeds(integer, uuid[]),
  public.heartbeat_listing_feeds(uuid[]),
  private.rescue_listing_feeds(integer),
  private.next_feed_check(text, integer, interval, timestamptz),
  public.settle_listing_feeds(jsonb),
  public.release_listing_feeds(jsonb)
to service_role;
