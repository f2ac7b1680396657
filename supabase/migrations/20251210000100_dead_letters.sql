-- Work that was given up although it could be done: of every queue, whatever queues there are.

create function private.dead_letters(p_queue text default null)
returns table (
  queue text, id uuid, vehicle_id uuid, step_name text, url text, outcome_code text, error text,
  attempts integer, failed_at timestamptz, queued_again_at timestamptz, what_to_type text
)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in
    select *
    from private.queues
    where p_queue is null or table_name = (private.queue(p_queue)).table_name
    order by table_name
  loop
    return query execute format(
      $sql$
        select
          %1$L, f.id, f.vehicle_id, f.as_json ->> 'step_name',
          coalesce(f.as_json ->> 'listing_url', f.as_json ->> 'bat_url', f.as_json ->> 'source_url', v.discovery_url),
          f.outcome_code, f.error_message, f.attempts, f.processed_at,
          nullif(f.as_json ->> 'cool_until', 'infinity')::timestamptz,
          private.redrive_words(%1$L, f.id)
        from (
          select
            t.id, t.vehicle_id, t.outcome_code, t.error_message, t.%2$I as attempts, t.processed_at,
            to_jsonb(t) as as_json
          from public.%1$I t
          where t.status = 'failed' and not private.is_final(t.outcome_code)
        ) f
        left join public.vehicles v on v.id = f.vehicle_id
        where not exists (
          select from public.scrape_steps s
          where s.vehicle_id = f.vehicle_id
            and s.step_name = f.as_json ->> 'step_name'
            and s.status = 'success'
            and s.created_at > f.processed_at)
      $sql$, q.table_name, q.attempts_column);
  end loop;
end
$$;
comment on function private.dead_letters(text) is
  'The rows of dead_letters, of one queue or of all under the kernel; a queue that is added is in it.';

create view public.dead_letters with (security_invoker = true) as
select
  queue, id, vehicle_id, step_name, url, outcome_code, error, attempts, failed_at, queued_again_at, what_to_type
from private.dead_letters()
order by failed_at desc nulls last, queue, id;
comment on view public.dead_letters is
  'Rows of every queue that failed and could work another time: attempts spent, or a wall met on three days. Not what is gone, no listing, invalid or too large, and no step that has worked since. queued_again_at: when its queue takes it up by itself; null means that a person decides. what_to_type puts one back, redrive_dead_letters() all of them.';
grant select on public.dead_letters to authenticated, service_role;

create function public.redrive_dead_letters(
  p_queue text default null, p_outcome text default null, p_limit integer default 1000
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
  v_ids uuid[];
  v_redriven jsonb := '{}';
begin
  for q in
    select *
    from private.queues
    where p_queue is null or table_name = (private.queue(p_queue)).table_name
    order by table_name
  loop
    v_ids := array(
      select d.id
      from private.dead_letters(q.table_name) d
      where p_outcome is null or d.outcome_code = p_outcome
      order by d.failed_at, d.id
      limit p_limit
    );
    v_redriven := v_redriven || jsonb_build_object(
      q.table_name, case when v_ids = '{}' then 0 else public.redrive_queue(q.table_name, v_ids, p_limit) end);
  end loop;
  return v_redriven;
end
$$;
comment on function public.redrive_dead_letters(text, text, integer) is
  'Puts what stands in dead_letters back to pending with fresh attempts: of one queue or all, of one outcome_code or any, the oldest first, at most p_limit of each queue. Wakes the workers. Gives how many, per queue.';

grant execute on function private.dead_letters(text) to authenticated, service_role;
grant execute on function public.redrive_dead_letters(text, text, integer) to service_role;
