-- Narrow claims.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger reset_row_put_back_to_pending on public.backfill_queue;

drop trigger reset_row_put_back_to_pending on public.bat_extraction_queue;

drop trigger reset_row_put_back_to_pending on public.extraction_map_jobs;

drop trigger reset_row_put_back_to_pending on public.import_queue;

drop trigger reset_row_put_back_to_pending on public.listing_checks;

drop trigger reset_row_put_back_to_pending on public.scrape_retry_queue;

drop index public.backfill_queue_leased;

drop index public.bat_extraction_queue_leased;

drop index public.listing_checks_leased;

drop index public.micro_scrape_state_leased;

drop index public.scrape_retry_queue_leased;

drop function private.add_lease(text, text);

drop function private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean);

drop function private.claim_backfill_queue(integer, integer, interval);

drop function private.claim_bat_extraction_queue(integer, integer, interval);

drop function private.claim_extraction_map_jobs(integer, integer, interval);

drop function private.claim_import_queue(integer, integer, interval);

drop function private.claim_listing_checks(integer, integer, interval);

drop function private.claim_scrape_retry_queue(integer, integer, interval);

drop function private.claim_statement(private.queues, boolean);

drop function private.note_claim(text, integer);

drop function public.claim_queue(text, integer, uuid[], integer);

alter table private.queues
  add column worker_columns text[];

create or replace function private.add_lease(p_table text, p_leased_while text default null, p_by_vehicle boolean default false)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into private.leased_tables (table_name) values (p_table) on conflict do nothing;
  execute format(
    'create index if not exists %I on public.%I (%s lease_expires_at) where lease_token is not null',
    p_table || '_leased', p_table, case when p_by_vehicle then 'vehicle_id,' else '' end);
  if p_leased_while is not null and not exists (
    select from pg_constraint
    where conrelid = format('public.%I', p_table)::regclass and conname = 'a_leased_row_says_so'
  ) then
    execute format(
      'alter table public.%I add constraint a_leased_row_says_so check ((%s) = (lease_token is not null))',
      p_table, p_leased_while);
  end if;
end
$$;

create or replace function private.add_queue(
  p_table text, p_function text, p_done text, p_highest_first boolean, p_priority_column text,
  p_attempts_column text default 'attempts', p_max_attempts_column text default 'max_attempts',
  p_due_column text default 'next_attempt_at', p_reads_listings boolean default false,
  p_promotes_itself boolean default false, p_worker_columns text[] default null
) returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  perform private.add_lease(p_table, 'status = ''processing''', p_reads_listings);
  insert into private.queues
    (table_name, function_name, done_status, highest_first, priority_column,
     attempts_column, max_attempts_column, due_column, reads_listings, promotes_itself,
     worker_columns)
  values
    (p_table, p_function, p_done, p_highest_first, p_priority_column,
     p_attempts_column, p_max_attempts_column, p_due_column, p_reads_listings, p_promotes_itself,
     p_worker_columns)
  on conflict (table_name) do update
  set function_name = excluded.function_name,
      done_status = excluded.done_status,
      highest_first = excluded.highest_first,
      priority_column = excluded.priority_column,
      attempts_column = excluded.attempts_column,
      max_attempts_column = excluded.max_attempts_column,
      due_column = excluded.due_column,
      reads_listings = excluded.reads_listings,
      promotes_itself = excluded.promotes_itself,
      worker_columns = excluded.worker_columns
  returning * into q;
  execute format(
    'create index if not exists %I on public.%I (%s created_at, id) where status = ''pending'' and %I is null',
    p_table || '_due', p_table, private.queue_order(q), p_due_column);
  execute format(
    'create index if not exists %1$I on public.%2$I (%3$I) where status = ''pending'' and %3$I is not null',
    p_table || '_waiting', p_table, p_due_column);
  execute format(
    'create index if not exists %I on public.%I (status, processed_at) where status in (%L, ''failed'')',
    p_table || '_finished', p_table, p_done);
  perform private.write_rescue(q);
  if not q.promotes_itself then
    perform private.write_promote_due(q);
  end if;
  perform private.write_claim(q);
  perform private.write_settle(q);

  -- Who was claimed leaves a dead entry at the head of the claim's index: cleared away sooner than after 20 %.
  execute format(
    'alter table public.%I set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', p_table);

  -- A worker that hands a row back clears its lease itself, and a queue may promote what it has done before; any other
  -- way to "pending" is a person's, and starts anew.
  execute format(
    $sql$
      create or replace trigger reset_row_put_back_to_pending
        before update of status on public.%I
        for each row
        when (new.status = 'pending') -- and no more: it is read anew at each statement
        execute function private.reset_row_put_back_to_pending()
    $sql$, p_table);
  execute format(
    $sql$
      create or replace trigger invoke_worker
        after insert on public.%I
        referencing new table as added
        for each statement execute function private.invoke_queue_worker()
    $sql$, p_table);
end
$$;

create or replace function private.claim_backfill_queue (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
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
        v_more jsonb;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.backfill_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts)
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority asc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.backfill_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'backfill_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority asc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority asc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.reason, c.source_url, c.fields_wanted, c.reextract) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          if jsonb_array_length(v_rows) < p_limit then 
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.backfill_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority asc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.backfill_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'backfill_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority asc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority asc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.reason, c.source_url, c.fields_wanted, c.reextract) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
     end if;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.backfill_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              
            order by priority asc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.backfill_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'backfill_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority asc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority asc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.reason, c.source_url, c.fields_wanted, c.reextract) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.backfill_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          update private.queue_heads h
          set priority = c.priority,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.backfill_queue c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = 'backfill_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_bat_extraction_queue (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
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
        v_more jsonb;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.bat_extraction_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts)
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority desc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.bat_extraction_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'bat_extraction_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority desc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority desc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.bat_url, c.priority, c.reason) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          if jsonb_array_length(v_rows) < p_limit then 
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.bat_extraction_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority desc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.bat_extraction_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'bat_extraction_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority desc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority desc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.bat_url, c.priority, c.reason) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
     end if;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.bat_extraction_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              
            order by priority desc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.bat_extraction_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'bat_extraction_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority desc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority desc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.bat_url, c.priority, c.reason) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.bat_extraction_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          update private.queue_heads h
          set priority = c.priority,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.bat_extraction_queue c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = 'bat_extraction_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_extraction_map_jobs (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
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
        v_more jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = 'extraction_map_jobs';
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended('public.extraction_map_jobs_due', 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_due'));
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.extraction_map_jobs c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts)
               and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by  c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.extraction_map_jobs t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'extraction_map_jobs'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by  c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by  c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.source, c.cause, c.fields, c.step, c.state) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_due'));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_leased'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_waiting'));
          perform private.rescue_extraction_map_jobs(2000);
          perform private.promote_due_extraction_map_jobs(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_leased'))
            + pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_waiting'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_due'));
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.extraction_map_jobs c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and true
              
            order by  c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.extraction_map_jobs t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'extraction_map_jobs'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by  c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by  c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.source, c.cause, c.fields, c.step, c.state) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          update private.queue_heads h
          set priority = null,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.extraction_map_jobs c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = 'extraction_map_jobs' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_import_queue (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
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
        v_more jsonb;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.import_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts)
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority desc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.import_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'import_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority desc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority desc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.listing_url) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.import_queue c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and true
              
            order by priority desc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.import_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'import_queue'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority desc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority desc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.listing_url) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.import_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          update private.queue_heads h
          set priority = c.priority,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.import_queue c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = 'import_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_listing_checks (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
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
        v_more jsonb;
        v_pages bigint;
        v_holds boolean;
        v_looks boolean;
      begin
        select * into v_head from private.queue_heads where table_name = 'listing_checks';
        v_holds := case
          when v_head.expires_at > v_begun then true
          -- One looks again, the others go on meanwhile.
          when v_head.expires_at > v_begun - interval '1 minute'
            then not pg_try_advisory_xact_lock(hashtextextended('public.listing_checks_due', 0))
          else false
        end;
        if v_holds then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_due'));
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.listing_checks c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts)
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority asc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.listing_checks t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'listing_checks'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority asc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority asc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.listing_id, c.vehicle_id, c.listing_url) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          if jsonb_array_length(v_rows) < p_limit then 
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.listing_checks c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              and c.priority = v_head.priority and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by priority asc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.listing_checks t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'listing_checks'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority asc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority asc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.listing_id, c.vehicle_id, c.listing_url) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
     end if;
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_due'));
        end if;

        v_looks := jsonb_array_length(v_rows) < p_limit;
        if v_looks then
          v_pages := -pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_leased'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_waiting'));
          perform private.rescue_listing_checks(2000);
          perform private.promote_due_listing_checks(2000);
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_leased'))
            + pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_waiting'))
            - pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_due'));
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.listing_checks c
            where c.status = 'pending'
              and c.next_attempt_at is null
              and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              
            order by priority asc, c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.listing_checks t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'listing_checks'),
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by c.priority asc, c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by c.priority asc, c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.listing_id, c.vehicle_id, c.listing_url) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          update private.queue_heads h
          set priority = c.priority,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.listing_checks c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = 'listing_checks' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_scrape_retry_queue (
  p_limit integer,
  p_max_attempts integer,
  p_narrow boolean
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
        v_more jsonb;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.scrape_retry_queue c
            where c.status = 'pending'
              and c.next_retry_at is null
              and c.retry_count < coalesce(p_max_attempts, c.max_retries)
               and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by  c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.scrape_retry_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'scrape_retry_queue'),
                retry_count = t.retry_count + 1,
                max_retries = coalesce(p_max_attempts, t.max_retries)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = a.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by  c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by  c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.step_name) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          if jsonb_array_length(v_rows) < p_limit then 
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.scrape_retry_queue c
            where c.status = 'pending'
              and c.next_retry_at is null
              and c.retry_count < coalesce(p_max_attempts, c.max_retries) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
               and (c.created_at, c.id) > (v_head.created_at, v_head.id)
            order by  c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.scrape_retry_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'scrape_retry_queue'),
                retry_count = t.retry_count + 1,
                max_retries = coalesce(p_max_attempts, t.max_retries)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by  c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by  c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.step_name) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
     end if;
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
          
          with ahead as materialized (
            select c.ctid as place, c.vehicle_id
            from public.scrape_retry_queue c
            where c.status = 'pending'
              and c.next_retry_at is null
              and c.retry_count < coalesce(p_max_attempts, c.max_retries) and not (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = c.vehicle_id and x.lease_expires_at > now()
        offset 0)
    )
              
            order by  c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.scrape_retry_queue t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = 'scrape_retry_queue'),
                retry_count = t.retry_count + 1,
                max_retries = coalesce(p_max_attempts, t.max_retries)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where true))
            returning t.*
          ),
          given as (
          select coalesce(
            case when p_narrow
              then to_jsonb(array_agg(narrow order by  c.created_at, c.id) filter (where p_narrow))
              else to_jsonb(array_agg(c order by  c.created_at, c.id) filter (where not p_narrow))
            end, '[]')
          from claimed c
          cross join lateral (select c.id, c.lease_token, c.vehicle_id, c.step_name) narrow
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.scrape_retry_queue_due'));
        end if;

        if v_pages > 12 + p_limit / 50 and v_rows <> '[]' then
          update private.queue_heads h
          set priority = null,
              created_at = c.created_at,
              id = c.id,
              -- So that a fiftieth of the time goes into looking at what is dead; a dead worker waits no longer than that.
              expires_at = case when v_looks
                then clock_timestamp() + least(
                  greatest(50 * (clock_timestamp() - v_begun), interval '1 second'), interval '10 seconds')
                else h.expires_at
              end
          from public.scrape_retry_queue c
          where c.id = (v_rows -> -1 ->> 'id')::uuid
            and h.table_name in (
            select table_name from private.queue_heads where table_name = 'scrape_retry_queue' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.claim_statement(q private.queues, p_from_head boolean, p_locks_first boolean) returns text
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
              and %5$s
              %6$s
            order by %7$s c.created_at, c.id
            limit p_limit - jsonb_array_length(v_rows)
            for update skip locked
          ),
          claimed as (
            update public.%1$I t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + (select l.lease from private.leased_tables l where l.table_name = %8$L),
                %3$I = t.%3$I + 1,
                %4$I = coalesce(p_max_attempts, t.%4$I)
            -- Where the lock was taken, and not by its id: a row that is locked stays where it is.
            where t.ctid = any (array(select a.place from ahead a where %9$s))
            returning t.*
          ),
          given as (%10$s
          )
          select g.coalesce into v_more from given g;
          v_rows := case when v_rows = '[]' then v_more else v_rows || v_more end;
    $sql$,
    q.table_name, q.due_column, q.attempts_column, q.max_attempts_column,
    case when p_locks_first
      then private.tried_condition(q, 'c', 'p_max_attempts')
      else private.claimable_condition(q, 'c', 'p_max_attempts') end,
    case when p_from_head then
      coalesce('and c.' || quote_ident(q.priority_column) || ' = v_head.priority', '')
        || ' and (c.created_at, c.id) > (v_head.created_at, v_head.id)'
    else '' end,
    private.queue_order(q), q.table_name,
    case when p_locks_first then private.free_condition(q, 'a') else 'true' end,
    private.given_rows(q, 'p_narrow'))
$$;

create or replace function private.claimable_condition(q private.queues, p_row text, p_max_attempts text) returns text
language sql stable
set search_path = ''
as $$
  select private.tried_condition(q, p_row, p_max_attempts) || ' and ' || private.free_condition(q, p_row)
$$;

create or replace function private.free_condition(q private.queues, p_row text) returns text
language sql stable
set search_path = ''
as $$
  select case when q.reads_listings then 'not ' || private.leased_condition(p_row || '.vehicle_id') else 'true' end
$$;

create or replace function private.given_rows(q private.queues, p_narrow text) returns text
language sql stable
set search_path = ''
as $$
  -- All rows at once: of an array of records the JSON is made in one go, and not a row and a value at a time.
  select format(
    $sql$
          select coalesce(
            case when %1$s
              then to_jsonb(array_agg(narrow order by %2$s c.created_at, c.id) filter (where %1$s))
              else to_jsonb(array_agg(c order by %2$s c.created_at, c.id) filter (where not %1$s))
            end, '[]')
          from claimed c
          cross join lateral (select %3$s) narrow$sql$,
    case when q.worker_columns is null then 'false' else p_narrow end,
    case when q.priority_column is null then '' else 'c.' || private.queue_order(q) end,
    (select string_agg(format('c.%I', n), ', ' order by place)
     from unnest('{id,lease_token}'::text[] || q.worker_columns) with ordinality w(n, place)))
$$;

create or replace function private.is_leased (
  p_vehicle_id uuid
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  as $function$
      begin
        return (
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = p_vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = p_vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = p_vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = p_vehicle_id and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = p_vehicle_id and x.lease_expires_at > now()
        offset 0)
    );
      end
      $function$;

create or replace function private.is_outside_worker() returns boolean
language sql stable -- without settings of its own: written into the statement that asks, and not planned at each call
return coalesce(nullif(current_setting('request.headers', true), '')::jsonb ? 'x-outside-worker', false);

create or replace function private.leased_condition(p_vehicle_id text) returns text
language sql immutable
return format(
  -- By the indexes of what is leased now, which are small and hold no other vehicle; and each look on its own (offset 0):
  -- a planner that thinks better of it walks the leases of all vehicles for each.
  $sql$(
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
    )$sql$, p_vehicle_id);

create or replace function private.note_claim(p_function text, p_rows integer) returns void
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

create or replace function private.reset_row_put_back_to_pending() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  if (old.status = 'processing' and new.lease_token is null) or current_setting('queues.promoting', true) = 'on' then
    return new;
  end if;
  q := private.queue(tg_table_name);
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

create or replace function private.settle_backfill_queue (
  p_items jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_hashjoin to 'off'
  set enable_mergejoin to 'off'
  as $function$
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
          update public.backfill_queue t
          set (status, next_attempt_at, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait((select v.source_host from public.vehicles v where v.id = t.vehicle_id), i.outcome, t.attempts))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then 'completed'
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.attempts >= t.max_attempts then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              attempts = case when i.is_refused then greatest(t.attempts - 1, 0) else t.attempts end,
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
      $function$;

create or replace function private.settle_bat_extraction_queue (
  p_items jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_hashjoin to 'off'
  set enable_mergejoin to 'off'
  as $function$
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
          update public.bat_extraction_queue t
          set (status, next_attempt_at, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait((select v.source_host from public.vehicles v where v.id = t.vehicle_id), i.outcome, t.attempts))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then 'complete'
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.attempts >= t.max_attempts then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              attempts = case when i.is_refused then greatest(t.attempts - 1, 0) else t.attempts end,
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
      $function$;

create or replace function private.settle_extraction_map_jobs (
  p_items jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_hashjoin to 'off'
  set enable_mergejoin to 'off'
  as $function$
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
          update public.extraction_map_jobs t
          set (status, next_attempt_at, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait((select v.source_host from public.vehicles v where v.id = t.vehicle_id), i.outcome, t.attempts))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then 'completed'
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.attempts >= t.max_attempts then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              attempts = case when i.is_refused then greatest(t.attempts - 1, 0) else t.attempts end,
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
      $function$;

create or replace function private.settle_import_queue (
  p_items jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_hashjoin to 'off'
  set enable_mergejoin to 'off'
  as $function$
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
          update public.import_queue t
          set (status, next_attempt_at, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait(private.url_host(t.canonical_url), i.outcome, t.attempts))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then 'complete'
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.attempts >= t.max_attempts then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              attempts = case when i.is_refused then greatest(t.attempts - 1, 0) else t.attempts end,
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
      $function$;

create or replace function private.settle_listing_checks (
  p_items jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_hashjoin to 'off'
  set enable_mergejoin to 'off'
  as $function$
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
          update public.listing_checks t
          set (status, next_attempt_at, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait((select v.source_host from public.vehicles v where v.id = t.vehicle_id), i.outcome, t.attempts))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then 'complete'
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.attempts >= t.max_attempts then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              attempts = case when i.is_refused then greatest(t.attempts - 1, 0) else t.attempts end,
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
      $function$;

create or replace function private.settle_scrape_retry_queue (
  p_items jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_hashjoin to 'off'
  set enable_mergejoin to 'off'
  as $function$
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
          update public.scrape_retry_queue t
          set (status, next_retry_at, blocked_days, processed_at) = (
                select
                  ended.status,
                  case
                    when ended.status <> 'pending' then null
                    when i.is_refused then private.retry_after_refusal(i.retry_at)
                    else greatest(
                      private.bounded(i.retry_at), now() + private.retry_wait((select v.source_host from public.vehicles v where v.id = t.vehicle_id), i.outcome, t.retry_count))
                  end,
                  ended.blocked_days,
                  case when ended.status = 'pending' then t.processed_at else now() end
                from (
                  select
                    walls.blocked_days,
                    case
                      when private.was_read(i.outcome) then 'completed'
                      when private.is_final(i.outcome) then 'failed'
                      when i.is_walled and walls.blocked_days >= private.max_blocked_days() then 'failed'
                      when i.is_refused then 'pending'
                      when t.retry_count >= t.max_retries then 'failed'
                      else 'pending'
                    end as status
                  from (
                    select private.days_blocked(i.outcome, t.blocked_days, t.last_blocked_on) as blocked_days
                  ) walls
                ) ended
              ),
              retry_count = case when i.is_refused then greatest(t.retry_count - 1, 0) else t.retry_count end,
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
      $function$;

create or replace function private.tried_condition(q private.queues, p_row text, p_max_attempts text) returns text
language sql stable
set search_path = ''
as $$
  select format('%1$s.%2$I < coalesce(%3$s, %1$s.%4$I)', p_row, q.attempts_column, p_max_attempts, q.max_attempts_column)
$$;

create or replace function private.write_claim(q private.queues) returns void
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

create or replace function private.write_settle(q private.queues) returns void
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

create or replace function public.claim_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null,
  p_narrow boolean default false
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
    using p_limit, p_max_attempts, p_narrow;
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
      %6$s
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q), private.given_rows(q, '$5')
  )
  into v_rows
  using p_limit, p_vehicle_ids, private.lease_of(p_queue), p_max_attempts, p_narrow;
  return v_rows;
end
$$;

create index if not exists backfill_queue_leased on public.backfill_queue using btree (vehicle_id, lease_expires_at)
  where (lease_token is not null);

create index if not exists bat_extraction_queue_leased on public.bat_extraction_queue
  using btree (vehicle_id, lease_expires_at)
  where (lease_token is not null);

create index if not exists listing_checks_leased on public.listing_checks using btree (vehicle_id, lease_expires_at)
  where (lease_token is not null);

create index if not exists micro_scrape_state_leased on public.micro_scrape_state using btree (vehicle_id, lease_expires_at)
  where (lease_token is not null);

create index if not exists scrape_retry_queue_leased on public.scrape_retry_queue using btree (vehicle_id, lease_expires_at)
  where (lease_token is not null);

create trigger reset_row_put_back_to_pending
  before update of status on public.backfill_queue
  for each row
  when ((new.status = 'pending'::text))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.bat_extraction_queue
  for each row
  when ((new.status = 'pending'::text))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.extraction_map_jobs
  for each row
  when ((new.status = 'pending'::text))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.import_queue
  for each row
  when ((new.status = 'pending'::text))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.listing_checks
  for each row
  when ((new.status = 'pending'::text))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.scrape_retry_queue
  for each row
  when ((new.status = 'pending'::text))
  execute function private.reset_row_put_back_to_pending();

comment on column private.queues.worker_columns is 'What a claim gives of a row, besides id and lease_token, to a worker that asks for no more: making JSON of a whole row costs a fifth of the claim. Null: the whole row.';

comment on function private.add_lease(text, text, boolean) is 'Puts a table with the columns of private.lease under the engine. p_leased_while: what its state says of a leased row, and only of one. p_by_vehicle: its leases are looked for by vehicle, as is_leased() does; the index of what is leased says so, and is small whatever the table holds.';

comment on function
  private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean, text[]) is
  'Puts a table of work under the kernel: makes its indexes, its constraint, its triggers and the functions that are written for it. Called again it writes them anew.';

comment on function private.claim_statement(private.queues, boolean, boolean) is 'Leases due rows of a queue by priority then age: all that are due, or those behind its head. p_locks_first: looks for leases of their vehicles only once they are locked. What other claims have just locked costs then next to nothing; a row whose vehicle is leased takes a place of the batch.';

comment on function private.free_condition(private.queues, text) is 'Of which rows of a queue no other worker reads the vehicle''s page now, to be written into a statement.';

comment on function private.given_rows(private.queues, text) is 'What a claim gives of the rows that it leased ("claimed"), as the end of a statement: whole rows, or what its worker needs where p_narrow holds.';

comment on function private.note_claim(text, integer) is 'Says of the oldest invocation of a worker that has not claimed yet how many rows its run claimed. A run that nobody invoked changes nothing.';

comment on function private.tried_condition(private.queues, text, text) is 'Which rows of a queue were tried less often than p_max_attempts allows, to be written into a statement.';

comment on function public.claim_queue(text, integer, uuid[], integer, boolean) is
  'Leases up to p_limit due rows by priority then age; rows whose worker died are due again. Each has a fresh lease_token and one more attempt. With p_max_attempts only rows that were tried fewer times, and that is their limit from then on. Gives the rows; with p_narrow only what the queue''s worker needs of them.';

revoke all on function private.add_lease(text, text, boolean) from public;

grant execute on function private.add_lease(text, text, boolean) to postgres;

revoke all
  on function
    private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean, text[])
  from public;

grant execute
  on function
    private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean, text[])
  to postgres;

revoke all on function private.claim_backfill_queue(integer, integer, boolean) from public;

grant execute
  on function private.claim_backfill_queue(integer, integer, boolean)
  to postgres, service_role;

revoke all on function private.claim_bat_extraction_queue(integer, integer, boolean) from public;

grant execute
  on function private.claim_bat_extraction_queue(integer, integer, boolean)
  to postgres, service_role;

revoke all on function private.claim_extraction_map_jobs(integer, integer, boolean) from public;

grant execute
  on function private.claim_extraction_map_jobs(integer, integer, boolean)
  to postgres, service_role;

revoke all on function private.claim_import_queue(integer, integer, boolean) from public;

grant execute
  on function private.claim_import_queue(integer, integer, boolean)
  to postgres, service_role;

revoke all on function private.claim_listing_checks(integer, integer, boolean) from public;

grant execute
  on function private.claim_listing_checks(integer, integer, boolean)
  to postgres, service_role;

revoke all on function private.claim_scrape_retry_queue(integer, integer, boolean) from public;

grant execute
  on function private.claim_scrape_retry_queue(integer, integer, boolean)
  to postgres, service_role;

revoke all on function private.claim_statement(private.queues, boolean, boolean) from public;

grant execute on function private.claim_statement(private.queues, boolean, boolean) to postgres;

revoke all on function private.free_condition(private.queues, text) from public;

grant execute on function private.free_condition(private.queues, text) to postgres, service_role;

revoke all on function private.given_rows(private.queues, text) from public;

grant execute on function private.given_rows(private.queues, text) to postgres, service_role;

revoke all on function private.note_claim(text, integer) from public;

grant execute on function private.note_claim(text, integer) to postgres, service_role;

revoke all on function private.tried_condition(private.queues, text, text) from public;

grant execute
  on function private.tried_condition(private.queues, text, text)
  to postgres, service_role;

revoke all on function public.claim_queue(text, integer, uuid[], integer, boolean) from public;

grant execute
  on function public.claim_queue(text, integer, uuid[], integer, boolean)
  to postgres, service_role;

-- supabase/schemas/backfill/seed.sql
select private.add_queue(
  'backfill_queue', 'process-backfill-queue', 'completed', false, 'priority', p_reads_listings => true,
  p_worker_columns => '{vehicle_id,reason,source_url,fields_wanted,reextract}');

-- supabase/schemas/bat_repair/seed.sql
select private.add_queue(
  'bat_extraction_queue', 'process-bat-extraction-queue', 'complete', true, 'priority', p_reads_listings => true,
  p_worker_columns => '{vehicle_id,bat_url,priority,reason}');

-- A finished row remembers what its vehicle's page does not state.
update private.queues set keep_done = '10 years' where table_name = 'bat_extraction_queue';

-- supabase/schemas/imports/seed.sql
select private.add_queue('import_queue', 'process-import-queue', 'complete', true, 'priority', p_worker_columns => '{listing_url}');

-- What was imported, or is no vehicle, is not found anew.
update private.queues set keep_done = '10 years' where table_name = 'import_queue';

-- supabase/schemas/learning/seed.sql
select private.add_queue('extraction_map_jobs', 'learn-extraction-maps', 'completed', true, null,
  p_worker_columns => '{source,cause,fields,step,state}');

-- supabase/schemas/listing_checks/seed.sql
select private.add_queue(
  'listing_checks', 'check-listings', 'complete', false, 'priority', p_reads_listings => true,
  p_promotes_itself => true, p_worker_columns => '{listing_id,vehicle_id,listing_url}');

-- A finished row says when its listing is looked at next.
update private.queues set keep_done = '10 years', since_column = 'requeue_at' where table_name = 'listing_checks';

insert into private.change_rates_refreshed (up_to) values ('-infinity') on conflict (one) do nothing;

-- supabase/schemas/retries/seed.sql
select private.add_queue(
  'scrape_retry_queue', 'retry-failed-steps', 'completed', false, null,
  'retry_count', 'max_retries', 'next_retry_at', true,
  p_worker_columns => '{vehicle_id,step_name}');
