-- Add listing checks.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger reset_row_put_back_to_pending on public.backfill_queue;

drop trigger reset_row_put_back_to_pending on public.bat_extraction_queue;

drop trigger reset_row_put_back_to_pending on public.import_queue;

drop trigger reset_row_put_back_to_pending on public.scrape_retry_queue;

drop index public.vehicle_listings_by_vehicle;

drop function private.add_queue(text, text, text, boolean, text, text, text, text, boolean);

create table private.change_rates_refreshed (
  one boolean not null default true,
  up_to timestamp with time zone not null,
  constraint change_rates_refreshed_one_check check (one),
  constraint change_rates_refreshed_pkey primary key (one)
);

alter table private.change_rates_refreshed
  enable row level security;

create table public.listing_change_rates (
  source_host text not null,
  kind text not null,
  age_band smallint not null,
  listings integer not null default 0,
  looks double precision not null default 0,
  changes double precision not null default 0,
  rate_per_day double precision not null,
  look_every interval not null,
  constraint listing_change_rates_listings_check check ((listings >= 0)),
  constraint listing_change_rates_look_every_check
    check (((look_every >= '06:00:00'::interval) and (look_every <= '14 days'::interval))),
  constraint listing_change_rates_pkey primary key (source_host, kind, age_band),
  constraint listing_change_rates_rate_per_day_check check ((rate_per_day > (0)::double precision))
);

alter table public.listing_change_rates
  enable row level security;

create table public.listing_checks (
  id uuid not null default gen_random_uuid(),
  listing_id bigint not null,
  vehicle_id uuid not null,
  listing_url text not null,
  requeue_at timestamp with time zone not null default now(),
  known_at timestamp with time zone,
  index_price numeric(14,2),
  failed_rounds smallint not null default 0,
  status text not null default 'complete'::text,
  attempts integer not null default 0,
  max_attempts integer not null default 3,
  next_attempt_at timestamp with time zone,
  outcome_code text,
  error_message text,
  lease_token uuid,
  lease_expires_at timestamp with time zone,
  blocked_days integer not null default 0,
  last_blocked_on date,
  created_at timestamp with time zone not null default now(),
  processed_at timestamp with time zone,
  constraint a_lease_has_a_token_and_an_end check (((lease_token is null) = (lease_expires_at is null))),
  constraint a_leased_row_says_so check (((status = 'processing'::text) = (lease_token is not null))),
  constraint listing_checks_attempts_check check ((attempts >= 0)),
  constraint listing_checks_failed_rounds_check check ((failed_rounds >= 0)),
  constraint listing_checks_index_price_check check ((index_price >= (0)::numeric)),
  constraint listing_checks_listing_id_key unique (listing_id),
  constraint listing_checks_max_attempts_check check ((max_attempts > 0)),
  constraint listing_checks_pkey primary key (id),
  constraint listing_checks_status_check
    check ((status = any (array['pending'::text, 'processing'::text, 'complete'::text, 'failed'::text])))
);

alter table public.listing_checks
  enable row level security;

alter table public.listing_checks
  set (autovacuum_analyze_scale_factor=0.05, autovacuum_vacuum_scale_factor=0.05, fillfactor=80);

create table public.listing_gap_counts (
  source_host text not null,
  kind text not null,
  age_band smallint not null,
  gap_band smallint not null,
  looks double precision not null,
  changes double precision not null,
  days double precision not null,
  constraint listing_gap_counts_changes_check check ((changes >= (0)::double precision)),
  constraint listing_gap_counts_check check ((changes <= looks)),
  constraint listing_gap_counts_days_check check ((days >= (0)::double precision)),
  constraint listing_gap_counts_looks_check check ((looks >= (0)::double precision)),
  constraint listing_gap_counts_pkey primary key (source_host, kind, age_band, gap_band)
);

alter table public.listing_gap_counts
  enable row level security;

create table public.listing_looks (
  id bigint generated always as identity not null,
  listing_id bigint not null,
  at timestamp with time zone not null default now(),
  source_host text not null,
  kind text not null,
  age_band smallint not null,
  gap_days real,
  changed boolean not null,
  way text not null,
  constraint listing_looks_gap_days_check check ((gap_days > (0)::double precision)),
  constraint listing_looks_pkey primary key (id),
  constraint listing_looks_way_check
    check ((way = any (array['page'::text, 'not_modified'::text, 'index'::text])))
);

alter table public.listing_looks
  enable row level security;

alter table private.queues
  add column promotes_itself boolean not null default false;

alter table private.queues
  add column since_column text not null default 'created_at'::text;

create or replace function private.add_look(
  l public.vehicle_listings, p_at timestamptz, p_known_at timestamptz, p_changed boolean, p_way text
) returns void
language sql
set search_path = ''
as $$
  insert into public.listing_looks (listing_id, at, source_host, kind, age_band, gap_days, changed, way)
  select
    l.id, now(), l.source_host, l.kind, private.age_band(p_at - l.listed_at),
    case when p_at > p_known_at then extract(epoch from p_at - p_known_at) / 86400 end, p_changed, p_way
$$;

create or replace function private.add_queue(
  p_table text, p_function text, p_done text, p_highest_first boolean, p_priority_column text,
  p_attempts_column text default 'attempts', p_max_attempts_column text default 'max_attempts',
  p_due_column text default 'next_attempt_at', p_reads_listings boolean default false,
  p_promotes_itself boolean default false
) returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  perform private.add_lease(p_table, 'status = ''processing''');
  insert into private.queues
    (table_name, function_name, done_status, highest_first, priority_column,
     attempts_column, max_attempts_column, due_column, reads_listings, promotes_itself)
  values
    (p_table, p_function, p_done, p_highest_first, p_priority_column,
     p_attempts_column, p_max_attempts_column, p_due_column, p_reads_listings, p_promotes_itself)
  on conflict (table_name) do update
  set function_name = excluded.function_name,
      done_status = excluded.done_status,
      highest_first = excluded.highest_first,
      priority_column = excluded.priority_column,
      attempts_column = excluded.attempts_column,
      max_attempts_column = excluded.max_attempts_column,
      due_column = excluded.due_column,
      reads_listings = excluded.reads_listings,
      promotes_itself = excluded.promotes_itself
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
        when (
          new.status = 'pending'
          and (old.status <> 'processing' or new.lease_token is not null)
          and coalesce(current_setting('queues.promoting', true), '') <> 'on')
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

create or replace function private.add_up_looks(p_now timestamptz) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz;
  v_to timestamptz := p_now - interval '5 minutes'; -- what is being written still
begin
  select up_to into v_from from private.change_rates_refreshed for update;
  update public.listing_gap_counts
  set (looks, changes, days) = (select looks * f.fade, changes * f.fade, days * f.fade)
  from (
    select 0.5 ^ (extract(epoch from v_to - greatest(v_from, v_to - interval '1 year')) / (45 * 86400)) as fade
  ) f;
  insert into public.listing_gap_counts as held (source_host, kind, age_band, gap_band, looks, changes, days)
  select
    k.source_host, k.kind, k.age_band, private.gap_band(k.gap_days), count(*), count(*) filter (where k.changed),
    sum(k.gap_days)
  from public.listing_looks k
  where k.at >= v_from and k.at < v_to
    and k.gap_days is not null
  group by 1, 2, 3, 4
  on conflict (source_host, kind, age_band, gap_band) do update
  set looks = held.looks + excluded.looks,
      changes = held.changes + excluded.changes,
      days = held.days + excluded.days;
  update private.change_rates_refreshed set up_to = v_to;
end
$$;

create or replace function private.age_band(p_age interval) returns smallint
language sql immutable parallel safe
return (case
  when p_age < interval '3 days' then 0
  when p_age < interval '7 days' then 1
  when p_age < interval '14 days' then 2
  when p_age < interval '30 days' then 3
  when p_age < interval '60 days' then 4
  else 5
end)::smallint;

create or replace function private.change_rate(
  p_days double precision[], p_looks double precision[], p_changes double precision[]
) returns double precision
language plpgsql immutable
set search_path = ''
as $$
declare
  v_days double precision[];
  v_changes double precision[];
  v_unchanged double precision; -- days that ended without a change
  v_rate double precision;
  v_power double precision;
  v_excess double precision;
  v_slope double precision;
begin
  select
    array_agg(g.days), array_agg(g.changes),
    -- Half a look more that saw nothing: the correction that keeps the estimate finite when all saw a change, and
    -- without bias when the gaps are equal.
    sum((g.looks - g.changes) * g.days) + 0.5 * sum(g.looks * g.days) / nullif(sum(g.looks), 0),
    sum(g.changes) / nullif(
      sum((g.looks - 0.5 * g.changes) * g.days) + 0.5 * sum(g.looks * g.days) / nullif(sum(g.looks), 0), 0)
  into v_days, v_changes, v_unchanged, v_rate
  from unnest(p_days, p_looks, p_changes) g(days, looks, changes)
  where g.looks > 0 and g.days > 0;
  if v_rate is null or v_rate = 0 then
    return v_rate;
  end if;

  -- The likelihood is greatest where the sum of changed t / (e^(rate t) - 1) is the sum of unchanged t. The left side
  -- falls, ever less steeply, and is not less than changed (1 / rate - t / 2), which gave the rate to begin with: so
  -- Newton's steps come from below and never pass it.
  for i in 1 .. 50 loop
    v_excess := -v_unchanged;
    v_slope := 0;
    for g in 1 .. cardinality(v_days) loop
      v_power := exp(least(500, v_rate * v_days[g])) - 1;
      v_excess := v_excess + v_changes[g] * v_days[g] / v_power;
      v_slope := v_slope + v_changes[g] * (v_days[g] / v_power) * v_days[g] * (1 + 1 / v_power);
    end loop;
    exit when v_slope = 0;
    v_rate := v_rate + v_excess / v_slope;
    exit when v_excess / v_slope < 1e-9 * v_rate;
  end loop;
  return v_rate;
end
$$;

create or replace function private.change_rate_with_prior(
  p_days double precision[], p_looks double precision[], p_changes double precision[], p_prior double precision
) returns double precision
language sql immutable
set search_path = ''
-- Five looks a day after the one before, as the prior would have them: what counts for much while little was seen.
return greatest(0.0001, private.change_rate(
  coalesce(p_days, '{}') || 1.0::double precision,
  coalesce(p_looks, '{}') || 5.0::double precision,
  coalesce(p_changes, '{}') || 5 * (1 - exp(-p_prior))));

create or replace function private.check_changed_listing() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.status in ('for_sale', 'live') then
    insert into public.listing_checks (listing_id, vehicle_id, listing_url)
    values (new.id, new.vehicle_id, new.listing_url)
    on conflict (listing_id) do nothing;
  else
    delete from public.listing_checks where listing_id = new.id and status <> 'processing';
  end if;
  return null;
end
$$;

create or replace function private.check_new_listings() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Spread over the time until it is looked at again: an upgrade brings a million at once.
  insert into public.listing_checks (listing_id, vehicle_id, listing_url, requeue_at)
  select
    a.id, a.vehicle_id, a.listing_url,
    now() + random() * private.look_every(a.source_host, a.kind, now() - a.listed_at)
  from added a
  where a.status in ('for_sale', 'live')
  order by a.id
  on conflict (listing_id) do nothing;
  return null;
end
$$;

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
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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

create or replace function private.claim_listing_checks (
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
          
          with claimed as (
            update public.listing_checks t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.listing_checks c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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
          
          with claimed as (
            update public.listing_checks t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.listing_checks c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts) and not (
      exists (select from public.micro_scrape_state x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.listing_checks_due'));
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
            select table_name from private.queue_heads where table_name = 'listing_checks' for update skip locked
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
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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
      or exists (select from public.listing_checks x where x.vehicle_id = c.vehicle_id and x.lease_expires_at > now() offset 0)
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

create or replace function private.due_or_after_new_pages(
  p_host text, p_busy text[], p_due_since timestamptz, p_now timestamptz default now()
) returns timestamptz
language sql stable
return case
  -- Twice as late each time, so that what waits for long is rarely moved.
  when p_host = any (p_busy) and p_due_since > p_now - interval '2 days'
    then least(p_due_since + interval '2 days', p_now + greatest(interval '30 minutes', p_now - p_due_since))
end;

create or replace function private.end_look() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  l public.vehicle_listings;
begin
  select * into l from public.vehicle_listings where id = new.listing_id;
  if l.status not in ('for_sale', 'live') then
    new.status := 'complete';
    new.requeue_at := 'infinity';
    new.next_attempt_at := null;
  elsif new.status = 'complete' and new.requeue_at <= now() then
    -- What was read said nothing newer than what was known.
    new.requeue_at := greatest(now() + interval '1 hour', private.next_look_at(
      l.status, private.look_every(l.source_host, l.kind, now() - l.listed_at), now()));
  elsif new.status = 'failed' then
    new.failed_rounds := least(new.failed_rounds + 1, 100);
    new.requeue_at := now() + private.failed_look_wait(new.failed_rounds);
  end if;
  return new;
end
$$;

create or replace function private.failed_look_wait(p_rounds integer) returns interval
language sql immutable parallel safe
return (array['1 day', '2 days', '4 days', '8 days', '14 days']::interval[])[least(p_rounds, 5)];

create or replace function private.forget_ended_check() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.listing_checks where id = new.id;
  return null;
end
$$;

create or replace function private.gap_band(p_days double precision) returns smallint
language sql immutable parallel safe
return greatest(-4, least(20, floor(2 * log(2.0, greatest(p_days * 24, 0.01)::numeric))))::smallint;

create or replace function private.hosts_with_new_pages() returns text[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(distinct private.url_host(h.for_example)), '{}')
  from (
    select max(i.listing_url) as for_example -- what stands between the slashes is cut out once a host
    from (
      select q.listing_url
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is null
      order by q.priority desc, q.created_at, q.id
      limit 500
    ) i
    group by split_part(i.listing_url, '/', 3)
  ) h
$$;

create or replace function private.index_says(l public.vehicle_listings, p_index_price numeric, p_found jsonb) returns text
language sql immutable parallel safe
return case
  when (p_found ->> 'ended')::boolean or p_found ->> 'price_kind' = 'sale' then 'another'
  when l.status = 'live' then 'named' -- bids come by the minute: its end is what is waited for
  when p_found ->> 'price' is null
    or l.price is null
    or p_found ->> 'price_kind' = 'bid'
    or p_found ->> 'currency' <> l.currency then 'named'
  when (p_found ->> 'price')::numeric(14, 2) = l.price then 'the same'
  when (p_found ->> 'price')::numeric(14, 2) = p_index_price then 'named' -- it said so before, and the page did not
  else 'another'
end;

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
      exists (select from public.micro_scrape_state x where x.vehicle_id = p_vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = p_vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = p_vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (select from public.listing_checks x where x.vehicle_id = p_vehicle_id and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = p_vehicle_id
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    );
      end
      $function$;

create or replace function private.leased_condition(p_vehicle_id text) returns text
language sql immutable
return format(
  -- By the vehicle's key and not by status, and each look on its own (offset 0): a planner that thinks better of it
  -- walks the leases of all vehicles for each.
  $sql$(
      exists (select from public.micro_scrape_state x where x.vehicle_id = %1$s and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.bat_extraction_queue x where x.vehicle_id = %1$s and x.lease_expires_at > now() offset 0)
      or exists (select from public.backfill_queue x where x.vehicle_id = %1$s and x.lease_expires_at > now() offset 0)
      or exists (select from public.listing_checks x where x.vehicle_id = %1$s and x.lease_expires_at > now() offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.vehicle_id = %1$s
          and x.status in ('pending', 'processing') -- those that its index holds
          and x.lease_expires_at > now()
        offset 0)
    )$sql$, p_vehicle_id);

create or replace function private.look_at_moved_listing() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Its worker would write what it reads on the vehicle that the listing has left.
  new.status := 'pending';
  new.attempts := 0;
  new.next_attempt_at := null;
  new.lease_token := null;
  new.lease_expires_at := null;
  return new;
end
$$;

create or replace function private.look_at_relisted(p_found jsonb) returns void
language sql
set search_path = ''
as $$
  insert into public.listing_checks (listing_id, vehicle_id, listing_url, status, known_at)
  select l.id, l.vehicle_id, l.listing_url, 'pending', l.page_at
  from (
    select distinct public.canonical_listing_url(i.item ->> 'url') as canonical
    from jsonb_array_elements(p_found) i(item)
    where not coalesce((i.item ->> 'ended')::boolean, false)
  ) f
  join public.vehicle_listings l on l.canonical_url = f.canonical
  where l.status = 'removed'
    -- Once a day while the index names what is gone.
    and coalesce(l.page_at, l.ended_at) < now() - interval '1 day'
  order by l.id
  on conflict (listing_id) do nothing
$$;

create or replace function private.look_every(p_host text, p_kind text, p_age interval) returns interval
language sql stable
set search_path = ''
as $$
  select coalesce(
    (
      select r.look_every
      from public.listing_change_rates r
      where r.source_host = p_host and r.kind = p_kind and r.age_band = private.age_band(p_age)
    ),
    (
      select r.look_every
      from public.listing_change_rates r
      where r.source_host = '*' and r.kind = p_kind and r.age_band = private.age_band(p_age)
    ),
    interval '44 hours')
$$;

create or replace function private.minute_of(p_at timestamptz) returns integer
language sql immutable parallel safe
return case
  when isfinite(p_at) then floor(extract(epoch from p_at at time zone 'UTC') / 60)::integer
  else 2147483647
end;

create or replace function private.next_look_at(
  p_status text, p_every interval, p_at timestamptz, p_ends_at timestamptz default null
) returns timestamptz
language sql volatile
return case
  when p_status = 'live' and p_ends_at > p_at then least(p_ends_at, p_at + interval '30 days') + interval '10 minutes'
  when p_status = 'live' then p_at + least(p_every, interval '6 hours') -- its page does not say when, or lags behind
  else p_at + p_every * (0.95 + random() * 0.1)
end;

create or replace function private.look_after_index(
  p_every interval, p_at timestamptz, p_known_at timestamptz, p_next timestamptz, p_said text
) returns timestamptz
language sql volatile
return case p_said
  -- An index is read many times a day: what it names no more is looked at within one.
  when 'the same' then private.next_look_at('for_sale', least(p_every, interval '24 hours'), p_at)
  -- That it still stands is known, what it asks is not.
  when 'named' then greatest(p_at, least(
    private.next_look_at('for_sale', interval '24 hours', p_at), coalesce(p_known_at + p_every * 1.1, p_next)))
  when 'another' then least(p_next, p_at)
end;

create or replace function private.note_index_looks(p_found jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.look_at_relisted(p_found);
  with found as (
    select distinct on (u.canonical) u.canonical, i.item
    from jsonb_array_elements(p_found) i(item)
    cross join lateral (select public.canonical_listing_url(i.item ->> 'url') as canonical) u
    where u.canonical is not null
    order by u.canonical
  ),
  -- Nobody is waited for: what is being read or written is seen by that.
  listing as materialized (
    select l.id, f.item
    from found f
    join public.vehicle_listings l on l.canonical_url = f.canonical
    where l.status in ('for_sale', 'live')
    order by l.id
    for no key update of l skip locked
  ),
  checked as materialized (
    select c.id, c.listing_id, c.known_at, c.requeue_at, c.status, c.index_price
    from public.listing_checks c
    where c.listing_id in (select id from listing)
      and c.status <> 'processing'
    order by c.listing_id
    for no key update skip locked
  ),
  said as materialized (
    select
      c.id, c.known_at, c.requeue_at, c.status, l as listing,
      private.index_says(l, c.index_price, f.item) as says,
      coalesce((f.item ->> 'price')::numeric(14, 2), c.index_price) as index_price,
      case private.index_says(l, c.index_price, f.item)
        when 'the same' then coalesce(c.known_at < now() - interval '12 hours', true)
        when 'named' then l.last_seen_at < now() - interval '12 hours'
        else true
      end as is_news,
      private.look_every(l.source_host, l.kind, now() - l.listed_at) as every
    from checked c
    join listing f on f.id = c.listing_id
    join public.vehicle_listings l on l.id = c.listing_id
  ),
  looks as (
    insert into public.listing_looks (listing_id, source_host, kind, age_band, gap_days, changed, way)
    select
      (s.listing).id, (s.listing).source_host, (s.listing).kind, private.age_band(now() - (s.listing).listed_at),
      case when s.says = 'the same' then extract(epoch from now() - s.known_at) / 86400 end, false, 'index'
    from said s
    where s.says <> 'another' and s.is_news
    order by (s.listing).id
  ),
  seen as (
    update public.vehicle_listings l
    set last_seen_at = now()
    from said s
    where l.id = (s.listing).id
      and l.last_seen_at < now() - interval '12 hours'
      and s.says <> 'another'
  ),
  next as (
    update public.listing_checks c
    set requeue_at = case
          when not s.is_news then c.requeue_at
          when s.says = 'named' and ((s.listing).status = 'live' or s.status <> 'complete') then c.requeue_at
          else private.look_after_index(s.every, now(), s.known_at, c.requeue_at, s.says)
        end,
        known_at = case when s.is_news and s.says = 'the same' then now() else c.known_at end,
        index_price = s.index_price,
        failed_rounds = case when s.is_news and s.says = 'the same' then 0 else c.failed_rounds end,
        status = case when s.is_news and s.says = 'the same' then 'complete' else c.status end,
        next_attempt_at = case when s.is_news and s.says = 'the same' then null else c.next_attempt_at end
    from said s
    where c.id = s.id
      and (s.is_news or s.index_price is distinct from c.index_price)
    returning 1
  )
  select count(*) into v_count from said;
  return v_count;
end
$$;

create or replace function private.note_look(
  b public.vehicle_listings, l public.vehicle_listings, p_item jsonb, p_outcome text
) returns void
language plpgsql
set search_path = ''
as $$
declare
  c public.listing_checks;
  v_at timestamptz := private.seen_at(p_item, p_outcome);
  v_is_open boolean := l.status in ('for_sale', 'live');
  v_next timestamptz;
begin
  select * into c from public.listing_checks where listing_id = l.id for no key update;
  if c.known_at < v_at and b.status in ('for_sale', 'live') then
    perform private.add_look(
      b, v_at, case when b.status = 'for_sale' then c.known_at end,
      b.status <> l.status or coalesce(b.price <> l.price, false),
      case p_outcome when 'not_modified' then 'not_modified' else 'page' end);
  end if;
  if p_outcome = 'not_modified' and v_at > l.last_seen_at then
    update public.vehicle_listings set last_seen_at = v_at where id = l.id;
  end if;

  if not v_is_open then
    -- A row that is leased goes when its worker settles it.
    delete from public.listing_checks where listing_id = l.id and status <> 'processing';
    return;
  elsif v_at <= c.known_at then
    return; -- nothing that was not known
  end if;
  v_next := greatest(now(), private.next_look_at(
    l.status, private.look_every(l.source_host, l.kind, v_at - l.listed_at), v_at,
    coalesce(
      (p_item -> 'auction' ->> 'ends_at')::timestamptz,
      (select e.ends_at from public.auction_events e where e.source_url = l.canonical_url))));
  insert into public.listing_checks as held (listing_id, vehicle_id, listing_url, requeue_at, known_at)
  values (l.id, l.vehicle_id, l.listing_url, v_next, v_at)
  on conflict (listing_id) do update
  set requeue_at = excluded.requeue_at,
      known_at = excluded.known_at,
      failed_rounds = 0,
      -- A worker that holds it settles it itself; anybody else's look is its look.
      status = case when held.status = 'processing' then 'processing' else 'complete' end,
      attempts = case when held.status = 'processing' then held.attempts else 0 end,
      next_attempt_at = null,
      processed_at = case when held.status = 'processing' then held.processed_at else now() end;
end
$$;

create or replace function private.oldest_due(q private.queues) returns timestamptz
language plpgsql stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_priority integer;
  v_at timestamptz;
  v_oldest timestamptz;
begin
  -- The index is in the order of the claim: its first row of each priority is the oldest of that priority.
  for i in 1 .. 50 loop
    execute format(
      $sql$
        select %1$s, %6$I
        from public.%2$I
        where status = 'pending' and %3$I is null %4$s
        order by %5$s created_at, id
        limit 1
      $sql$,
      coalesce(quote_ident(q.priority_column), '0'), q.table_name, q.due_column,
      case when v_priority is not null
        then format('and %I %s $1', q.priority_column, case when q.highest_first then '<' else '>' end)
        else '' end,
      private.queue_order(q), q.since_column)
    into v_priority, v_at
    using v_priority;
    exit when v_at is null;
    v_oldest := least(v_oldest, v_at);
    exit when q.priority_column is null;
  end loop;
  return v_oldest;
end
$$;

create or replace function private.planned_looks(p_groups jsonb)
returns table (source_host text, kind text, age_band smallint, look_every interval)
language sql immutable
set search_path = ''
as $$
  with g as (
    select i.*, i.listings * i.rate_per_day as weight
    from jsonb_to_recordset(p_groups) as i(
      source_host text, kind text, age_band smallint, listings double precision, rate_per_day double precision)
  ),
  ranked as (
    select
      g.*,
      sum(g.weight) over (order by g.rate_per_day desc, g.source_host, g.kind, g.age_band) - g.weight as before,
      sum(g.weight) over () as total
    from g
  ),
  -- A look at a listing brings as many changes within 48 hours as its rate says, as long as looks are further apart
  -- than that: so those that change most are looked at every 44 hours until they hold nearly all changes.
  least_often as (
    select coalesce(min(r.rate_per_day) filter (where r.before < 0.97 * r.total), 0) as rate from ranked r where r.weight > 0
  )
  select
    r.source_host, r.kind, r.age_band,
    make_interval(secs => 3600 * greatest(6, least(336,
      case when r.rate_per_day >= l.rate then least(44, s.hours) else greatest(44, s.hours) end)))
  from ranked r
  cross join least_often l
  -- Where one more request saves the same time of being wrong everywhere.
  cross join lateral (select 24 * sqrt(2 * 0.25 / r.rate_per_day) as hours) s
$$;

create or replace function private.promote_due_listing_checks(p_limit integer) returns integer
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  v_ids uuid[] := array(
    select id
    from public.listing_checks
    where status in ('complete', 'failed') and requeue_at <= now()
    order by requeue_at
    limit p_limit
    for update skip locked
  ) || array(
    select id
    from public.listing_checks
    where status = 'pending' and next_attempt_at <= now()
    order by next_attempt_at
    limit p_limit
    for update skip locked
  );
  v_busy text[];
  v_promoted integer;
begin
  if cardinality(v_ids) = 0 then
    return 0;
  end if;
  v_busy := private.hosts_with_new_pages();
  perform set_config('queues.promoting', 'on', true);
  with promoted as (
    update public.listing_checks c
    set next_attempt_at = private.due_or_after_new_pages(c.source_host, v_busy, c.requeue_at),
        attempts = case when c.status = 'pending' then c.attempts else 0 end,
        blocked_days = case when c.status = 'pending' then c.blocked_days else 0 end,
        status = 'pending'
    where c.id = any (v_ids)
    returning c.next_attempt_at
  )
  select count(*) filter (where next_attempt_at is null) into v_promoted from promoted;
  perform set_config('queues.promoting', '', true);
  return v_promoted;
end
$$;

create or replace function private.prune_history() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.prune_queues();
  -- Oldest first, found by the index: never one delete that holds up everything else.
  delete from public.scrape_steps
  where id in (
    select id
    from public.scrape_steps
    where created_at < now() - interval '90 days'
    order by created_at
    limit 10000
  );
  delete from public.worker_invocations
  where id in (
    select id
    from public.worker_invocations
    where invoked_at < now() - interval '3 days'
    order by id
    limit 10000
  );
  delete from private.leases_to_release where created_at < now() - interval '1 day'; -- of rows that are gone
  delete from public.listing_looks
  where id in (
    select id
    from public.listing_looks
    where at < now() - interval '14 days'
    order by at
    limit 10000
  );
  delete from cron.job_run_details
  where runid in (
    select runid
    from cron.job_run_details
    where end_time < now() - interval '7 days'
    order by runid
    limit 10000
  );
end
$$;

create or replace function private.refresh_change_rates(p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
begin
  perform private.add_up_looks(p_now);
  return private.write_change_rates((
    select coalesce(jsonb_agg(to_jsonb(g)), '[]')
    from (
      select l.source_host, l.kind, private.age_band(p_now - l.listed_at) as age_band, count(*) as listings
      from public.vehicle_listings l
      where l.status = 'for_sale'
      group by 1, 2, 3
    ) g
  ));
end
$$;

create or replace function private.rescue_listing_checks (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_generic_plan'
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  set enable_sort to 'off'
  as $function$
      declare
        v_rescued integer;
      begin
        perform private.release_when_free('listing_checks');
        -- The attempt counts: a row that kills its workers ends.
        update public.listing_checks
        set status = case when attempts >= max_attempts then 'failed' else 'pending' end,
            next_attempt_at = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when attempts >= max_attempts then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.listing_checks
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $function$;

create or replace function private.seen_at(p_item jsonb, p_outcome text) returns timestamptz
language sql stable
set search_path = ''
as $$
  select greatest(
    coalesce((p_item ->> 'page_at')::timestamptz, now()),
    -- What the site calls unchanged is an old page that was seen again.
    (
      select s.last_seen_at
      from public.page_snapshots s
      where p_outcome = 'not_modified' and s.id = private.as_uuid(p_item ->> 'snapshot_id')
    ))
$$;

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
                    else private.retry_after_failure(t.attempts, i.retry_at)
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
        select coalesce(
          jsonb_agg(jsonb_build_object('id', i.id, 'status', s.status) order by i.id), '[]'::jsonb)
        into v_result
        from items i
        left join settled s on s.id = i.id and s.lease_token = i.lease_token;
        return v_result;
      end
      $function$;

create or replace function private.why_no_listing(p_item jsonb) returns text
language sql stable parallel safe
set search_path = ''
as $$
  select case
    when jsonb_typeof(p_item) <> 'object' then 'an item is an object with at least a url'
    when p_item ->> 'url' is null then 'url is missing'
    when private.web_address(p_item ->> 'url') is null then 'url is no address of a page, as https://host/path'
    when octet_length(p_item ->> 'url') > 2048 then 'url is longer than 2048 bytes'
    when not pg_input_is_valid(p_item ->> 'price', 'numeric(14, 2)') or (p_item ->> 'price')::numeric < 0
      then 'price is no amount of 0 or more'
    when p_item ->> 'price_kind' not in ('bid', 'sale', 'asking') then 'price_kind is neither bid, sale nor asking'
    when p_item ->> 'currency' !~ '^[A-Z]{3}$' then 'currency is no code of three capital letters, such as USD'
    when not pg_input_is_valid(p_item ->> 'ends_at', 'timestamptz') then 'ends_at is no time, such as 2026-01-31T18:00:00Z'
    when not pg_input_is_valid(p_item ->> 'year', 'integer') then 'year is no whole number'
    when not pg_input_is_valid(p_item ->> 'priority', 'integer') then 'priority is no whole number'
    when jsonb_typeof(p_item -> 'ended') not in ('boolean', 'null') then 'ended is neither true nor false'
    when jsonb_typeof(p_item -> 'raw') not in ('object', 'null') then 'raw is no object'
  end
$$;

create or replace function private.write_change_rates(p_listings jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with listings as (
    select * from jsonb_to_recordset(p_listings) as i(source_host text, kind text, age_band smallint, listings integer)
  ),
  every_kind as ( -- also of a site that is new
    select k.kind, a.age_band::smallint
    from unnest(array['auction', 'classified', 'dealer']) k(kind)
    cross join generate_series(0, 5) a(age_band)
  ),
  by_gap as (
    select '*' as source_host, kind, age_band, gap_band, sum(looks) as looks, sum(changes) as changes, sum(days) as days
    from public.listing_gap_counts
    group by kind, age_band, gap_band
    union all
    select source_host, kind, age_band, gap_band, looks, changes, days from public.listing_gap_counts
  ),
  seen as (
    select
      source_host, kind, age_band, sum(looks) as looks, sum(changes) as changes,
      array_agg(days / looks) as gap_days, array_agg(looks) as gap_looks, array_agg(changes) as gap_changes
    from by_gap
    where looks > 0.001
    group by source_host, kind, age_band
  ),
  of_kind as materialized (
    select
      e.kind, e.age_band, s.looks, s.changes,
      private.change_rate_with_prior(s.gap_days, s.gap_looks, s.gap_changes, 0.05) as rate_per_day
    from every_kind e
    left join seen s on s.source_host = '*' and s.kind = e.kind and s.age_band = e.age_band
  ),
  rates as materialized (
    select '*' as source_host, kind, age_band, 0 as listings, looks, changes, rate_per_day
    from of_kind
    union all
    select
      g.source_host, g.kind, g.age_band, coalesce(l.listings, 0), s.looks, s.changes,
      private.change_rate_with_prior(s.gap_days, s.gap_looks, s.gap_changes, o.rate_per_day)
    from (
      select source_host, kind, age_band from listings
      union
      select source_host, kind, age_band from seen where source_host <> '*'
    ) g
    join of_kind o on o.kind = g.kind and o.age_band = g.age_band
    left join seen s on s.source_host = g.source_host and s.kind = g.kind and s.age_band = g.age_band
    left join listings l on l.source_host = g.source_host and l.kind = g.kind and l.age_band = g.age_band
  )
  insert into public.listing_change_rates
    (source_host, kind, age_band, listings, looks, changes, rate_per_day, look_every)
  select
    r.source_host, r.kind, r.age_band, r.listings, coalesce(r.looks, 0), coalesce(r.changes, 0), r.rate_per_day,
    p.look_every
  from rates r
  join private.planned_looks((select jsonb_agg(to_jsonb(r)) from rates r)) p
    on p.source_host = r.source_host and p.kind = r.kind and p.age_band = r.age_band
  order by r.source_host, r.kind, r.age_band
  on conflict (source_host, kind, age_band) do update
  set listings = excluded.listings,
      looks = excluded.looks,
      changes = excluded.changes,
      rate_per_day = excluded.rate_per_day,
      look_every = excluded.look_every;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function public.enqueue_listings(p_items jsonb, p_from text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_good jsonb;
  v_mistakes jsonb;
  v_refused integer;
  v_result jsonb;
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'enqueue_listings takes a JSON array of items' using errcode = '22023';
  end if;
  select
    coalesce(jsonb_agg(l.item || jsonb_build_object('url', private.web_address(l.item ->> 'url')))
      filter (where l.why is null), '[]'),
    coalesce(jsonb_agg(
      jsonb_build_object('item', l.place - 1, 'url', left(l.item ->> 'url', 200), 'why', l.why) order by l.place)
      filter (where l.why is not null and l.nth <= 20), '[]'),
    count(l.why)
  into v_good, v_mistakes, v_refused
  from (
    select i.item, i.place, m.why, row_number() over (partition by m.why is null order by i.place) as nth
    from jsonb_array_elements(p_items) with ordinality i(item, place)
    cross join lateral private.why_no_listing(i.item) m(why)
  ) l;

  with found as (
    select distinct on (public.canonical_listing_url(i.url))
      i.*, public.canonical_listing_url(i.url) as canonical
    from jsonb_to_recordset(v_good) as i(
      url text, source text, title text, price numeric, price_kind text, currency text, ends_at timestamptz,
      year integer, make text, model text, thumbnail_url text, raw jsonb, priority integer)
    where public.canonical_listing_url(i.url) is not null
    order by public.canonical_listing_url(i.url)
  ),
  known as materialized (
    select f.canonical
    from found f
    where exists (select from public.vehicle_listings l where l.canonical_url = f.canonical)
      or exists (select from public.vehicles v where v.canonical_url = f.canonical)
      or exists (select from public.auction_events e where e.source_url = f.canonical)
      or exists (select from public.remembered_addresses r where r.canonical_url = f.canonical)
  ),
  queued as (
    insert into public.import_queue as held (
      listing_url, source, listing_title, listing_year, listing_make, listing_model, listing_price, price_kind,
      currency, ends_at, thumbnail_url, discovered_from, raw_data, priority
    )
    select
      btrim(f.url), f.source, f.title, f.year, f.make, f.model, f.price, f.price_kind,
      f.currency, f.ends_at, f.thumbnail_url, p_from, coalesce(f.raw, '{}'), coalesce(f.priority, 100)
    from found f
    where f.canonical not in (select canonical from known)
    order by f.canonical
    on conflict (canonical_url) do update
    set listing_title = coalesce(excluded.listing_title, held.listing_title),
        listing_price = coalesce(excluded.listing_price, held.listing_price),
        price_kind = coalesce(excluded.price_kind, held.price_kind),
        currency = coalesce(excluded.currency, held.currency),
        ends_at = coalesce(excluded.ends_at, held.ends_at),
        thumbnail_url = coalesce(held.thumbnail_url, excluded.thumbnail_url)
    where held.status = 'pending'
      and (held.listing_title, held.listing_price, held.price_kind, held.currency, held.ends_at)
        is distinct from (
          coalesce(excluded.listing_title, held.listing_title),
          coalesce(excluded.listing_price, held.listing_price),
          coalesce(excluded.price_kind, held.price_kind),
          coalesce(excluded.currency, held.currency),
          coalesce(excluded.ends_at, held.ends_at))
    returning (xmax = 0) as is_new
  )
  select jsonb_build_object(
    'queued', (select count(*) from queued where is_new),
    'refreshed', (select count(*) from queued where not is_new),
    'known', (select count(*) from found) - (select count(*) from queued where is_new))
  into v_result;
  if p_from is not null then -- an index page showed them just now
    perform private.note_index_looks(v_good);
  end if;
  return v_result || jsonb_build_object('refused', v_refused, 'mistakes', v_mistakes);
end
$$;

create or replace function public.resume_host(p_host text, p_limit integer default 10000) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(p_host), lower(regexp_replace(btrim(p_host), '^www\.', '')));
  v_vehicles integer;
  v_queued integer;
  v_images integer;
  v_feeds integer;
  v_more integer;
  v_most integer := 0;
  q private.queues;
begin
  update public.source_hosts
  set breaker = 'closed',
      opened_at = null,
      opened_because = null,
      retry_at = null,
      probe_holder = null,
      probe_until = null,
      times_opened = 0,
      consecutive_refusals = 0,
      consecutive_errors = 0,
      retry_after = null,
      robots_fresh_until = case when robots_error is not null then now() else robots_fresh_until end
  where host = v_host;
  if not found and not exists (select from public.vehicles where source_host = v_host) then
    raise exception 'no host "%" was ever asked, and no vehicle is listed there', v_host
      using errcode = '22023', hint = 'select host from source_host_status;';
  end if;

  -- As an array: joined, what is limited and locked could be run again for each row.
  update public.micro_scrape_state
  set due_at = now()
  where vehicle_id = any (array(
    select w.vehicle_id
    from public.vehicles v
    join public.micro_scrape_state w on w.vehicle_id = v.id
    where v.source_host = v_host
      and w.state = 'waiting'
      and w.due_at > now()
      -- What was read waits for another reason, unless a claim put it off for the host.
      and (w.last_outcome is null or w.last_outcome not in ('ok', 'not_modified') or w.due_at <= now() + interval '1 hour')
    limit p_limit
    for update of w skip locked
  ));
  get diagnostics v_vehicles = row_count;

  v_queued := 0;
  for q in select * from private.queues loop -- one statement a queue table
    execute format(
      $sql$
        update public.%1$I
        set %2$I = null
        where id = any (array(
          select id
          from public.%1$I
          where status = 'pending' and %2$I > now() and %2$I < 'infinity' and outcome_code is not null and %3$s
          limit $2
          for update skip locked
        ))
      $sql$, q.table_name, q.due_column,
      case q.table_name
        when 'import_queue' then 'private.url_host(listing_url) = $1'
        when 'listing_checks' then 'source_host = $1'
        else 'vehicle_id in (select v.id from public.vehicles v where v.source_host = $1)' end)
    using v_host, p_limit;
    get diagnostics v_more = row_count;
    v_queued := v_queued + v_more;
    v_most := greatest(v_most, v_more);
    if v_more > 0 then
      perform private.invoke_worker(q.function_name);
    end if;
  end loop;

  with late as materialized (
    select w.vehicle_id, w.url
    from public.image_downloads w
    where w.host = v_host and w.status = 'pending' and w.next_attempt_at > now()
    limit p_limit
    for update skip locked
  )
  update public.image_downloads d
  set next_attempt_at = now()
  from late
  where (d.vehicle_id, d.url) = (late.vehicle_id, late.url);
  get diagnostics v_images = row_count;

  update public.listing_feeds
  set next_check_at = now()
  where private.url_host(url) = v_host and enabled and failures > 0 and next_check_at > now();
  get diagnostics v_feeds = row_count;

  perform private.promote_due_micro_scrape_state(10000);
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "resume_host", "background": true}');
  perform private.invoke_worker('backfill-images');
  return jsonb_build_object(
    'host', v_host, 'vehicles', v_vehicles, 'queued', v_queued, 'images', v_images, 'feeds', v_feeds,
    'more', greatest(v_vehicles, v_images, v_most) >= p_limit);
end
$$;

create view public.freshness_status with (security_invoker = true) as
select
  o.source_host,
  o.listings,
  o.last_look_median,
  o.last_look_p95,
  o.due,
  o.overdue,
  o.failing,
  o.rate_per_day,
  o.look_every,
  o.out_of_date,
  coalesce(k.page, 0) as looks_page_24h,
  coalesce(k.not_modified, 0) as looks_not_modified_24h,
  coalesce(k.index, 0) as looks_index_24h,
  coalesce(k.changes, 0) as changes_24h
from (
  select
    l.source_host,
    count(*) as listings,
    percentile_disc(0.5) within group (order by now() - l.last_seen_at) as last_look_median,
    percentile_disc(0.95) within group (order by now() - l.last_seen_at) as last_look_p95,
    count(*) filter (where c.requeue_at <= now()) as due,
    count(*) filter (where c.requeue_at <= now() - interval '4 hours') as overdue,
    count(*) filter (where c.failed_rounds > 0) as failing,
    round(avg(r.rate_per_day)::numeric, 4) as rate_per_day,
    date_trunc('minute', avg(r.look_every)) as look_every,
    round(avg(1 - exp(-r.rate_per_day * extract(epoch from now() - coalesce(c.known_at, l.last_seen_at)) / 86400)
      ) filter (where l.status = 'for_sale')::numeric, 3) as out_of_date
  from public.vehicle_listings l
  join public.listing_checks c on c.listing_id = l.id
  cross join lateral (select private.age_band(now() - l.listed_at) as age_band) a
  left join public.listing_change_rates any_site
    on any_site.source_host = '*' and any_site.kind = l.kind and any_site.age_band = a.age_band
  left join public.listing_change_rates own
    on own.source_host = l.source_host and own.kind = l.kind and own.age_band = a.age_band
  cross join lateral (
    select
      coalesce(own.rate_per_day, any_site.rate_per_day) as rate_per_day,
      coalesce(own.look_every, any_site.look_every) as look_every
  ) r
  where l.status in ('for_sale', 'live')
  group by l.source_host
) o
left join (
  select
    source_host,
    count(*) filter (where way = 'page') as page,
    count(*) filter (where way = 'not_modified') as not_modified,
    count(*) filter (where way = 'index') as index,
    count(*) filter (where changed) as changes
  from public.listing_looks
  where at > now() - interval '24 hours'
  group by source_host
) k on k.source_host = o.source_host
order by o.listings desc, o.source_host;

create index if not exists listing_checks_by_vehicle on public.listing_checks using btree (vehicle_id);

create index if not exists listing_checks_finished on public.listing_checks using btree (status, processed_at)
  where (status = any (array['complete'::text, 'failed'::text]));

create index if not exists listing_checks_leased on public.listing_checks using btree (lease_expires_at)
  where (lease_token is not null);

create index if not exists listing_checks_next on public.listing_checks using btree (requeue_at)
  where (status = any (array['complete'::text, 'failed'::text]));

create index if not exists listing_checks_waiting on public.listing_checks using btree (next_attempt_at)
  where ((status = 'pending'::text) and (next_attempt_at is not null));

create index if not exists listing_looks_by_time on public.listing_looks using btree (at);

create unique index if not exists vehicle_listings_by_vehicle on public.vehicle_listings using btree (vehicle_id, id);

alter table public.listing_checks
  add constraint listing_checks_vehicle_id_listing_id_fkey foreign key (vehicle_id, listing_id)
    references public.vehicle_listings(vehicle_id, id) on update cascade on delete cascade;

create trigger reset_row_put_back_to_pending
  before update of status on public.backfill_queue
  for each row
  when (((new.status = 'pending'::text) and ((old.status <> 'processing'::text) or (new.lease_token is
    not null)) and (coalesce(current_setting('queues.promoting'::text, true), ''::text) <> 'on'::text)))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.bat_extraction_queue
  for each row
  when (((new.status = 'pending'::text) and ((old.status <> 'processing'::text) or (new.lease_token is
    not null)) and (coalesce(current_setting('queues.promoting'::text, true), ''::text) <> 'on'::text)))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.import_queue
  for each row
  when (((new.status = 'pending'::text) and ((old.status <> 'processing'::text) or (new.lease_token is
    not null)) and (coalesce(current_setting('queues.promoting'::text, true), ''::text) <> 'on'::text)))
  execute function private.reset_row_put_back_to_pending();

create trigger end_look
  before update of status on public.listing_checks
  for each row
  when (((old.status = 'processing'::text) and (new.status <> 'processing'::text)))
  execute function private.end_look();

create trigger forget_ended_check
  after update of status on public.listing_checks
  for each row
  when (((new.requeue_at = 'infinity'::timestamp with time zone) and (new.status = 'complete'::text)))
  execute function private.forget_ended_check();

create trigger invoke_worker
  after insert on public.listing_checks referencing new table as added
  for each statement
  execute function private.invoke_queue_worker();

create trigger look_at_moved_listing
  before update of vehicle_id on public.listing_checks
  for each row
  when
    (((old.vehicle_id <> new.vehicle_id) and (old.status = 'processing'::text) and (new.status =
    'processing'::text)))
  execute function private.look_at_moved_listing();

create trigger reset_row_put_back_to_pending
  before update of status on public.listing_checks
  for each row
  when (((new.status = 'pending'::text) and ((old.status <> 'processing'::text) or (new.lease_token is
    not null)) and (coalesce(current_setting('queues.promoting'::text, true), ''::text) <> 'on'::text)))
  execute function private.reset_row_put_back_to_pending();

create trigger reset_row_put_back_to_pending
  before update of status on public.scrape_retry_queue
  for each row
  when (((new.status = 'pending'::text) and ((old.status <> 'processing'::text) or (new.lease_token is
    not null)) and (coalesce(current_setting('queues.promoting'::text, true), ''::text) <> 'on'::text)))
  execute function private.reset_row_put_back_to_pending();

create trigger check_changed_listing
  after update of status on public.vehicle_listings
  for each row
  when (((old.status <> new.status) and (not (old.page_at is distinct from new.page_at))))
  execute function private.check_changed_listing();

create trigger check_new_listings
  after insert on public.vehicle_listings referencing new table as added
  for each statement
  execute function private.check_new_listings();

create policy operators_read on public.listing_change_rates
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.listing_checks
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.listing_gap_counts
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.listing_looks
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column private.queues.promotes_itself is 'Whether its promote_due_<table>() is its own, and not the kernel''s: what is due there depends on more than a time.';

comment on column private.queues.since_column is 'Since when a due row waits: when it was put there, or another time where rows come back again and again.';

comment on column public.listing_change_rates.looks is 'Looks that the rate is estimated from, faded.';

comment on column public.listing_checks.failed_rounds is 'How often in a row it could not be read with all its attempts.';

comment on column public.listing_checks.index_price is 'What an index page stated last. One that goes on stating another price than the page brings no look a second time.';

comment on column public.listing_checks.known_at is 'When status and price were last known: its page was read, was unchanged, or an index page stated the same price.';

comment on column public.listing_checks.lease_expires_at is 'When the worker counts as dead, unless it has asked for more time.';

comment on column public.listing_checks.lease_token is 'Who works on the row. Settling and releasing name it: a worker whose token stands here no more changes nothing.';

comment on column public.listing_checks.next_attempt_at is 'A pending row is not claimed before; null means it is due now.';

comment on column public.listing_checks.requeue_at is 'The next look. While the row is pending: since when it is due; infinity: the listing has ended.';

comment on column public.listing_looks.gap_days is 'Days since status and price were known before. Null where that says nothing of how often things change: an auction that was live, an index page that states no price.';

comment on column public.listing_looks.way is 'page: it was fetched; not_modified: the site said that it is unchanged; index: an index page named it, which cost no request.';

comment on function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
  with time zone, boolean, text) is 'Puts a look on record: at a listing as it stood before, known since p_known_at; null: it says nothing of how often things change.';

comment on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean)
  is 'Puts a table of work under the kernel: makes its indexes, its constraint, its triggers and the functions that are written for it. Called again it writes them anew.';

comment on function private.add_up_looks(timestamp with time zone) is 'Adds the looks since the last time to listing_gap_counts, each once, and lets the older ones fade.';

comment on function private.age_band(interval) is 'How old an offer is: 0 under 3 days, 1 under a week, 2 under two, 3 under 30 days, 4 under 60, 5 older.';

comment on function private.change_rate(double precision[], double precision[], double precision[]) is
  'Changes a day that are likeliest by looks in groups: for each group the days since the look before, how many looks, how many of them saw a change. Null without looks, 0 when none saw a change. With equal gaps it is -log((unchanged + 0.5) / (looks + 0.5)) / gap.';

comment on function
  private.change_rate_with_prior(double precision[], double precision[], double precision[], double
  precision) is 'The same when the rate is expected to be p_prior, which counts as five looks.';

comment on function private.check_changed_listing() is 'A listing whose status somebody sets without having read it.';

comment on function private.check_new_listings() is 'A listing that is here as for sale or live is looked at again.';

comment on function private.due_or_after_new_pages(text, text[], timestamp with time zone, timestamp
  with time zone) is 'When a look may be claimed that has been due since p_due_since: now (null), or later while its host has pages that are new; two days late at most.';

comment on function private.end_look() is 'A look that is over sets the next. One that failed with all its attempts comes again after a day, two, four, eight, and then every 14 days: a listing is never given up while nobody has seen it end.';

comment on function private.failed_look_wait(integer) is 'How long a listing is left alone that could not be read, the nth time in a row.';

comment on function private.gap_band(double precision) is 'Half octaves of hours, so that gaps of one band are alike: 0 is 1 to 1.4 hours, 10 is 32 to 45.';

comment on function private.hosts_with_new_pages() is 'The hosts of the next 500 listings that are due to be imported.';

comment on function private.index_says(public.vehicle_listings, numeric, jsonb) is
  'What an entry of an index says of a listing that is held: the same price, another one (or that it has ended), or only that it stands there (named).';

comment on function private.look_after_index(interval, timestamp with time zone, timestamp
  with time zone, timestamp with time zone, text) is 'The next look at a listing that an index page named at p_at: with the same price, a day later; with none (named) too, but not much later than if it had not; with another one, now.';

comment on function private.look_at_moved_listing() is 'A listing that comes to another vehicle while a worker reads it is read again: the worker has lost it.';

comment on function private.look_at_relisted(jsonb) is 'A listing that was removed and that an index names is looked at now: it may be for sale again.';

comment on function private.look_every(text, text, interval) is 'How often a listing of this site, kind and age is looked at.';

comment on function private.minute_of(timestamp with time zone) is 'Minutes since 1970; the largest number for a time that never comes.';

comment on function private.next_look_at(text, interval, timestamp with time zone, timestamp
  with time zone) is 'The look after one at p_at: an auction ten minutes after its end, anything else after p_every, a twentieth more or less, so that looks spread.';

comment on function private.note_index_looks(jsonb) is 'Takes the entries of an index page as looks at the listings that are held, as enqueue_listings() has them: the same price or none puts the next look off, another one or an end makes it due. A listing that was looked at within twelve hours is left as it is. What an index says is written nowhere else. Gives how many were known.';

comment on function private.note_look(public.vehicle_listings, public.vehicle_listings, jsonb, text) is
  'What a reading means for looking again: a listing as it stood before and as it stands now. Puts the look on record and sets the next; one that has ended is not looked at any more.';

comment on function private.oldest_due(private.queues) is 'Since when the oldest row that is due waits; null when none is. One look into the index a priority.';

comment on function private.planned_looks(jsonb) is 'How often to look at groups [{source_host, kind, age_band, listings, rate_per_day}], 6 hours to 14 days. The groups that change most, until they hold 97 % of the changes that are expected: every 44 hours or more often; the others every 44 hours or less often; each by the square root of its rate.';

comment on function private.promote_due_listing_checks(integer) is 'Makes due the looks whose time has come, and those that waited; not those of a host that has new listings to import. Gives how many are due.';

comment on function private.refresh_change_rates(timestamp with time zone) is 'Adds up the looks since the last time, and writes the rate and the interval of every group. Gives how many groups; called every hour.';

comment on function private.seen_at(jsonb, text) is 'When the page of a reading last stood as it was read.';

comment on function private.write_change_rates(jsonb) is 'Writes listing_change_rates from listing_gap_counts, for so many listings of each group, as [{source_host, kind, age_band, listings}]. Gives how many groups.';

comment on function public.enqueue_listings(jsonb, text) is 'Queues listings as [{url, source, title, price, price_kind, currency, ends_at, ended, year, make, model, thumbnail_url, raw, priority}], only url is needed. One row a listing whatever its spelling; one that is a vehicle, was one and is remembered (remembered_addresses), was queued before or was found to be none is known; with p_from, the index page that names it, that is a look at a listing that is held (listing_checks). An item that cannot be one is refused and the others are queued. Gives {queued, known, refreshed, refused, mistakes: [{item, url, why}]}, item counted from 0, at most 20 mistakes.';

comment on table private.change_rates_refreshed is 'One row: up to when the looks are added up in listing_gap_counts.';

comment on table public.listing_change_rates is 'One row a group of listings (site, kind, how old the offer is): how often its status or price changes, and how often it is looked at therefore. Site * is all sites of the kind, for one that is new. Written anew every hour.';

comment on table public.listing_checks is 'One row a listing that is for sale or live: when it is looked at next. complete: looked at, and requeue_at is the next time; pending: due, or waiting for its host; failed: could not be read, and requeue_at is the next time too. A listing that has ended has none.';

comment on table public.listing_gap_counts is 'The looks of a group by how long after the one before they were: what its rate of change is estimated from. They fade, half of them in 45 days, so a site that changes its ways is believed.';

comment on table public.listing_looks is 'One row a look at a listing, only ever added to: how long after the one before, whether status or price had changed, and how it was seen. Kept 14 days: refresh_change_rates() has added them up by then.';

comment on view public.freshness_status is 'By site: listings that are for sale or live, how long ago they were seen last, looks that are due and overdue (four hours), how often things change and how often it is looked, the share of what is held that is expected to be out of date now (0 to 1), and the looks and changes of 24 hours.';

revoke all
  on function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
    with time zone, boolean, text)
  from public;

grant execute
  on function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
    with time zone, boolean, text)
  to postgres, service_role;

revoke all
  on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean)
  from public;

grant execute
  on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean)
  to postgres;

revoke all on function private.add_up_looks(timestamp with time zone) from public;

grant execute on function private.add_up_looks(timestamp with time zone) to postgres, service_role;

revoke all on function private.age_band(interval) from public;

grant execute on function private.age_band(interval) to authenticated, postgres, service_role;

revoke all
  on function private.change_rate(double precision[], double precision[], double precision[])
  from public;

grant execute
  on function private.change_rate(double precision[], double precision[], double precision[])
  to postgres, service_role;

revoke all
  on function
    private.change_rate_with_prior(double precision[], double precision[], double precision[], double
    precision)
  from public;

grant execute
  on function
    private.change_rate_with_prior(double precision[], double precision[], double precision[], double
    precision)
  to postgres, service_role;

revoke all on function private.check_changed_listing() from public;

grant execute on function private.check_changed_listing() to postgres, service_role;

revoke all on function private.check_new_listings() from public;

grant execute on function private.check_new_listings() to postgres, service_role;

revoke all on function private.claim_listing_checks(integer, integer, interval) from public;

grant execute
  on function private.claim_listing_checks(integer, integer, interval)
  to postgres, service_role;

revoke all
  on function private.due_or_after_new_pages(text, text[], timestamp with time zone, timestamp
    with time zone)
  from public;

grant execute
  on function private.due_or_after_new_pages(text, text[], timestamp with time zone, timestamp
    with time zone)
  to postgres, service_role;

revoke all on function private.end_look() from public;

grant execute on function private.end_look() to postgres, service_role;

revoke all on function private.failed_look_wait(integer) from public;

grant execute on function private.failed_look_wait(integer) to postgres, service_role;

revoke all on function private.forget_ended_check() from public;

grant execute on function private.forget_ended_check() to postgres, service_role;

revoke all on function private.gap_band(double precision) from public;

grant execute on function private.gap_band(double precision) to postgres, service_role;

revoke all on function private.hosts_with_new_pages() from public;

grant execute on function private.hosts_with_new_pages() to postgres, service_role;

revoke all on function private.index_says(public.vehicle_listings, numeric, jsonb) from public;

grant execute
  on function private.index_says(public.vehicle_listings, numeric, jsonb)
  to postgres, service_role;

revoke all
  on function private.look_after_index(interval, timestamp with time zone, timestamp
    with time zone, timestamp with time zone, text)
  from public;

grant execute
  on function private.look_after_index(interval, timestamp with time zone, timestamp
    with time zone, timestamp with time zone, text)
  to postgres, service_role;

revoke all on function private.look_at_moved_listing() from public;

grant execute on function private.look_at_moved_listing() to postgres, service_role;

revoke all on function private.look_at_relisted(jsonb) from public;

grant execute on function private.look_at_relisted(jsonb) to postgres, service_role;

revoke all on function private.look_every(text, text, interval) from public;

grant execute on function private.look_every(text, text, interval) to postgres, service_role;

revoke all on function private.minute_of(timestamp with time zone) from public;

grant execute on function private.minute_of(timestamp with time zone) to postgres, service_role;

revoke all
  on function private.next_look_at(text, interval, timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.next_look_at(text, interval, timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.note_index_looks(jsonb) from public;

grant execute on function private.note_index_looks(jsonb) to postgres, service_role;

revoke all
  on function private.note_look(public.vehicle_listings, public.vehicle_listings, jsonb, text)
  from public;

grant execute
  on function private.note_look(public.vehicle_listings, public.vehicle_listings, jsonb, text)
  to postgres, service_role;

revoke all on function private.planned_looks(jsonb) from public;

grant execute on function private.planned_looks(jsonb) to postgres, service_role;

revoke all on function private.promote_due_listing_checks(integer) from public;

grant execute on function private.promote_due_listing_checks(integer) to postgres, service_role;

revoke all on function private.refresh_change_rates(timestamp with time zone) from public;

grant execute
  on function private.refresh_change_rates(timestamp with time zone)
  to postgres, service_role;

revoke all on function private.rescue_listing_checks(integer) from public;

grant execute on function private.rescue_listing_checks(integer) to postgres, service_role;

revoke all on function private.seen_at(jsonb, text) from public;

grant execute on function private.seen_at(jsonb, text) to postgres, service_role;

revoke all on function private.settle_listing_checks(jsonb) from public;

grant execute on function private.settle_listing_checks(jsonb) to postgres, service_role;

revoke all on function private.write_change_rates(jsonb) from public;

grant execute on function private.write_change_rates(jsonb) to postgres, service_role;

grant all on table private.change_rates_refreshed to postgres, service_role;

grant select on table public.listing_change_rates to authenticated;

grant all on table public.listing_change_rates to postgres, service_role;

grant select on table public.listing_checks to authenticated;

grant all on table public.listing_checks to postgres, service_role;

grant select on table public.listing_gap_counts to authenticated;

grant all on table public.listing_gap_counts to postgres, service_role;

grant select on table public.listing_looks to authenticated;

grant all on table public.listing_looks to postgres, service_role;

grant select on table public.freshness_status to authenticated;

grant all on table public.freshness_status to postgres, service_role;

alter table public.listing_checks
  add column source_host text generated always as (private.url_host(listing_url)) stored;

alter table public.listing_checks
  add column priority integer generated always as (private.minute_of(requeue_at)) stored not null;

comment on column public.listing_checks.priority is 'The minute of requeue_at: what has been due longest goes first.';

create index if not exists listing_checks_due on public.listing_checks using btree (priority, created_at, id)
  where ((status = 'pending'::text) and (next_attempt_at is null));

-- supabase/schemas/listing_checks/cron.sql
select cron.schedule('refresh-change-rates', '23 * * * *', 'select private.refresh_change_rates()');

-- supabase/schemas/listing_checks/seed.sql
select private.add_queue(
  'listing_checks', 'check-listings', 'complete', false, 'priority', p_reads_listings => true,
  p_promotes_itself => true);

-- A finished row says when its listing is looked at next.
update private.queues set keep_done = '10 years', since_column = 'requeue_at' where table_name = 'listing_checks';

insert into private.change_rates_refreshed (up_to) values ('-infinity') on conflict (one) do nothing;
