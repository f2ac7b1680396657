create function private.are_waits(p_waits jsonb) returns boolean
language sql stable parallel safe
set search_path = ''
as $$
  select coalesce(bool_and(
    pg_input_is_valid(w.value, 'interval') and private.can_heal(w.key)
      and case when pg_input_is_valid(w.value, 'interval') then w.value::interval between interval '30 seconds' and interval '7 days' end
  ), true)
  from jsonb_each_text(p_waits) w
$$;
comment on function private.are_waits(jsonb) is
  'Whether this is {outcome: wait}, of outcomes that can heal, each wait from 30 seconds to a week.';
grant execute on function private.are_waits(jsonb) to service_role;

create table public.source_strategies (
  source_id uuid primary key references public.scrape_sources (id) on delete cascade,
  best_ways jsonb not null default '{}' check (jsonb_typeof(best_ways) = 'object'),
  retry_waits jsonb not null default '{}' check (jsonb_typeof(retry_waits) = 'object'),
  lists_new_per_hour numeric check (lists_new_per_hour >= 0),
  lists_interval interval check (lists_interval > interval '0'),
  pinned_retry_waits jsonb not null default '{}'
    constraint pinned_waits_are_waits check (jsonb_typeof(pinned_retry_waits) = 'object' and private.are_waits(pinned_retry_waits)),
  pinned_lists_interval interval
    constraint lists_are_pinned_to_some_time check (pinned_lists_interval between interval '1 minute' and interval '30 days'),
  learned_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table public.source_strategies is
  'One row a source: what was learned of how it is best read and asked, and what an operator has pinned instead (the pinned_… columns win).';
comment on column public.source_strategies.best_ways is
  'By field, the way of reading that labels found right most surely: {field: {way, precision, n}}.';
comment on column public.source_strategies.retry_waits is
  'By outcome, when it is worth trying again: {outcome: {wait, success, best, n}}: the shortest wait with nine tenths of the success of the best.';
comment on column public.source_strategies.lists_interval is
  'How often its lists change: the time in which the quickest of its feeds shows five new listings.';
comment on column public.source_strategies.pinned_retry_waits is
  'An operator''s: {"timeout": "30 minutes"}. Never shorter than an hour is waited after a refusal.';
comment on column public.source_strategies.learned_at is 'When what was learned last changed.';
create index source_strategies_with_waits on public.source_strategies (source_id)
  where retry_waits <> '{}' or pinned_retry_waits <> '{}';
create index source_strategies_with_pinned_lists on public.source_strategies (source_id)
  where pinned_lists_interval is not null;

alter table public.source_strategies enable row level security;
create policy operators_read on public.source_strategies
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_strategies to authenticated;
grant all on public.source_strategies to service_role;
