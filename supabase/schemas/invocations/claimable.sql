-- Whether an invocation would find work, and whether it did.

create function private.has_claimable(p_function text) returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  v_queue text := (select q.table_name from private.queues q where q.function_name = p_function);
begin
  return case
    when v_queue is not null then private.queue_is_claimable(v_queue)
    when p_function = 'micro-scrape-bandaid' then cardinality(private.claimable_micro_scrape(1)) > 0
    when p_function = 'backfill-images' then private.image_downloads_are_due()
    when p_function = 'database-fill-agent' then private.fill_step_is_due()
    when p_function = 'prune-snapshots' then exists (select from private.unneeded_snapshot_objects)
    -- Null: it claims nothing.
  end;
end
$$;
comment on function private.has_claimable(text) is
  'Whether the worker that is this edge function would claim a row now: the conditions of its claim and of its preview. Null for one that claims nothing.';
revoke execute on function private.has_claimable(text) from public;
grant execute on function private.has_claimable(text) to service_role;

create function private.note_claim(p_function text, p_rows integer) returns void
language plpgsql -- its plan is kept: making it at each claim would cost a tenth of the claim
set search_path = ''
as $$
begin
  update public.worker_invocations
  set rows_claimed = p_rows
  where id = (
    select id
    from public.worker_invocations
    where function_name = p_function
      and rows_claimed is null
      and request_id is not null
      and not private.is_outside_worker()
      and invoked_at > now() - interval '1 minute'
    order by invoked_at
    limit 1
    for update skip locked
  );
end
$$;
comment on function private.note_claim(text, integer) is
  'Says of the oldest invocation of a worker that has not claimed yet how many rows its run claimed. A run that nobody invoked changes nothing.';
revoke execute on function private.note_claim(text, integer) from public;
grant execute on function private.note_claim(text, integer) to service_role;

create function private.note_end(p_function text) returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations
  set ended_at = clock_timestamp()
  where id = (
    select id
    from public.worker_invocations
    where function_name = p_function
      and rows_claimed > 0
      and ended_at is null
      and not private.is_outside_worker()
      and invoked_at > now() - private.longest_run()
    order by invoked_at
    limit 1
    for update skip locked
  )
$$;
comment on function private.note_end(text) is
  'Says of the oldest invocation of a worker that claimed rows that its run has ended: as many run as are not ended.';

create function private.longest_run() returns interval
language sql immutable parallel safe
return interval '40 seconds';
comment on function private.longest_run() is
  'So long a run that the database invoked works at most, as a rule: 30 seconds, and writing.';

create function private.runs_under_way(p_function text) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from public.worker_invocations
  where function_name = p_function
    and invoked_at > pg_catalog.now() - private.longest_run()
    and request_id is not null
    and ended_at is null
    and (rows_claimed > 0 or (rows_claimed is null and invoked_at > pg_catalog.now() - interval '20 seconds'))
$$;
comment on function private.runs_under_way(text) is
  'How many runs of a worker that the database invoked are on their way or at work, as far as they said.';
revoke execute on function private.note_end(text), private.runs_under_way(text) from public;
grant execute on function private.note_end(text), private.longest_run(), private.runs_under_way(text) to service_role;

create view public.worker_invocations_by_hour with (security_invoker = true) as
select
  function_name,
  date_trunc('hour', invoked_at) as hour,
  count(*) as invocations,
  count(*) filter (where rows_claimed > 0) as found_work,
  count(*) filter (where rows_claimed = 0) as found_nothing,
  count(*) filter (where rows_claimed is null) as not_claimed_yet
from public.worker_invocations
group by function_name, date_trunc('hour', invoked_at);
comment on view public.worker_invocations_by_hour is
  'How often the database invoked each edge function, by the hour, and how often its run then claimed rows (found_work) or none (found_nothing). A hosted project pays for each.';
grant select on public.worker_invocations_by_hour to authenticated, service_role;
