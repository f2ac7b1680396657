create function private.write_claim(q private.queues) returns void
language plpgsql
set search_path = ''
as $write$
begin
  execute format(
    $sql$
      create or replace function private.%1$I(p_limit integer, p_max_attempts integer, p_narrow boolean) returns jsonb
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
        v_more jsonb;
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
          %11$s
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
          update private.queue_heads h
          set priority = %9$s,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.%2$I c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = %2$L for update skip locked
          );
        end if;
        return v_rows;
      end
      $claim$
    $sql$,
    'claim_' || q.table_name, q.table_name, 'public.' || q.table_name || '_due',
    'public.' || q.table_name || '_leased', 'public.' || q.table_name || '_waiting',
    private.claim_statement(q, true, true), private.claim_statement(q, false, false), 'rescue_' || q.table_name,
    coalesce('c.' || quote_ident(q.priority_column), 'null'), 'promote_due_' || q.table_name,
    case when q.reads_listings then
      format('if jsonb_array_length(v_rows) < p_limit then %s end if;', private.claim_statement(q, true, false))
    else '' end);
  execute format(
    'grant execute on function private.%I(integer, integer, boolean) to service_role', 'claim_' || q.table_name);
  insert into private.queue_heads (table_name, expires_at) values (q.table_name, '-infinity') on conflict do nothing;
end
$write$;
comment on function private.write_claim(private.queues) is
  'Writes the function that claim_queue() calls for one queue. A claim that had to read many pages of the indexes …_due, …_leased and …_waiting remembers how far it came; those that follow begin there and look at nothing else, until a fiftieth of the time has been spent: so a row that becomes due out of its order waits a second or a few, and only then.';
revoke execute on function private.write_claim(private.queues) from public;
