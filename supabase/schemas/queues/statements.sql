-- The statements of the kernel, written out for each queue: as functions of their own they are planned once a
-- connection. Planning them at each claim costs more than the claim.

create function private.write_rescue(q private.queues) returns void
language plpgsql
set search_path = ''
as $write$
begin
  execute format(
    $sql$
      create or replace function private.%1$I(p_limit integer) returns integer
      language plpgsql
      set search_path = ''
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_bitmapscan = off
      set enable_sort = off
      as $rescue$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free(%2$L);
        -- The attempt counts: a row that kills its workers ends.
        update public.%2$I
        set status = case when %3$I >= %4$I then 'failed' else 'pending' end,
            %5$I = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when %3$I >= %4$I then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.%2$I
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $rescue$
    $sql$,
    'rescue_' || q.table_name, q.table_name, q.attempts_column, q.max_attempts_column, q.due_column);
  execute format('grant execute on function private.%I(integer) to service_role', 'rescue_' || q.table_name);
end
$write$;
comment on function private.write_rescue(private.queues) is 'Writes the function that rescue() calls for one queue.';
revoke execute on function private.write_rescue(private.queues) from public;

create function private.write_promote_due(q private.queues) returns void
language plpgsql
set search_path = ''
as $write$
begin
  execute format(
    $sql$
      create or replace function private.%1$I(p_limit integer) returns integer
      language plpgsql
      set search_path = ''
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_bitmapscan = off
      set enable_sort = off
      as $promote$
      declare
        v_promoted integer;
      begin
        update public.%2$I
        set %3$I = null
        where id = any (array(
          select id
          from public.%2$I
          where status = 'pending' and %3$I <= now()
          order by %3$I
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_promoted = row_count;
        return v_promoted;
      end
      $promote$
    $sql$,
    'promote_due_' || q.table_name, q.table_name, q.due_column);
  execute format('grant execute on function private.%I(integer) to service_role', 'promote_due_' || q.table_name);
end
$write$;
comment on function private.write_promote_due(private.queues) is
  'Writes the function that promote_due() calls for one queue.';
revoke execute on function private.write_promote_due(private.queues) from public;

create function private.lease_statement(q private.queues, p_places text) returns text
language sql stable
set search_path = ''
as $$
  select format(
    $sql$          claimed as (
            update public.%1$I t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = %2$L),
                %3$I = t.%3$I + 1,
                %4$I = coalesce(p_max_attempts, t.%4$I)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (%5$s)
            returning t.*
          ),
          given as (%6$s
          )$sql$,
    q.table_name, q.table_name, q.attempts_column, q.max_attempts_column, p_places, private.given_rows(q, 'p_narrow'))
$$;
comment on function private.lease_statement(private.queues, text) is
  'Leases rows of a queue that are locked, and gives them as a claim does ("given"): two parts of a statement. p_places: the array of their ctids.';
revoke execute on function private.lease_statement(private.queues, text) from public;

create function private.claim_statement(q private.queues, p_from_head boolean, p_locks_first boolean) returns text
language sql stable
set search_path = ''
as $$
  select format(
    $sql$
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.%1$I c
            where c.status = 'pending'
              and c.%2$I is null
              and %3$s
              %4$s
            order by %5$s c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
%6$s
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    $sql$,
    q.table_name, q.due_column,
    case when p_locks_first
      then private.tried_condition(q, 'c', 'p_max_attempts')
      else private.claimable_condition(q, 'c', 'p_max_attempts') end,
    case when p_from_head then
      coalesce('and c.' || quote_ident(q.priority_column) || ' = v_head.priority', '')
        || ' and (c.created_at, c.id) > (v_head.created_at, v_head.id)'
    else '' end,
    private.queue_order(q),
    private.lease_statement(q, format(
      'array(select a.place from ahead a where %s)',
      case when p_locks_first then private.free_condition(q, 'a') else 'true' end)))
$$;
comment on function private.claim_statement(private.queues, boolean, boolean) is
  'Leases due rows of a queue by priority then age: all that are due, or those behind its head. p_locks_first: looks for leases of their vehicles only once they are locked. What other claims have just locked costs then next to nothing; a row whose vehicle is leased takes a place of the batch.';
