-- Tell of feed pages.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.follow_more_pages(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_moved integer;
begin
  with more as (
    select f.id, f.pages
    from public.listing_feeds f
    where f.lease_token is null
      and f.pages < 5
      and f.kind in ('index', 'search') -- the others have no further page
      and f.last_outcome = 'ok'
      -- Hardly anything of it was known: what came before stands on the next page.
      and f.last_new >= 5
      and f.last_new >= 0.8 * f.last_found
      and private.may_activate(f)
    order by f.id
    for update of f skip locked
  ),
  moved as (
    update public.listing_feeds f
    set pages = more.pages + 1,
        validators = null -- an unchanged first page is read too, for what it leads to
    from more
    where f.id = more.id
    returning f.url, more.pages as was, f.pages, f.last_new, f.last_found
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'feed_pages', url, was::text, pages::text,
      format('below target, and %s of its %s listings were new: more stand behind them', last_new, last_found),
      jsonb_build_object('new', last_new, 'found', last_found)
    from moved
    returning 1
  )
  select count(*) into v_moved from decided;
  return v_moved;
end
$$;

create or replace function public.settle_listing_feeds(p_items jsonb) returns jsonb
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
      private.feed_interval(f) as held_interval,
      f.pages as held_pages,
      case when private.was_read(i.outcome) and f.last_found_at is not null
        then private.blended_rate(
          f.new_per_hour, private.feed_interval(f), case i.outcome when 'ok' then coalesce(i.new, 0) else 0 end,
          now() - f.last_found_at)
        else f.new_per_hour
      end as new_per_hour
    from items i
    join public.listing_feeds f on f.id = i.id and f.lease_token = i.lease_token
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
