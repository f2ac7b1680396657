-- Where new listings are found: index pages, feeds and searches of sites that are looked at again and again.

create table public.listing_feeds (
  id uuid primary key default gen_random_uuid(),
  source text check (source <> ''),
  url text not null check (octet_length(url) <= 2048),
  canonical_url text generated always as (public.canonical_listing_url(url)) stored unique,
  kind text not null default 'index' check (kind in ('index', 'rss', 'search')),
  about text not null default '',

  enabled boolean not null default true,
  check_interval interval not null default '30 minutes'
    check (check_interval between interval '1 minute' and interval '30 days'),
  code_enabled boolean,
  code_interval interval,

  next_check_at timestamptz not null default now(),
  lease_token uuid,
  leased_until timestamptz,

  last_checked_at timestamptz,
  last_found_at timestamptz,
  last_outcome text check (last_outcome in (
    'ok', 'not_modified', 'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network',
    'server_error', 'too_large', 'unreadable', 'not_a_listing', 'invalid', 'not_an_index', 'broken'
  )),
  last_error text,
  last_found integer check (last_found >= 0),
  last_new integer check (last_new >= 0),
  last_known integer check (last_known >= 0),
  last_skipped integer check (last_skipped >= 0),
  failures integer not null default 0 check (failures >= 0),
  validators jsonb check (jsonb_typeof(validators) = 'object'),
  created_at timestamptz not null default now(),

  constraint a_feed_is_a_web_address check (canonical_url is not null),
  check ((code_enabled is null) = (code_interval is null)),
  check ((lease_token is null) = (leased_until is null)),
  constraint a_failure_has_a_reason check (failures = 0 or (last_outcome is not null and last_error is not null))
);
comment on table public.listing_feeds is
  'One row a page that lists listings: checked every check_interval by discover-listings. enabled and check_interval are an operator''s to change; a row inserted by hand is a feed like any other.';
comment on column public.listing_feeds.source is 'Slug of the site; null in a row made by hand: its listings say it themselves.';
comment on column public.listing_feeds.code_enabled is
  'What the code wants. While enabled and check_interval say the same they follow the code; once an operator changed one, it stays. Null: the code knows nothing of this feed.';
comment on column public.listing_feeds.last_checked_at is 'When the site last answered, or should have.';
comment on column public.listing_feeds.last_found_at is 'When the page was last read, or the site said that nothing has changed.';
comment on column public.listing_feeds.last_skipped is 'Entries of the page that are no vehicles: parts, signs, wheels.';
comment on column public.listing_feeds.validators is
  'What the site said of the version that was last read in full: final_url, etag, last_modified. Sent along, so that an unchanged page is not sent again.';
create index listing_feeds_due on public.listing_feeds (next_check_at) where enabled;

alter table public.listing_feeds enable row level security;
create policy operators_read on public.listing_feeds
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_feeds to authenticated;
grant all on public.listing_feeds to service_role;

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

-- Whose turn it is -------------------------------------------------------------------------------

create function private.due_listing_feeds(p_limit integer, p_ids uuid[] default null)
returns setof public.listing_feeds
language sql stable
set search_path = ''
as $$
  select f.*
  from public.listing_feeds f
  where (f.leased_until is null or f.leased_until <= now())
    and case
      when p_ids is not null then f.id = any (p_ids) -- somebody asks for these: due or not, switched off or not
      else f.enabled
        and f.next_check_at <= now()
        and not exists (select from public.scrape_sources s where s.slug = f.source and not s.is_active)
    end
  order by f.next_check_at, f.id
  limit p_limit
$$;
comment on function private.due_listing_feeds(integer, uuid[]) is
  'The feeds to check now, longest due first: those switched on, of sites switched on; or those named.';

create function public.preview_listing_feeds(p_limit integer default 20, p_ids uuid[] default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(f) order by f.next_check_at, f.id), '[]')
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
      and (f.leased_until is null or f.leased_until <= now()) -- asked again once the row is locked
    order by f.id
    for update skip locked
  ),
  claimed as (
    update public.listing_feeds f
    set lease_token = gen_random_uuid(),
        leased_until = now() + interval '30 seconds'
    from next
    where f.id = next.id
    returning f.*
  )
  select coalesce(jsonb_agg(to_jsonb(claimed) order by next_check_at, id), '[]') from claimed
$$;
comment on function public.claim_listing_feeds(integer, uuid[]) is
  'Leases feeds for 30 seconds, each with a fresh lease_token: those due, or those named that no other run holds.';

create function public.heartbeat_listing_feeds(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  with mine as (
    select id from public.listing_feeds where lease_token = any (p_tokens) for update skip locked
  ),
  extended as (
    update public.listing_feeds f
    set leased_until = now() + interval '30 seconds'
    from mine
    where f.id = mine.id
    returning 1
  )
  select count(*)::integer from extended
$$;
comment on function public.heartbeat_listing_feeds(uuid[]) is 'Extends the leases that are still held; gives how many.';

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

create function public.settle_listing_feed(p_id uuid, p_token uuid, p_result jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_feed public.listing_feeds;
  v_outcome text := p_result ->> 'outcome';
  v_good boolean := coalesce(v_outcome in ('ok', 'not_modified'), false);
  v_retry_at timestamptz := (p_result ->> 'retry_at')::timestamptz;
begin
  select * into v_feed from public.listing_feeds where id = p_id and lease_token = p_token for update;
  if not found then
    return jsonb_build_object('held', false, 'next_check_at', null);
  end if;

  v_feed.lease_token := null;
  v_feed.leased_until := null;
  if v_outcome is null then -- nothing was asked of the site, and nothing is held against it
    v_feed.next_check_at := coalesce(private.bounded(v_retry_at), v_feed.next_check_at);
  else
    v_feed.failures := case when v_good then 0 else v_feed.failures + 1 end;
    v_feed.last_outcome := v_outcome;
    v_feed.last_error := case when not v_good then coalesce(p_result ->> 'error', v_outcome) end;
    v_feed.last_checked_at := now();
    v_feed.next_check_at :=
      private.next_feed_check(v_outcome, v_feed.failures, v_feed.check_interval, v_retry_at);
  end if;
  if v_good then
    v_feed.last_found_at := now();
  end if;
  if v_outcome = 'ok' then
    v_feed.last_found := (p_result ->> 'found')::integer;
    v_feed.last_new := (p_result ->> 'new')::integer;
    v_feed.last_known := (p_result ->> 'known')::integer;
    v_feed.last_skipped := (p_result ->> 'skipped')::integer;
    v_feed.validators := nullif(p_result -> 'validators', 'null');
  elsif v_outcome = 'not_modified' then
    v_feed.last_new := 0;
  end if;

  update public.listing_feeds
  set lease_token = null,
      leased_until = null,
      next_check_at = v_feed.next_check_at,
      last_checked_at = v_feed.last_checked_at,
      last_found_at = v_feed.last_found_at,
      last_outcome = v_feed.last_outcome,
      last_error = v_feed.last_error,
      last_found = v_feed.last_found,
      last_new = v_feed.last_new,
      last_known = v_feed.last_known,
      last_skipped = v_feed.last_skipped,
      failures = v_feed.failures,
      validators = v_feed.validators
  where id = p_id;
  return jsonb_build_object('held', true, 'next_check_at', v_feed.next_check_at);
end
$$;
comment on function public.settle_listing_feed(uuid, uuid, jsonb) is
  'Ends a check as {outcome, error, found, new, known, skipped, retry_at, validators}; without an outcome the feed is handed back unchecked. Gives {held, next_check_at}; held is false when the lease was lost, and nothing was changed.';

grant execute on function
  private.due_listing_feeds(integer, uuid[]),
  public.preview_listing_feeds(integer, uuid[]),
  public.claim_listing_feeds(integer, uuid[]),
  public.heartbeat_listing_feeds(uuid[]),
  private.next_feed_check(text, integer, interval, timestamptz),
  public.settle_listing_feed(uuid, uuid, jsonb)
to service_role;
