-- How often a feed is looked at: as often as it shows five new listings, between an operator's floor and a day.

create function private.is_adaptive_feed(p_feed public.listing_feeds) returns boolean
language sql stable
set search_path = ''
as $$
  select p_feed.is_adaptive
    -- One that is neither the code's nor the usual one was set by hand, and stays.
    and p_feed.check_interval = coalesce(p_feed.code_interval, interval '30 minutes')
    and coalesce((select is_enabled from public.fill_policy), true)
    and private.pinned_lists_interval(p_feed) is null
$$;
comment on function private.is_adaptive_feed(public.listing_feeds) is
  'Whether the system may look at this feed more or less often than check_interval says: is_adaptive, an interval that no operator changed or pinned, and fill_policy switched on.';

create function private.feed_interval(p_feed public.listing_feeds) returns interval
language sql stable
set search_path = ''
as $$
  select coalesce(
    private.pinned_lists_interval(p_feed),
    case when private.is_adaptive_feed(p_feed) then p_feed.revisit_interval end,
    p_feed.check_interval)
$$;
comment on function private.feed_interval(public.listing_feeds) is 'How often this feed is checked as things are.';

create function private.blended_rate(p_rate numeric, p_interval interval, p_new integer, p_since interval) returns numeric
language sql immutable parallel safe
return (
  select round(s.prior + (1 - 0.5 ^ (s.hours / 3)) * (p_new / greatest(s.hours, 1.0 / 60) - s.prior), 4)
  from (
    select
      extract(epoch from p_since) / 3600 as hours,
      -- Before anything is known, what its first interval takes for granted.
      coalesce(p_rate, 5 * 3600 / extract(epoch from p_interval)) as prior
  ) s
);
comment on function private.blended_rate(numeric, interval, integer, interval) is
  'New listings an hour after p_new were found in the time p_since: what was held counts half as much every three hours.';

create function private.revisit_interval(p_per_hour numeric, p_floor interval) returns interval
language sql immutable parallel safe
return least(
  greatest(case when p_per_hour > 0.2 then interval '1 hour' * (5 / p_per_hour) else interval '1 day' end, p_floor),
  interval '1 day');
comment on function private.revisit_interval(numeric, interval) is
  'The time in which a feed shows five new listings, not under the floor and not over a day.';

grant execute on function
  private.is_adaptive_feed(public.listing_feeds),
  private.feed_interval(public.listing_feeds)
to authenticated, service_role;
grant execute on function
  private.blended_rate(numeric, interval, integer, interval),
  private.revisit_interval(numeric, interval)
to service_role;
