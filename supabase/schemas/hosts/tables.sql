-- How fast a host may be asked, and whether it may be asked at all. All workers share it.

create table public.source_hosts (
  host text primary key check (host = lower(host) and host ~ '^[^/\s]+$' and host !~ '^www\.'),

  min_interval_ms integer not null default 1000 check (min_interval_ms between 0 and 3600000),
  crawl_delay_ms integer check (crawl_delay_ms between 0 and 3600000),
  slowed_interval_ms integer check (slowed_interval_ms between 1 and 3600000),
  interval_ms integer not null generated always as (
    greatest(min_interval_ms, crawl_delay_ms, slowed_interval_ms)
  ) stored,
  paced_at timestamptz,
  paced_because text check (paced_because <> ''),
  good_answers integer not null default 0 check (good_answers >= 0),
  slowdowns integer not null default 0 check (slowdowns >= 0),
  usual_answer_ms integer check (usual_answer_ms >= 0),
  noted_slowed_ms integer,
  next_slot_at timestamptz not null default now(),
  retry_after timestamptz,

  pages_wait_until timestamptz,
  covers_wait_until timestamptz,
  covers_wait_since timestamptz,
  galleries_wait_since timestamptz,

  new_pages_budget integer check (new_pages_budget >= 0),
  new_pages_used integer not null default 0 check (new_pages_used >= 0),
  budget_until timestamptz,

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
  constraint a_budget_has_an_end check ((new_pages_budget is null) = (budget_until is null)),
  check ((robots_fetched_at is null) = (robots_fresh_until is null))
) with (fillfactor = 70);
comment on table public.source_hosts is
  'One row a host ever asked, without www: its rate, its breaker and its robots.txt, shared by all workers. min_interval_ms and the thresholds are an operator''s to set.';
comment on column public.source_hosts.min_interval_ms is
  'Least time between two requests of all workers together. The robots.txt of the host can only raise it (crawl_delay_ms).';
comment on column public.source_hosts.slowed_interval_ms is
  'What the system itself slowed the host down to, by its answers; null while all is well. Never below the other two.';
comment on column public.source_hosts.interval_ms is
  'Time between two requests as it is now: the longest of min_interval_ms, crawl_delay_ms and slowed_interval_ms.';
comment on column public.source_hosts.paced_because is 'Why slowed_interval_ms was last moved, at paced_at.';
comment on column public.source_hosts.good_answers is 'Answers since then, while it is slowed down: some, and it is asked a step faster.';
comment on column public.source_hosts.slowdowns is 'How often it was slowed down since fill_decisions last said so.';
comment on column public.source_hosts.usual_answer_ms is
  'How long its answers take, as a mean in which the last ones count most: one that takes much longer is slow.';
comment on column public.source_hosts.noted_slowed_ms is 'slowed_interval_ms as fill_decisions last told it.';
comment on column public.source_hosts.pages_wait_until is
  'Until then pages of this host are taken to wait for slots: pictures get none.';
comment on column public.source_hosts.covers_wait_until is 'The same of covers: galleries get no slot.';
comment on column public.source_hosts.galleries_wait_since is
  'Since when galleries get no slot because pages or covers wait; after a minute they get one.';
comment on column public.source_hosts.new_pages_budget is
  'Requests for pages of new listings until budget_until, as database-fill-agent shares them out; null: no bound.';
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
  id bigint generated always as identity,
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
  created_at timestamptz not null default now(),
  primary key (id, created_at)
) partition by range (created_at);
comment on table public.scraping_health is
  'One row an attempt at one URL: source, who answered, outcome code, HTTP status, milliseconds, decoded bytes. Partitioned by month; what is older than 60 days goes with its month.';

create index scraping_health_by_time on public.scraping_health (created_at);
create index scraping_health_by_host on public.scraping_health (host, created_at desc);

alter table public.scraping_health enable row level security;
create policy operators_read on public.scraping_health
  for select to authenticated using ((select private.is_operator()));
grant select on public.scraping_health to authenticated;
grant all on public.scraping_health to service_role;
