-- Invocations find work.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.invoke_worker(text, jsonb, interval);

alter table public.worker_invocations
  add column rows_claimed integer;

create or replace function private.claim_backfill_queue (
  p_limit integer,
  p_max_attempts integer,
  p_lease interval
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_head private.queue_heads;
        v_begun timestamptz := clock_timestamp();
        v_rows jsonb := '[]';
        v_last jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = 'backfill_queue';
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended('public.backfill_queue_due', 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_due'));
          
          with claimed as (
            update public.backfill_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.backfill_queue c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = c.vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )
                and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
              order by priority asc, c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by priority asc, c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_due'));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_leased'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_waiting'));
          perform private.rescue_backfill_queue(2000);
          perform private.promote_due_backfill_queue(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_leased'))
            + pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_waiting'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_due'));
          
          with claimed as (
            update public.backfill_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.backfill_queue c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = c.vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )
                
              order by priority asc, c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by priority asc, c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          v_last := v_rows -> -1;
          update private.queue_heads h
          set priority = (v_last ->> 'priority')::integer,
              created_at = (v_last ->> 'created_at')::timestamptz,
              id = (v_last ->> 'id')::uuid,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          where h.table_name in (
            select table_name from private.queue_heads where table_name = 'backfill_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_bat_extraction_queue (
  p_limit integer,
  p_max_attempts integer,
  p_lease interval
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_head private.queue_heads;
        v_begun timestamptz := clock_timestamp();
        v_rows jsonb := '[]';
        v_last jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = 'bat_extraction_queue';
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended('public.bat_extraction_queue_due', 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_due'));
          
          with claimed as (
            update public.bat_extraction_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.bat_extraction_queue c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = c.vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )
                and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
              order by priority desc, c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by priority desc, c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_due'));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_leased'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_waiting'));
          perform private.rescue_bat_extraction_queue(2000);
          perform private.promote_due_bat_extraction_queue(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_leased'))
            + pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_waiting'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_due'));
          
          with claimed as (
            update public.bat_extraction_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.bat_extraction_queue c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = c.vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )
                
              order by priority desc, c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by priority desc, c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          v_last := v_rows -> -1;
          update private.queue_heads h
          set priority = (v_last ->> 'priority')::integer,
              created_at = (v_last ->> 'created_at')::timestamptz,
              id = (v_last ->> 'id')::uuid,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          where h.table_name in (
            select table_name from private.queue_heads where table_name = 'bat_extraction_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_import_queue (
  p_limit integer,
  p_max_attempts integer,
  p_lease interval
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_head private.queue_heads;
        v_begun timestamptz := clock_timestamp();
        v_rows jsonb := '[]';
        v_last jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = 'import_queue';
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended('public.import_queue_due', 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_due'));
          
          with claimed as (
            update public.import_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.import_queue c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts)
                and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
              order by priority desc, c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by priority desc, c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_due'));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_leased'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_waiting'));
          perform private.rescue_import_queue(2000);
          perform private.promote_due_import_queue(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_leased'))
            + pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_waiting'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_due'));
          
          with claimed as (
            update public.import_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.import_queue c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts)
                
              order by priority desc, c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by priority desc, c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          v_last := v_rows -> -1;
          update private.queue_heads h
          set priority = (v_last ->> 'priority')::integer,
              created_at = (v_last ->> 'created_at')::timestamptz,
              id = (v_last ->> 'id')::uuid,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          where h.table_name in (
            select table_name from private.queue_heads where table_name = 'import_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_scrape_retry_queue (
  p_limit integer,
  p_max_attempts integer,
  p_lease interval
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_head private.queue_heads;
        v_begun timestamptz := clock_timestamp();
        v_rows jsonb := '[]';
        v_last jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = 'scrape_retry_queue';
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended('public.scrape_retry_queue_due', 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_due'));
          
          with claimed as (
            update public.scrape_retry_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                retry_count = t.retry_count + 1,
                max_retries = coalesce(p_max_attempts, t.max_retries)
            where t.id = any (array(
              select c.id
              from public.scrape_retry_queue c
              where c.status = 'pending'
                and c.next_retry_at is null
                and c.retry_count < coalesce(p_max_attempts, c.max_retries) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = c.vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )
                 and (c.created_at, c.id) > (v_head.created_at, v_head.id)
              order by  c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by  c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_due'));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_leased'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_waiting'));
          perform private.rescue_scrape_retry_queue(2000);
          perform private.promote_due_scrape_retry_queue(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_leased'))
            + pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_waiting'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_due'));
          
          with claimed as (
            update public.scrape_retry_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                retry_count = t.retry_count + 1,
                max_retries = coalesce(p_max_attempts, t.max_retries)
            where t.id = any (array(
              select c.id
              from public.scrape_retry_queue c
              where c.status = 'pending'
                and c.next_retry_at is null
                and c.retry_count < coalesce(p_max_attempts, c.max_retries) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = c.vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )
                
              order by  c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by  c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          v_last := v_rows -> -1;
          update private.queue_heads h
          set priority = (v_last ->> 'none')::integer,
              created_at = (v_last ->> 'created_at')::timestamptz,
              id = (v_last ->> 'id')::uuid,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          where h.table_name in (
            select table_name from private.queue_heads where table_name = 'scrape_retry_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_statement(q private.queues, p_from_head boolean) returns text
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
                and %5$s
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
    private.claimable_condition(q, 'c', 'p_max_attempts'),
    case when p_from_head then
      coalesce('and c.' || quote_ident(q.priority_column) || ' = v_head.priority', '')
        || ' and (c.created_at, c.id) > (v_head.created_at, v_head.id)'
    else '' end,
    private.queue_order(q))
$$;

create or replace function private.claimable_condition(q private.queues, p_row text, p_max_attempts text) returns text
language sql stable
set search_path = ''
as $$
  select format('%1$s.%2$I < coalesce(%3$s, %1$s.%4$I)', p_row, q.attempts_column, p_max_attempts, q.max_attempts_column)
    || case when q.reads_listings then ' and not ' || private.leased_condition(p_row || '.vehicle_id') else '' end
$$;

create or replace function private.claimable_micro_scrape(p_limit integer) returns uuid[]
language sql stable
set search_path = ''
as $$
  select array(
    select r.vehicle_id
    from private.next_fetch_at(array(
      select vehicle_id
      from (
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where state = 'due'
          order by score, vehicle_created_at desc, vehicle_id
          limit p_limit + 2000
        )
        union all
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where state = 'waiting' and due_at <= now()
          order by due_at
          limit 2000
        )
        union all
        (
          select vehicle_id, score, vehicle_created_at
          from public.micro_scrape_state
          where lease_token is not null and lease_expires_at <= now() and failures = 0
          order by lease_expires_at
          limit 2000
        )
      ) ready
      order by score, vehicle_created_at desc, vehicle_id
      limit p_limit + 2000
    )) r
    where r.starts_at < now() + private.claim_horizon()
      and not private.is_leased(r.vehicle_id)
    order by r.place
    limit p_limit
  )
$$;

create or replace function private.claims_rows(p_function text) returns boolean
language sql stable
set search_path = ''
as $$
  select p_function in ('micro-scrape-bandaid', 'backfill-images')
    or exists (select from private.queues where function_name = p_function)
$$;

create or replace function private.has_claimable(p_function text) returns boolean
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
    when p_function = 'prune-snapshots' then exists (select from private.unneeded_snapshot_objects)
    else true -- it claims nothing
  end;
end
$$;

create or replace function private.invoke_due_images() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_image_downloads(1000);
  perform private.invoke_worker('backfill-images');
end
$$;

create or replace function private.invoke_due_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues loop
    perform private.rescue(q.table_name, 10000);
    perform private.promote_due(q.table_name, 10000);
    perform private.invoke_worker(q.function_name);
  end loop;
end
$$;

create or replace function private.invoke_micro_scrape() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_micro_scrape_state(10000);
  perform private.promote_due_micro_scrape_state(10000);
  perform private.reopen_for_new_versions(10000);
  perform private.close_dead_runs();
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}');
end
$$;

create or replace function private.invoke_prune_snapshots() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.invoke_worker('prune-snapshots');
end
$$;

create or replace function private.invoke_worker(
  p_function text,
  p_body jsonb default '{"background": true}',
  p_quiet interval default '2 seconds',
  p_is_claimable boolean default null
) returns void
language plpgsql
security definer -- reads Vault and calls pg_net for whoever inserted work
set search_path = ''
as $$
declare
  v_url text;
  v_key text;
  v_request bigint;
begin
  -- Debounced without waiting: who does not get the lock knows that another one is calling.
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('invoke:' || p_function, 0)) then
    return;
  end if;
  if exists (
    select from public.worker_invocations
    where function_name = p_function
      and invoked_at > pg_catalog.now() - p_quiet
  ) then
    return;
  end if;
  -- One invocation at a time is on its way to its claim, and after one that found nothing there is a pause: what is
  -- claimable then is claimed by a run that is there already, or is seen by cron's next look.
  if exists (
    select from public.worker_invocations
    where function_name = p_function
      and invoked_at > pg_catalog.now() - interval '20 seconds'
      and request_id is not null
      and (rows_claimed = 0 or rows_claimed is null and private.claims_rows(p_function))
  ) then
    return;
  end if;
  if not coalesce(p_is_claimable, private.has_claimable(p_function)) then
    return;
  end if;

  v_url := private.secret('project_url');
  v_key := private.secret('service_role_key');
  if v_url is null or v_key is null then
    insert into public.worker_invocations (function_name, answered_at, error)
    values (p_function, pg_catalog.now(), 'Vault has no secret "project_url" or "service_role_key": see README, first deploy');
    return;
  end if;

  v_request := net.http_post(
    url := pg_catalog.rtrim(v_url, '/') || '/functions/v1/' || p_function,
    body := p_body,
    headers := pg_catalog.jsonb_build_object(
      'Content-Type', 'application/json',
      'apikey', v_key,
      'Authorization', 'Bearer ' || v_key
    ),
    timeout_milliseconds := 5000
  );
  insert into public.worker_invocations (function_name, request_id) values (p_function, v_request);
exception when others then
  -- The queue is the truth and cron the safety net: a call that breaks must not fail an insert of work.
  raise warning 'could not invoke %: %', p_function, sqlerrm;
end
$$;

create or replace function private.note_claim(p_function text, p_rows integer) returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations
  set rows_claimed = p_rows
  where id = (
    select id
    from public.worker_invocations
    where function_name = p_function
      and rows_claimed is null
      and request_id is not null
      and invoked_at > now() - interval '1 minute'
    order by invoked_at
    limit 1
    for update skip locked
  )
$$;

create or replace function private.queue_is_claimable(p_queue text) returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_is boolean;
begin
  execute format(
    $sql$ select exists (select from public.%I c where c.status = 'pending' and c.%I is null and %s) $sql$,
    q.table_name, q.due_column, private.claimable_condition(q, 'c', 'null'))
  into v_is;
  return v_is;
end
$$;

create or replace function private.reset_row_put_back_to_pending() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(tg_table_name);
begin
  -- The row is claimable when this statement ends.
  perform private.invoke_worker(q.function_name, p_is_claimable => true);
  return jsonb_populate_record(new, jsonb_build_object(
    q.attempts_column, 0,
    q.due_column, null,
    'lease_token', null,
    'lease_expires_at', null,
    'blocked_days', 0,
    'last_blocked_on', null,
    'processed_at', null
  ));
end
$$;

create or replace function public.claim_image_downloads(
  p_limit integer default 8,
  p_vehicle_ids uuid[] default null,
  p_only_missing boolean default false,
  p_per_vehicle integer default null,
  p_skip_hosts text[] default '{}'
)
returns table (
  vehicle_id uuid, url text, "position" integer, attempts integer, lease_token uuid, lease_expires_at timestamptz
)
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('image_downloads');
  v_left integer := greatest(p_limit, 0);
  v_limit constant integer := v_left;
  -- A cap per vehicle passes rows over, so more are looked at than are taken.
  v_look integer := case when p_per_vehicle is null then 1 else 8 end;
  v_vehicles uuid[];
  v_urls text[];
begin
  perform private.rescue_image_downloads(1000);

  -- Wave 0 holds only vehicles without a picture, so "only missing" is wave 0 and nothing else.
  for v_wave in 0 .. case when p_only_missing or p_vehicle_ids is not null then 0 else 3 end loop
    exit when v_left = 0;

    select array_agg(r.vehicle_id), array_agg(r.url)
    into v_vehicles, v_urls
    from (
      select due.vehicle_id, due.url
      from (
        select l.*, row_number() over (partition by l.vehicle_id order by l.position) as turn
        from (
          select * from private.lock_due_images(v_wave::smallint, v_left * v_look, p_skip_hosts)
          where p_vehicle_ids is null
          union all
          select * from private.lock_due_images_of(p_vehicle_ids, v_left * v_look, p_skip_hosts)
          where p_vehicle_ids is not null
        ) l
        where not p_only_missing
          or not exists (select from public.vehicle_images i where i.vehicle_id = l.vehicle_id)
      ) due
      where p_per_vehicle is null or due.turn <= p_per_vehicle
      order by due.turn, due.next_attempt_at, due.vehicle_id
      limit v_left
    ) r;

    return query
    update public.image_downloads d
    set status = 'leased',
        attempts = d.attempts + 1,
        next_attempt_at = null,
        lease_token = gen_random_uuid(),
        lease_expires_at = now() + v_lease
    from unnest(v_vehicles, v_urls) as k(vehicle_id, url)
    where d.vehicle_id = k.vehicle_id and d.url = k.url
    returning d.vehicle_id, d.url, d.position, d.attempts, d.lease_token, d.lease_expires_at;
    v_left := v_left - coalesce(cardinality(v_urls), 0);
  end loop;
  if p_vehicle_ids is null then
    perform private.note_claim('backfill-images', v_limit - v_left);
  end if;
end
$$;

create or replace function public.claim_micro_scrape(
  p_limit integer default 20,
  p_vehicle_ids uuid[] default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('micro_scrape_state');
  v_claimed uuid[];
  v_seen uuid[];
  v_late uuid[];
  v_late_until timestamptz[];
  v_portion integer := p_limit;
begin
  if p_vehicle_ids is null then
    perform private.promote_due_micro_scrape_state(2000);
    perform private.rescue_micro_scrape_state(2000);
    loop
      v_seen := array(
        select vehicle_id
        from public.micro_scrape_state
        where state = 'due'
        order by score, vehicle_created_at desc, vehicle_id
        limit v_portion
        for update skip locked
      );
      select
        (array_agg(r.vehicle_id order by r.place) filter (where not late))[1:p_limit],
        array_agg(r.vehicle_id order by r.place) filter (where late),
        array_agg(r.starts_at order by r.place) filter (where late)
      into v_claimed, v_late, v_late_until
      from private.next_fetch_at(v_seen) r
      cross join lateral (select r.starts_at >= now() + private.claim_horizon() as late) l
      where not private.is_leased(r.vehicle_id); -- another queue's worker reads its page now
      exit when coalesce(cardinality(v_claimed), 0) = p_limit
        or cardinality(v_seen) < v_portion
        or v_portion > p_limit;
      v_portion := p_limit + 2000; -- the vehicles of a host that is slow or silent stand before the others
    end loop;
    if v_late is not null then
      update public.micro_scrape_state s
      set state = 'waiting', due_at = least(late.until, now() + interval '1 hour')
      from unnest(v_late, v_late_until) late(vehicle_id, until)
      where s.vehicle_id = late.vehicle_id;
    end if;
    perform private.note_claim('micro-scrape-bandaid', coalesce(cardinality(v_claimed), 0));
  else
    -- Asked for by name: also what is complete, exhausted or waiting, but never what another run holds.
    v_claimed := array(
      select vehicle_id
      from public.micro_scrape_state
      where vehicle_id = any (p_vehicle_ids)
        and (lease_token is null or lease_expires_at <= now())
      order by vehicle_id
      limit p_limit
      for update skip locked
    );
  end if;
  update public.micro_scrape_state
  set state = 'leased',
      lease_token = gen_random_uuid(),
      lease_expires_at = now() + v_lease
  where vehicle_id = any (v_claimed);
  return private.micro_scrape_work(v_claimed);
end
$$;

create or replace function public.claim_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  if p_vehicle_ids is null then
    execute format('select private.%I($1, $2, $3)', 'claim_' || q.table_name)
    into v_rows
    using p_limit, p_max_attempts, private.lease_of(p_queue);
    perform private.note_claim(q.function_name, jsonb_array_length(v_rows));
    return v_rows;
  end if;

  perform private.rescue(p_queue, 2000);
  perform private.promote_due(p_queue, 2000);
  execute format(
    $sql$
      with next as (
        select id
        from public.%1$I
        where status = 'pending'
          and %2$I is null
          and %3$I < coalesce($4, %4$I)
          and vehicle_id = any ($2)
        order by %5$s created_at, id
        limit $1
        for update skip locked
      ),
      claimed as (
        update public.%1$I t
        set status = 'processing',
            lease_token = gen_random_uuid(),
            lease_expires_at = now() + $3,
            %3$I = t.%3$I + 1,
            %4$I = coalesce($4, t.%4$I)
        from next
        where t.id = next.id
        returning t.*
      )
      select coalesce(jsonb_agg(to_jsonb(claimed) order by %5$s created_at, id), '[]'::jsonb) from claimed
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q)
  )
  into v_rows
  using p_limit, p_vehicle_ids, private.lease_of(p_queue), p_max_attempts;
  return v_rows;
end
$$;

create or replace function public.invoke_micro_scrape_if_due() returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_is_claimable boolean := private.has_claimable('micro-scrape-bandaid');
begin
  if v_is_claimable then
    perform private.invoke_worker(
      'micro-scrape-bandaid', '{"triggered_by": "backlog", "background": true}', '0 seconds', p_is_claimable => true);
  end if;
  return v_is_claimable;
end
$$;

create or replace function public.invoke_queue_if_due(p_queue text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_is_claimable boolean := private.queue_is_claimable(p_queue);
begin
  if v_is_claimable then
    -- Every run that ends invokes the next, so the quiet time is what limits how many run at once.
    perform private.invoke_worker(q.function_name, p_quiet => '0.5 seconds', p_is_claimable => true);
  end if;
  return v_is_claimable;
end
$$;

create or replace function public.preview_micro_scrape(p_limit integer default 20, p_vehicle_ids uuid[] default null)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.micro_scrape_work(coalesce(p_vehicle_ids[1:p_limit], private.claimable_micro_scrape(p_limit)))
$$;

create or replace function public.preview_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null
) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  execute format(
    $sql$
      select coalesce(jsonb_agg(to_jsonb(t) order by %5$s created_at, id), '[]'::jsonb)
      from (
        select *
        from (
          -- By the indexes of the claim, a few more than are asked for: a condition on a million due rows
          -- takes longer than the API allows.
          (
            select *
            from public.%1$I
            where status = 'pending' and %2$I is null and %7$s
            order by %5$s created_at, id
            limit $1 + 2000
          )
          union all
          (
            select *
            from public.%1$I
            where status = 'pending' and %2$I <= now() and %7$s
            order by %2$I
            limit 2000
          )
          union all
          (
            select *
            from public.%1$I
            where lease_token is not null and lease_expires_at <= now() and %7$s
            order by lease_expires_at
            limit 2000
          )
        ) ready
        where %6$s
        order by %5$s created_at, id
        limit $1
      ) t
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q),
    format('($2 is not null or %s)', private.claimable_condition(q, 'ready', '$3')),
    format('%I < coalesce($3, %I) and ($2 is null or vehicle_id = any ($2))', q.attempts_column, q.max_attempts_column)
  )
  into v_rows
  using p_limit, p_vehicle_ids, p_max_attempts;
  return v_rows;
end
$$;

alter table public.worker_invocations
  add constraint worker_invocations_rows_claimed_check check ((rows_claimed >= 0));

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

create index if not exists worker_invocations_without_claim on public.worker_invocations
  using btree (function_name, invoked_at)
  where (rows_claimed is null);

comment on column public.worker_invocations.rows_claimed is 'How many rows the run claimed first: 0, and the invocation was in vain. Null while none was claimed, and of functions that claim nothing.';

comment on function private.claimable_condition(private.queues, text, text) is 'Which due rows of a queue a claim takes, to be written into a statement: tried less often than p_max_attempts allows, and no other worker reads their vehicle''s page now.';

comment on function private.claimable_micro_scrape(integer) is 'The vehicles that claim_micro_scrape() would take now, in its order: due, not under another worker''s lease, and of a host that has time for them in this run.';

comment on function private.claims_rows(text) is 'Whether the worker that is this edge function claims rows, so that note_claim() says what became of its invocations.';

comment on function private.has_claimable(text) is 'Whether the worker that is this edge function would claim a row now: the conditions of its claim and of its preview.';

comment on function private.invoke_due_queues() is 'Rescues the rows of workers that died, promotes what has waited, then invokes the worker of each queue that has rows to claim.';

comment on function private.invoke_micro_scrape() is 'Rescues what workers that died held, promotes what has waited, reopens what has a better scraper, and invokes micro-scrape-bandaid when it would claim a vehicle.';

comment on function private.invoke_worker(text, jsonb, interval, boolean) is 'Invokes an edge function through pg_net when its worker would claim something (p_is_claimable: the caller knows), at most once per p_quiet, and in vain at most once in 20 seconds. Never fails and never waits for a lock.';

comment on function private.note_claim(text, integer) is 'Says of the oldest invocation of a worker that has not claimed yet how many rows its run claimed. A run that nobody invoked changes nothing.';

comment on function private.queue_is_claimable(text) is 'Whether a claim would take a row of this queue now.';

comment on function public.close_micro_scrape_run(uuid, jsonb, boolean) is 'Writes what a run came to: its status, counts and error. With p_invokes_next the next run is invoked when there are still vehicles to claim; gives whether there are any.';

comment on function public.invoke_micro_scrape_if_due() is 'For a run that ends while vehicles are still to be claimed: the backlog does not wait for cron. Gives whether there are any.';

comment on function public.invoke_queue_if_due(text) is 'For a run that ends: invokes the next one when there are rows to claim, at most two a second. Gives whether there are any.';

comment on view public.worker_invocations_by_hour is 'How often the database invoked each edge function, by the hour, and how often its run then claimed rows (found_work) or none (found_nothing). A hosted project pays for each.';

revoke all on function private.claimable_condition(private.queues, text, text) from public;

grant execute
  on function private.claimable_condition(private.queues, text, text)
  to postgres, service_role;

revoke all on function private.claimable_micro_scrape(integer) from public;

grant execute on function private.claimable_micro_scrape(integer) to postgres, service_role;

revoke all on function private.claims_rows(text) from public;

grant execute on function private.claims_rows(text) to postgres, service_role;

revoke all on function private.has_claimable(text) from public;

grant execute on function private.has_claimable(text) to postgres, service_role;

revoke all on function private.invoke_worker(text, jsonb, interval, boolean) from public;

grant execute
  on function private.invoke_worker(text, jsonb, interval, boolean)
  to postgres, service_role;

revoke all on function private.leased_condition(text) from service_role;

grant execute on function private.leased_condition(text) to service_role;

revoke all on function private.note_claim(text, integer) from public;

grant execute on function private.note_claim(text, integer) to postgres, service_role;

revoke all on function private.queue_is_claimable(text) from public;

grant execute on function private.queue_is_claimable(text) to postgres, service_role;

grant select on table public.worker_invocations_by_hour to authenticated;

grant all on table public.worker_invocations_by_hour to postgres, service_role;
