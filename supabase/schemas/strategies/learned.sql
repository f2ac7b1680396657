create function private.learned_strategies()
returns table (kind text, source text, subject text, state text, what text, learned_from text, since timestamptz, changed text)
language sql stable
set search_path = ''
as $$
  select
    'retry wait', s.slug, w.outcome, case when t.pinned_retry_waits ? w.outcome then 'pinned' else 'serving' end,
    'tried again after ' || coalesce(t.pinned_retry_waits ->> w.outcome, t.retry_waits -> w.outcome ->> 'wait'),
    case when t.retry_waits ? w.outcome then format('%s tries after it, %s %% of which worked, the best wait %s %%',
      t.retry_waits -> w.outcome ->> 'n', round(100 * (t.retry_waits -> w.outcome ->> 'success')::numeric),
      round(100 * (t.retry_waits -> w.outcome ->> 'best')::numeric)) end,
    coalesce(t.learned_at, t.created_at), null::text
  from public.source_strategies t
  join public.scrape_sources s on s.id = t.source_id
  cross join lateral (
    select jsonb_object_keys(t.retry_waits) union select jsonb_object_keys(t.pinned_retry_waits)
  ) w(outcome)
  union all
  select
    'best way', s.slug, w.key, 'serving', w.value ->> 'way',
    format('%s labels, %s %% right', w.value ->> 'n', round(100 * (w.value ->> 'precision')::numeric)),
    t.learned_at, null
  from public.source_strategies t
  join public.scrape_sources s on s.id = t.source_id
  cross join lateral jsonb_each(t.best_ways) w
  union all
  select
    'lists', s.slug, 'how often they change', case when t.pinned_lists_interval is not null then 'pinned' else 'serving' end,
    'checked every ' || coalesce(t.pinned_lists_interval, t.lists_interval),
    case when t.lists_new_per_hour is not null then round(t.lists_new_per_hour, 2) || ' new listings an hour' end,
    coalesce(t.learned_at, t.created_at), null
  from public.source_strategies t
  join public.scrape_sources s on s.id = t.source_id
  where coalesce(t.pinned_lists_interval, t.lists_interval) is not null
$$;
comment on function private.learned_strategies() is 'The rows of learning_status of source_strategies.';
grant execute on function private.learned_strategies() to authenticated, service_role;
