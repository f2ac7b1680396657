-- The statements of the kernel, written out for each queue: as functions of their own they are planned once a
-- connection. Planning them at each claim costs more than the claim.

create table private.queue_heads (
  table_name text primary key references private.queues (table_name) on delete cascade,
  priority integer,
  created_at timestamptz,
  id uuid,
  expires_at timestamptz not null
) with (fillfactor = 50);
comment on table private.queue_heads is
  'Where claims may begin, while that holds: before it a look just found nothing due but much that is dead. While some transaction holds an old snapshot, nobody can clear away the index entries of rows that were worked since, and each claim would walk past all of them.';
grant select, insert, update on private.queue_heads to service_role;

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

create function private.claim_statement(q private.queues, p_from_head boolean) returns text
language sql stable
set search_path = ''
as $$
  select format(
    $sql$
          with claimed as (
            update public.%1$I t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                %3$I = t.%3$I + 1,
                %4$I = coalesce(p_max_attempts, t.%4$I)
            where t.id = any (array(
              select c.id
              from public.%1$I c
              where c.status = 'pending'
                and c.%2$I is null
                and c.%3$I < coalesce(p_max_attempts, c.%4$I)
                %5$s
                %6$s
              order by %7$s c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by %7$s c.created_at, c.id), '[]') into v_rows
          from claimed c;
    $sql$,
    q.table_name, q.due_column, q.attempts_column, q.max_attempts_column,
    case when q.reads_listings then 'and not ' || private.leased_condition('c.vehicle_id') else '' end,
    case when p_from_head then
      coalesce('and c.' || quote_ident(q.priority_column) || ' = v_head.priority', '')
        || ' and (c.created_at, c.id) > (v_head.created_at, v_head.id)'
    else '' end,
    private.queue_order(q))
$$;
comment on function private.claim_statement(private.queues, boolean) is
  'Leases due rows of a queue by priority then age: all that are due, or those behind its head.';

create function private.write_claim(q private.queues) returns void
language plpgsql
set search_path = ''
as $write$
begin
  execute format(
    $sql$
      create or replace function private.%1$I(p_limit integer, p_max_attempts integer, p_lease interval) returns jsonb
      language plpgsql
      set search_path = ''
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_bitmapscan = off
      set enable_sort = off
      as $claim$
      declare
        v_head private.queue_heads;
        v_begun timestamptz := clock_timestamp();
        v_rows jsonb := '[]';
        v_last jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = %2$L;
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended(%3$L, 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass(%3$L));
          %6$s
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass(%3$L));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass(%4$L))
            - pg_stat_get_xact_blocks_fetched(to_regclass(%5$L));
          perform private.%8$I(2000);
          perform private.%10$I(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass(%4$L))
            + pg_stat_get_xact_blocks_fetched(to_regclass(%5$L))
            - pg_stat_get_xact_blocks_fetched(to_regclass(%3$L));
          %7$s
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass(%3$L));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          v_last := v_rows -> -1;
          update private.queue_heads h
          set priority = (v_last ->> %9$L)::integer,
              created_at = (v_last ->> 'created_at')::timestamptz,
              id = (v_last ->> 'id')::uuid,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          where h.table_name in (
            select table_name from private.queue_heads where table_name = %2$L for update skip locked
          );
        end if;
        return v_rows;
      end
      $claim$
    $sql$,
    'claim_' || q.table_name, q.table_name, 'public.' || q.table_name || '_due',
    'public.' || q.table_name || '_leased', 'public.' || q.table_name || '_waiting',
    private.claim_statement(q, true), private.claim_statement(q, false), 'rescue_' || q.table_name,
    coalesce(q.priority_column, 'none'), 'promote_due_' || q.table_name);
  execute format(
    'grant execute on function private.%I(integer, integer, interval) to service_role', 'claim_' || q.table_name);
  insert into private.queue_heads (table_name, expires_at) values (q.table_name, '-infinity') on conflict do nothing;
end
$write$;
comment on function private.write_claim(private.queues) is
  'Writes the function that claim_queue() calls for one queue. A claim that had to read many pages of the indexes …_due, …_leased and …_waiting remembers how far it came; those that follow begin there and look at nothing else, until a fiftieth of the time has been spent: so a row that becomes due out of its order waits a second or a few, and only then.';

revoke execute on function private.write_rescue(private.queues) from public;
revoke execute on function private.write_promote_due(private.queues) from public;
revoke execute on function private.write_claim(private.queues) from public;
