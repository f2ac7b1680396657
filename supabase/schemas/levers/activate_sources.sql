-- Below target: what the sources that serve could give sooner. What an operator switched off stays off.

create function private.may_activate(p_feed public.listing_feeds) returns boolean
language sql stable
set search_path = ''
as $$
  select p_feed.enabled
    and p_feed.failures = 0
    and private.is_adaptive_feed(p_feed)
    and not exists (
      select from public.scrape_sources s
      where (s.slug = p_feed.source or s.id = private.source_of_host(private.url_host(p_feed.url)))
        and not (s.is_active and s.lifecycle in ('active', 'probation')))
$$;
comment on function private.may_activate(public.listing_feeds) is
  'Whether database-fill-agent may have this feed checked sooner: switched on, served at its last check, its interval no operator''s, and of a source that is switched on and active or on probation.';

create function private.check_feeds_sooner(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_floor interval := (select feed_interval_floor from public.fill_policy);
  v_moved jsonb;
begin
  with sooner as (
    select f.id, f.source, private.url_host(f.url) as host, f.next_check_at as was,
      greatest(now(), f.last_checked_at + v_floor) as next
    from public.listing_feeds f
    where f.lease_token is null
      and f.next_check_at > greatest(now(), f.last_checked_at + v_floor)
      and private.may_activate(f)
    order by f.id
    for update of f skip locked
  ),
  moved as (
    update public.listing_feeds f
    set next_check_at = s.next
    from sooner s
    where f.id = s.id
    returning coalesce(s.source, s.host) as source, s.was, s.next
  ),
  by_source as (
    select source, count(*) as feeds, max(extract(epoch from was - next)) as by_seconds, min(was) as was, min(next) as next
    from moved
    group by source
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'feed_interval', source, was::text, next::text,
      'below target: its feeds are checked as soon as the floor allows',
      jsonb_build_object('feeds', feeds, 'sooner_by_seconds_at_most', round(by_seconds))
    from by_source
    returning 1
  )
  select jsonb_build_object('sources', (select count(*) from decided), 'feeds', coalesce(sum(feeds), 0))
  into v_moved
  from by_source;
  return v_moved;
end
$$;
comment on function private.check_feeds_sooner(text) is
  'Makes the feeds that may be checked sooner due as soon as feed_interval_floor allows; a decision a source. Gives {sources, feeds}.';

create function private.follow_more_pages(p_cycle_id text) returns integer
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
comment on function private.follow_more_pages(text) is
  'A check of feeds that may be checked sooner, and whose last page was nearly all new, reads one page more, up to five. Gives how many.';

create function public.activate_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles := private.running_cycle(p_cycle_id);
  v_feeds jsonb;
  v_pages integer;
  v_requests jsonb;
  v_paces integer;
begin
  if v_cycle.status <> 'running' then
    return jsonb_build_object(
      'cycle_id', p_cycle_id, 'feeds', 0, 'sources', 0, 'more_pages', 0, 'host_paces', 0, 'why', 'the cycle has ended');
  end if;
  v_pages := private.follow_more_pages(p_cycle_id);
  v_feeds := private.check_feeds_sooner(p_cycle_id);
  v_paces := private.note_host_paces(p_cycle_id);
  if (v_feeds ->> 'feeds')::integer > 0 then
    perform private.invoke_worker('discover-listings');
  end if;
  v_requests := private.share_out_requests(v_cycle); -- last: it locks hosts
  return jsonb_build_object('cycle_id', p_cycle_id, 'more_pages', v_pages, 'host_paces', v_paces) || v_feeds || v_requests;
end
$$;
comment on function public.activate_sources(text) is
  'For a cycle below its target: the feeds of sources that serve are checked as soon as the floor allows, and further than their first page where that was new, and the requests for new pages are shared out by what they bring. Never touches a source or feed that an operator switched off, nor an interval that is an operator''s. Each move is a row of fill_decisions. Gives {cycle_id, feeds, sources, more_pages, host_paces}: how many feeds are due sooner, of how many sources, how many read more pages, of how many hosts a new pace was told, and as share_out_requests().';
revoke execute on function public.activate_sources(text) from public, anon, authenticated;
grant execute on function
  private.may_activate(public.listing_feeds),
  private.check_feeds_sooner(text),
  private.follow_more_pages(text),
  public.activate_sources(text)
to service_role;
