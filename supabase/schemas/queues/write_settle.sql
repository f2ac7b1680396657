create function private.has_column(p_table text, p_column text) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from pg_catalog.pg_attribute
    where attrelid = format('public.%I', p_table)::regclass and attname = p_column and not attisdropped)
$$;
comment on function private.has_column(text, text) is 'Whether a table of public has this column.';
revoke execute on function private.has_column(text, text) from public;

create function private.write_settle(q private.queues) returns void
language plpgsql
set search_path = ''
as $write$
declare
  -- Whose page it is, by which its waits are chosen.
  v_host text := case
    when private.has_column(q.table_name, 'canonical_url') then 'private.url_host(t.canonical_url)'
    when private.has_column(q.table_name, 'vehicle_id') then '(select v.source_host from public.vehicles v where v.id = t.vehicle_id)'
    else 'null'
  end;
begin
  execute format(
    $sql$
      create or replace function private.%1$I(p_items jsonb) returns jsonb
      language plpgsql
      set search_path = ''
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_hashjoin = off
      set enable_mergejoin = off
      as $settle$
      declare
        v_result jsonb;
      begin
        with items as materialized (
          select
            i.id,
            i.lease_token,
            i.outcome,
            i.error,
            i.retry_at,
            private.is_refused(i.outcome) as is_refused,
            private.is_walled(i.outcome) as is_walled
          from jsonb_to_recordset(p_items)
            as i(id uuid, lease_token uuid, outcome text, error text, retry_at timestamptz)
          order by i.id
        ),
        settled as (
          update public.%2$I t
          set (status, %5$I, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait(%7$s, i.outcome, t.%3$I))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then %6$L
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.%3$I >= t.%4$I then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              %3$I = case when i.is_refused then greatest(t.%3$I - 1, 0) else t.%3$I end,
              last_blocked_on = case when i.is_walled then current_date else t.last_blocked_on end,
              lease_token = null,
              lease_expires_at = null,
              outcome_code = i.outcome,
              error_message = i.error
          from items i
          where t.id = i.id and t.lease_token = i.lease_token
          returning t.id, i.lease_token, t.status
        )
        select coalesce(to_jsonb(array_agg(e order by e.id)), '[]')
        into v_result
        from (
          select i.id, s.status
          from items i
          left join settled s on s.id = i.id and s.lease_token = i.lease_token
        ) e;
        return v_result;
      end
      $settle$
    $sql$,
    'settle_' || q.table_name, q.table_name, q.attempts_column, q.max_attempts_column, q.due_column, q.done_status,
    v_host);
  execute format('grant execute on function private.%I(jsonb) to service_role', 'settle_' || q.table_name);
end
$write$;
comment on function private.write_settle(private.queues) is
  'Writes the function that ends attempts of one queue, all of a batch in one statement: planned once a connection, not at each call.';
