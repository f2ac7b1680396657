-- How many runs of each worker side by side, and how many rows a run.

create function private.worker_backlogs()
returns table (function_name text, due bigint, sizes_batches boolean)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues order by table_name loop -- one look into the index a queue
    function_name := q.function_name;
    due := (private.counted(
      format('from public.%I where status = ''pending'' and %I is null', q.table_name, q.due_column),
      q.table_name || '_due') ->> 'count')::bigint;
    sizes_batches := q.table_name <> 'backfill_queue'; -- its rows are snapshots: it takes 50 by itself
    return next;
  end loop;
  function_name := 'micro-scrape-bandaid';
  due := (private.counted('from public.micro_scrape_state where state = ''due''', 'micro_scrape_state_due') ->> 'count')::bigint;
  sizes_batches := true;
  return next;
  function_name := 'backfill-images';
  due := private.due_images(10001);
  sizes_batches := false; -- its rows are pictures: it takes 200 by itself
  return next;
end
$$;
comment on function private.worker_backlogs() is
  'Rows that each worker could claim now, beyond 10,000 as its index estimates, and whether the size of its batches is fill_policy''s.';

create function public.scale_workers(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles := private.running_cycle(p_cycle_id);
  v_policy public.fill_policy;
  v_scaled jsonb;
  v_moved integer;
  v_function text;
  v_paces integer;
begin
  select * into strict v_policy from public.fill_policy;
  if v_cycle.status <> 'running' then
    delete from private.worker_scales where cycle_id = p_cycle_id;
    return jsonb_build_object('cycle_id', p_cycle_id, 'workers', '[]'::jsonb, 'moved', 0, 'why', 'the cycle has ended');
  end if;
  v_paces := private.note_host_paces(p_cycle_id);

  with backlogs as materialized (
    select b.*,
      -- A run of 30 seconds works one batch; a backlog is to be gone in ten minutes, which is twenty runs.
      case
        when b.sizes_batches
          then least(greatest(b.due, v_policy.batch_size_floor), v_policy.batch_size_ceiling)::integer
        when b.function_name = 'backfill-images' then 200
        else 50
      end as batch_size
    from private.worker_backlogs() b
  ),
  wanted as (
    select b.*,
      least(greatest(ceil(b.due / (20.0 * b.batch_size)), v_policy.workers_floor), v_policy.workers_ceiling)::integer
        as workers
    from backlogs b
  ),
  held as materialized (
    select s.* from private.worker_scales s where s.cycle_id = p_cycle_id and s.until > now()
  ),
  written as (
    insert into private.worker_scales as s (function_name, cycle_id, workers, batch_size, until)
    select w.function_name, p_cycle_id, w.workers, case when w.sizes_batches then w.batch_size end,
      v_cycle.slot + interval '2 hours'
    from wanted w
    order by w.function_name
    on conflict (function_name) do update
    set cycle_id = excluded.cycle_id,
        workers = excluded.workers,
        batch_size = excluded.batch_size,
        until = excluded.until
    returning s.function_name
  ),
  compared as (
    select w.*, coalesce(h.workers, v_policy.workers_floor) as workers_before,
      coalesce(h.batch_size, v_policy.batch_size_floor) as batch_size_before,
      jsonb_build_object('due', w.due, 'batch_size', w.batch_size) as metrics
    from wanted w
    join written using (function_name)
    left join held h using (function_name)
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'workers', c.function_name, c.workers_before::text, c.workers::text,
      case
        when c.workers = v_policy.workers_floor then format('%s rows are due: the floor is enough', c.due)
        when c.workers = v_policy.workers_ceiling then format('%s rows are due: as many as the ceiling allows', c.due)
        else format('%s rows are due, %s a run: gone in ten minutes', c.due, c.batch_size)
      end,
      c.metrics
    from compared c
    where c.workers <> c.workers_before
    union all
    select p_cycle_id, 'batch_size', c.function_name, c.batch_size_before::text, c.batch_size::text,
      format('%s rows are due', c.due), c.metrics
    from compared c
    where c.sizes_batches and c.batch_size <> c.batch_size_before
    returning 1
  )
  select
    jsonb_agg(jsonb_build_object(
      'function', c.function_name, 'due', c.due, 'workers', c.workers, 'workers_before', c.workers_before,
      'batch_size', case when c.sizes_batches then c.batch_size end) order by c.due desc, c.function_name),
    (select count(*) from decided)
  into v_scaled, v_moved
  from compared c;

  for v_function in select value ->> 'function' from jsonb_array_elements(v_scaled) where (value ->> 'due')::bigint > 0 loop
    perform private.invoke_worker(v_function);
  end loop;
  return jsonb_build_object('cycle_id', p_cycle_id, 'workers', v_scaled, 'moved', v_moved, 'host_paces', v_paces);
end
$$;
comment on function public.scale_workers(text) is
  'Sets, until the slot of this cycle ends, how many runs of each worker go side by side and how many rows a run takes: as many as drain what is due in ten minutes, between floor and ceiling of fill_policy; and invokes those that have work. Each move is a row of fill_decisions. Gives {cycle_id, workers: [{function, due, workers, workers_before, batch_size}], moved, host_paces}; host_paces: of how many hosts a new pace was told.';
revoke execute on function public.scale_workers(text) from public, anon, authenticated;
grant execute on function private.worker_backlogs(), public.scale_workers(text) to service_role;
