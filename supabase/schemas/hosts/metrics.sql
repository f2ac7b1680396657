-- What was asked of each host, and what had to wait for its pace: ten minutes a row.

create table private.host_metrics (
  host text not null,
  began_at timestamptz not null,
  pages integer not null default 0,
  new_pages integer not null default 0,
  covers integer not null default 0,
  galleries integer not null default 0,
  put_off integer not null default 0,
  over_budget integer not null default 0,
  taken_ms bigint not null default 0,
  primary key (host, began_at)
) with (fillfactor = 50);
comment on table private.host_metrics is
  'One row a host and ten minutes: slots that were given to pages (new_pages: of listings that are new), covers and galleries, how often some were asked for and not given because of the pace (put_off) or the budget (over_budget), and the time that the given ones take. Kept 14 days.';

create index host_metrics_by_time on private.host_metrics (began_at);
alter table private.host_metrics enable row level security;
grant all on private.host_metrics to service_role;

create function private.metrics_slot(p_at timestamptz) returns timestamptz
language sql immutable parallel safe
return to_timestamp(floor(extract(epoch from p_at) / 600) * 600);
comment on function private.metrics_slot(timestamptz) is 'When the ten minutes begin that this time belongs to.';
grant execute on function private.metrics_slot(timestamptz) to service_role;

create function private.host_limits(p_from timestamptz, p_to timestamptz default null)
returns table (
  host text, requests bigint, pages bigint, new_pages bigint, put_off bigint, over_budget bigint, interval_ms integer,
  taken_percent numeric, at_limit boolean, why text
)
language sql stable
set search_path = ''
as $$
  with asked as (
    select
      m.host,
      sum(m.pages + m.covers + m.galleries) as requests,
      sum(m.pages) as pages,
      sum(m.new_pages) as new_pages,
      sum(m.put_off) as put_off,
      sum(m.over_budget) as over_budget,
      sum(m.taken_ms) as taken_ms
    from private.host_metrics m
    where m.began_at >= private.metrics_slot(p_from)
      and m.began_at < coalesce(p_to, now())
    group by m.host
  ),
  stood as (
    select
      a.*, h.interval_ms, private.pace_set_by(h) as pace_set_by,
      100 * a.taken_ms / greatest(
        extract(epoch from least(coalesce(p_to, now()), now()) - private.metrics_slot(p_from)) * 1000, 1) as taken
    from asked a
    left join public.source_hosts h on h.host = a.host
  )
  select
    s.host, s.requests, s.pages, s.new_pages, s.put_off, s.over_budget, s.interval_ms,
    round(least(s.taken, 100), 1),
    s.put_off > 0 and s.taken >= 80,
    s.pace_set_by
  from stood s
  order by s.taken desc, s.host
$$;
comment on function private.host_limits(timestamptz, timestamptz) is
  'How near each host that was asked came to its pace between two times, in steps of ten minutes: slots given, how often some were wanted and not given, the part of the time that the given ones take, and at_limit: slots were wanted in vain, and four fifths of the time was taken. why: what sets the pace.';
grant execute on function private.host_limits(timestamptz, timestamptz) to service_role;
