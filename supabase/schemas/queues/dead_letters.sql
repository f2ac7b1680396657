-- Work that was given up although it could be done: of every queue, whatever queues there are.

create function private.dead_letters(
  p_queue text default null, p_outcome text default null, p_limit integer default null
)
returns table (
  queue text, id uuid, vehicle_id uuid, step_name text, url text, outcome_code text, error text,
  attempts integer, failed_at timestamptz, queued_again_at timestamptz, what_to_type text
)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
  v_columns text[];
begin
  for q in
    select *
    from private.queues
    where p_queue is null or table_name = (private.queue(p_queue)).table_name
    order by table_name
  loop
    v_columns := array(
      select attname::text
      from pg_catalog.pg_attribute
      where attrelid = to_regclass('public.' || q.table_name) and attnum > 0 and not attisdropped
    );
    return query execute format(
      $sql$
        select
          %1$L, t.id, t.vehicle_id, %3$s, coalesce(%4$s, v.discovery_url), t.outcome_code, t.error_message,
          t.%2$I, t.processed_at, %5$s, private.redrive_words(%1$L, t.id)
        from public.%1$I t
        left join public.vehicles v on v.id = t.vehicle_id
        where t.status = 'failed'
          and not private.is_final(t.outcome_code)
          and ($1 is null or t.outcome_code = $1)
          %6$s
        order by t.processed_at, t.id
        limit $2
      $sql$,
      q.table_name, q.attempts_column,
      -- What not every queue has.
      case when 'step_name' = any (v_columns) then 't.step_name' else 'null::text' end,
      coalesce(
        (select 't.' || c
         from unnest(array['listing_url', 'bat_url', 'source_url']) with ordinality u(c, n)
         where c = any (v_columns)
         order by n
         limit 1),
        'null::text'),
      case when 'requeue_at' = any (v_columns) then 'nullif(t.requeue_at, ''infinity'')' else 'null::timestamptz' end,
      case when 'step_name' = any (v_columns) then
        'and not exists (
            select from public.scrape_steps s
            where s.vehicle_id = t.vehicle_id
              and s.step_name = t.step_name
              and s.status = ''success''
              and s.created_at > t.processed_at)'
      else '' end)
    using p_outcome, p_limit;
  end loop;
end
$$;
comment on function private.dead_letters(text, text, integer) is
  'The rows of dead_letters: of one queue or of all under the kernel, a queue that is added too; of one outcome or any; the oldest of each queue, at most p_limit.';
grant execute on function private.dead_letters(text, text, integer) to authenticated, service_role;

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
      select d.id from private.dead_letters(q.table_name, p_outcome, p_limit) d
    );
    v_redriven := v_redriven || jsonb_build_object(
      q.table_name, case when v_ids = '{}' then 0 else public.redrive_queue(q.table_name, v_ids, p_limit) end);
  end loop;
  return v_redriven;
end
$$;
comment on function public.redrive_dead_letters(text, text, integer) is
  'Puts what stands in dead_letters back to pending with fresh attempts: of one queue or all, of one outcome_code or any, the oldest first, at most p_limit of each queue. Invokes the workers. Gives how many, per queue.';
grant execute on function public.redrive_dead_letters(text, text, integer) to service_role;
