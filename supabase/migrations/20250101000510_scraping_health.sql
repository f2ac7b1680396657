-- Every attempt on a site, on record.

create table public.scraping_health (
  id bigint generated always as identity primary key,
  source text not null check (source <> ''),
  host text,
  url text not null,
  outcome text not null check (outcome in (
    'ok', 'not_modified', 'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network',
    'server_error', 'too_large', 'unreadable', 'not_a_listing', 'invalid'
  )),
  status integer check (status between 100 and 999),
  ms integer not null check (ms >= 0),
  bytes bigint not null default 0 check (bytes >= 0),
  message text,
  created_at timestamptz not null default now()
);
comment on table public.scraping_health is
  'One row an attempt at one URL: source, who answered, outcome code, HTTP status, milliseconds, decoded bytes. Kept 60 days.';
create index scraping_health_by_time on public.scraping_health (created_at);
create index scraping_health_by_host on public.scraping_health (host, created_at desc);

alter table public.scraping_health enable row level security;
create policy operators_read on public.scraping_health
  for select to authenticated using ((select private.is_operator()));
grant select on public.scraping_health to authenticated;
grant all on public.scraping_health to service_role;

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
select cron.schedule('prune-scraping-health', '17 * * * *', 'select private.prune_scraping_health()');
