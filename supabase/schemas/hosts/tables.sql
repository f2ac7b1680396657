-- How fast a host may be asked, and whether it may be asked at all. All workers share it.

create table public.source_hosts (
  host text primary key check (host = lower(host) and host ~ '^[^/\s]+$' and host !~ '^www\.'),

  min_interval_ms integer not null default 1000 check (min_interval_ms between 0 and 3600000),
  crawl_delay_ms integer check (crawl_delay_ms between 0 and 3600000),
  next_slot_at timestamptz not null default now(),
  retry_after timestamptz,

  breaker text not null default 'closed' check (breaker in ('closed', 'open', 'half_open')),
  refusal_threshold integer not null default 3 check (refusal_threshold > 0),
  error_threshold integer default 10 check (error_threshold > 0),
  consecutive_refusals integer not null default 0 check (consecutive_refusals >= 0),
  consecutive_errors integer not null default 0 check (consecutive_errors >= 0),
  times_opened integer not null default 0 check (times_opened >= 0),
  opened_at timestamptz,
  opened_because text check (opened_because <> ''),
  retry_at timestamptz,
  probe_holder uuid,
  probe_until timestamptz,

  last_outcome text,
  last_message text,
  last_answered_at timestamptz,

  robots_body text check (octet_length(robots_body) <= 600000),
  robots_status integer check (robots_status between 100 and 599),
  robots_error text check (robots_error <> ''),
  robots_fetched_at timestamptz,
  robots_fresh_until timestamptz,

  created_at timestamptz not null default now(),

  check ((breaker = 'closed') = (opened_at is null)),
  check ((breaker = 'closed') = (opened_because is null)),
  check ((breaker = 'closed') = (retry_at is null)),
  check ((breaker = 'closed') = (times_opened = 0)),
  check ((breaker = 'half_open') = (probe_holder is not null)),
  check ((breaker = 'half_open') = (probe_until is not null)),
  check (retry_at >= opened_at),
  check ((robots_fetched_at is null) = (robots_fresh_until is null))
) with (fillfactor = 70);
comment on table public.source_hosts is
  'One row a host ever asked, without www: its rate, its breaker and its robots.txt, shared by all workers. min_interval_ms and the thresholds are an operator''s to set.';
comment on column public.source_hosts.min_interval_ms is
  'Least time between two requests of all workers together. The robots.txt of the host can only raise it (crawl_delay_ms).';
comment on column public.source_hosts.next_slot_at is
  'When the next request may start: every earlier slot is given away.';
comment on column public.source_hosts.retry_after is
  'The host said Retry-After (or 429 without one): nothing is asked before.';
comment on column public.source_hosts.refusal_threshold is
  'So many answers in a row of rate_limited or blocked open the breaker.';
comment on column public.source_hosts.error_threshold is
  'So many failures in a row of timeout, network or server_error open the breaker; null: they never do.';
comment on column public.source_hosts.times_opened is
  'How often the breaker opened since it was last closed: each time it stays open longer.';
comment on column public.source_hosts.robots_error is
  'Why the last attempt at robots.txt failed. While there is no body, nothing is fetched until robots_fresh_until.';

alter table public.source_hosts enable row level security;
create policy operators_read on public.source_hosts
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_hosts to authenticated;
grant all on public.source_hosts to service_role;

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
