-- Every attempt on a site, on record.

create function private.prune_scraping_health(
  p_older_than interval default '60 days',
  p_portion integer default 10000
) returns integer
language sql
set search_path = ''
as $$
  with old as (
    select id from public.scraping_health
    where created_at < now() - p_older_than
    order by created_at
    limit p_portion
  ),
  gone as (
    delete from public.scraping_health h using old where h.id = old.id returning 1
  )
  select count(*)::integer from gone
$$;
comment on function private.prune_scraping_health(interval, integer) is
  'Forgets old attempts, at most a portion a call; cron calls it every hour. Gives how many.';
revoke execute on function private.prune_scraping_health(interval, integer) from public;
