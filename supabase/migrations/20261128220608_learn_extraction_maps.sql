-- Learn extraction maps.

-- A function may name what comes below it.
set check_function_bodies = off;

create table public.extraction_map_comparisons (
  map_id uuid not null,
  snapshot_id uuid not null,
  field_name text not null,
  map_value text not null,
  other_value text,
  agrees boolean,
  while_serving boolean not null default false,
  compared_at timestamp with time zone not null default now(),
  constraint extraction_map_comparisons_field_name_check check ((field_name <> ''::text)),
  constraint extraction_map_comparisons_pkey primary key (map_id, snapshot_id, field_name),
  constraint what_nothing_else_reads_is_not_compared check (((agrees is null) = (other_value is null)))
);

alter table public.extraction_map_comparisons
  enable row level security;

create table public.extraction_map_jobs (
  id uuid not null default gen_random_uuid(),
  vehicle_id uuid,
  source text not null,
  hosts text[] not null,
  cause text not null,
  fields text[] not null default '{}'::text[],
  step text not null default 'sample'::text,
  state jsonb not null default '{}'::jsonb,
  steps_done integer not null default 0,
  result text,
  status text not null default 'pending'::text,
  attempts integer not null default 0,
  max_attempts integer not null default 5,
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
  constraint extraction_map_jobs_attempts_check check ((attempts >= 0)),
  constraint extraction_map_jobs_cause_check
    check
    ((cause = any (array['unreadable'::text, 'coverage'::text, 'new_source'::text, 'manual'::text,
    'watch'::text]))),
  constraint extraction_map_jobs_hosts_check check ((cardinality(hosts) > 0)),
  constraint extraction_map_jobs_max_attempts_check check ((max_attempts > 0)),
  constraint extraction_map_jobs_pkey primary key (id),
  constraint extraction_map_jobs_result_check check ((result <> ''::text)),
  constraint extraction_map_jobs_source_check check ((source <> ''::text)),
  constraint extraction_map_jobs_state_check check ((jsonb_typeof(state) = 'object'::text)),
  constraint extraction_map_jobs_status_check
    check ((status = any (array['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text]))),
  constraint extraction_map_jobs_step_check
    check ((step = any (array['sample'::text, 'index'::text, 'learn'::text, 'compare'::text, 'done'::text]))),
  constraint extraction_map_jobs_steps_done_check check ((steps_done >= 0))
);

alter table public.extraction_map_jobs
  enable row level security;

alter table public.extraction_map_jobs
  set (autovacuum_analyze_scale_factor=0.05, autovacuum_vacuum_scale_factor=0.05);

create table public.extraction_map_pages (
  job_id uuid not null,
  number integer not null,
  snapshot_id uuid not null,
  vehicle_id uuid,
  url text not null,
  facts jsonb not null default '{}'::jsonb,
  not_held text[] not null default '{}'::text[],
  left_out text,
  page_index jsonb,
  constraint extraction_map_pages_facts_check check ((jsonb_typeof(facts) = 'object'::text)),
  constraint extraction_map_pages_left_out_check check ((left_out <> ''::text)),
  constraint extraction_map_pages_number_check check ((number >= 0)),
  constraint extraction_map_pages_pkey primary key (job_id, number)
);

alter table public.extraction_map_pages
  enable row level security;

create table public.extraction_maps (
  id uuid not null default gen_random_uuid(),
  source text not null,
  hosts text[] not null,
  template text not null,
  version integer not null,
  status text not null default 'draft'::text,
  cause text not null,
  rules jsonb not null,
  fields text[] not null default '{}'::text[],
  support integer not null,
  held_out integer not null,
  errors integer not null,
  learned_from uuid[] not null default '{}'::uuid[],
  scraper_version_id uuid,
  created_at timestamp with time zone not null default now(),
  serving_at timestamp with time zone,
  retired_at timestamp with time zone,
  retired_because text,
  constraint extraction_maps_cause_check
    check ((cause = any (array['unreadable'::text, 'coverage'::text, 'new_source'::text, 'manual'::text]))),
  constraint extraction_maps_check check (((errors >= 0) and (errors <= held_out))),
  constraint extraction_maps_held_out_check check ((held_out >= 0)),
  constraint extraction_maps_hosts_check check ((cardinality(hosts) > 0)),
  constraint extraction_maps_pkey primary key (id),
  constraint extraction_maps_retired_because_check check ((retired_because <> ''::text)),
  constraint extraction_maps_rules_check check ((jsonb_typeof(rules) = 'object'::text)),
  constraint extraction_maps_source_check check ((source <> ''::text)),
  constraint extraction_maps_source_version_template_key unique (source, version, template),
  constraint extraction_maps_status_check
    check ((status = any (array['draft'::text, 'shadow'::text, 'serving'::text, 'retired'::text]))),
  constraint extraction_maps_support_check check ((support >= 0)),
  constraint extraction_maps_template_check check ((template <> ''::text)),
  constraint extraction_maps_version_check check ((version > 0)),
  constraint what_is_retired_says_why check (((status = 'retired'::text) = ((retired_at is
    not null) and (retired_because is not null)))),
  constraint what_serves_gives_fields check (((status <> 'serving'::text) or (cardinality(fields) > 0))),
  constraint what_serves_says_since_when check (((status <> 'serving'::text) or (serving_at is not null)))
);

alter table public.extraction_maps
  enable row level security;

create or replace function private.claim_extraction_map_jobs (
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
          
          with claimed as (
            update public.extraction_map_jobs t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.extraction_map_jobs c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts)
                 and (c.created_at, c.id) > (v_head.created_at, v_head.id)
              order by  c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by  c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
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
          
          with claimed as (
            update public.extraction_map_jobs t
            set status = 'processing',
                lease_token = gen_random_uuid(),
                lease_expires_at = now() + p_lease,
                attempts = t.attempts + 1,
                max_attempts = coalesce(p_max_attempts, t.max_attempts)
            where t.id = any (array(
              select c.id
              from public.extraction_map_jobs c
              where c.status = 'pending'
                and c.next_attempt_at is null
                and c.attempts < coalesce(p_max_attempts, c.max_attempts)
                
              order by  c.created_at, c.id
              limit p_limit - jsonb_array_length(v_rows)
              for update skip locked
            ))
            returning t.*
          )
          select v_rows || coalesce(jsonb_agg(to_jsonb(c) order by  c.created_at, c.id), '[]') into v_rows
          from claimed c;
    
          v_pages := v_pages + pg_stat_get_xact_blocks_fetched(to_regclass('public.extraction_map_jobs_due'));
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
            select table_name from private.queue_heads where table_name = 'extraction_map_jobs' for update skip locked
          );
        end if;
        return v_rows;
      end
      $function$;

create or replace function private.drop_contradicted_fields(p_map_ids uuid[], p_while_serving boolean) returns void
language sql
set search_path = ''
as $$
  with contradicted as (
    select c.map_id, array_agg(c.field_name) as fields
    from (
      select x.map_id, x.field_name
      from public.extraction_map_comparisons x
      where x.map_id = any (p_map_ids) and x.agrees is not null and x.while_serving = p_while_serving
      group by x.map_id, x.field_name
      -- In shadow one is enough; of many readings while it serves, two and one in twenty.
      having count(*) filter (where not x.agrees) >= case when p_while_serving then greatest(2, 0.05 * count(*)) else 1 end
    ) c
    group by c.map_id
  ),
  left_over as (
    select m.id, array(select f from unnest(m.fields) f where f <> all (c.fields) order by f) as fields, c.fields as gone
    from public.extraction_maps m
    join contradicted c on c.map_id = m.id
    where m.status in ('shadow', 'serving') and m.fields && c.fields
  )
  update public.extraction_maps m
  set fields = l.fields,
      status = case when l.fields = '{}' then 'retired' else m.status end,
      retired_at = case when l.fields = '{}' then now() end,
      retired_because = case when l.fields = '{}' then 'contradicted: ' || array_to_string(l.gone, ', ') end
  from left_over l
  where m.id = l.id
$$;

create or replace function private.held_before(v public.vehicles, p_host text, p_page_at timestamptz) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(f, held.value), '{}')
  from (select to_jsonb(v) - 'description' as row_) r
  cross join lateral unnest(private.learnable_fields()) f
  cross join lateral (
    select nullif(r.row_ -> f, 'null') as value, v.field_state -> f as state
  ) held
  where case
    when held.value is null then held.state ->> 'why' = 'absent_at_source'
    else coalesce((held.state ->> 'confidence')::numeric, 0) >= 0.8
      and (
        held.state ->> 'source' is distinct from p_host
        or coalesce((held.state ->> 'page_at')::timestamptz, '-infinity') < p_page_at)
  end
$$;

create or replace function private.judge_serving_maps(p_source text, p_pages integer, p_adapter_reads integer) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := array(select m.id from public.extraction_maps m where m.source = p_source and m.status = 'serving');
  v_retired integer;
begin
  perform private.drop_contradicted_fields(v_ids, true);
  if p_adapter_reads >= 5 and p_adapter_reads >= 0.8 * p_pages then
    perform public.retire_extraction_map(m.id, format('the adapter reads %s of %s pages again', p_adapter_reads, p_pages))
    from public.extraction_maps m
    where m.id = any (v_ids) and m.status = 'serving';
  end if;
  select count(*) into v_retired from public.extraction_maps m where m.id = any (v_ids) and m.status = 'retired';
  return format('%s of %s maps retired; the adapter read %s of %s pages', v_retired, cardinality(v_ids), p_adapter_reads, p_pages);
end
$$;

create or replace function private.judge_shadow_maps(j public.extraction_map_jobs, p_adapter_reads integer) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := array(select id::uuid from jsonb_array_elements_text(j.state -> 'map_ids') id);
  v_served uuid[];
  v_drafts integer;
begin
  perform private.drop_contradicted_fields(v_ids, false);
  v_served := array(
    select m.id
    from public.extraction_maps m
    where m.id = any (v_ids)
      and m.status = 'shadow'
      -- Nothing else reads its pages: then what was held out speaks for it.
      and (p_adapter_reads = 0 or (
        select count(distinct c.snapshot_id)
        from public.extraction_map_comparisons c
        where c.map_id = m.id and c.agrees is not null) >= 20));
  perform private.serve_extraction_maps(v_served);
  if exists (select from public.extraction_maps m where m.id = any (v_ids) and m.status = 'shadow') then
    if j.created_at > now() - interval '1 day' then
      return null;
    end if;
    update public.extraction_maps
    set status = 'retired', retired_at = now(), retired_because = 'a day in shadow, and too little to compare it with'
    where id = any (v_ids) and status = 'shadow';
  end if;
  select count(*) into v_drafts from public.extraction_maps m where m.id = any (v_ids) and m.status = 'draft';
  return format('%s of %s maps serve%s', cardinality(v_served), cardinality(v_ids),
    case when v_drafts > 0 then format('; %s drafts: too few pages to be sure', v_drafts) else '' end);
end
$$;

create or replace function private.learnable_fields() returns text[]
language sql immutable parallel safe
return array[
  'year', 'make', 'model', 'trim', 'vin', 'mileage', 'color', 'interior_color', 'engine', 'transmission', 'drivetrain',
  'body_style', 'sale_price', 'high_bid', 'asking_price', 'currency', 'sale_date', 'seller_name', 'location'];

create or replace function private.learned_maps()
returns table (kind text, source text, subject text, state text, what text, learned_from text, since timestamptz, changed text)
language sql stable
set search_path = ''
as $$
  select
    'extraction map',
    m.source,
    format('%s, version %s', m.template, m.version),
    m.status,
    case
      when m.status = 'retired' then m.retired_because
      when m.fields = '{}' then 'gives no field'
      else 'gives ' || array_to_string(m.fields, ', ')
    end,
    format('%s pages (%s); %s of %s trials on pages held out were right',
      cardinality(m.learned_from), m.cause, m.held_out - m.errors, m.held_out),
    coalesce(m.retired_at, m.serving_at, m.created_at),
    case when v.id is not null then format(
      '%s vehicles read again from snapshots, %s of them changed', v.completed, v.backfilled_count) end
  from public.extraction_maps m
  left join public.scraper_version_status v on v.id = m.scraper_version_id
$$;

create or replace function private.map_scraper(p_source text) returns text
language sql immutable parallel safe
return 'map:' || p_source;

create or replace function private.may_learn(p_source text) returns boolean
language sql stable
set search_path = ''
as $$
  select not exists (
    select from public.extraction_map_jobs j where j.source = p_source and j.status in ('pending', 'processing')
  ) and coalesce((
    -- The more often nothing came of it on one day, the longer until the next try.
    select max(j.processed_at) + interval '10 minutes' * 2 ^ least(count(*), 7)
    from public.extraction_map_jobs j
    where j.source = p_source and j.cause <> 'watch' and j.created_at > now() - interval '1 day'
  ), '-infinity') < now()
$$;

create or replace function private.next_host_of_scraper(p_scraper text, p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text := p_after;
begin
  loop -- one look into the index of hosts for each host, however many vehicles it has
    v_host := private.next_listing_host(v_host);
    if v_host is null
      or private.scraper_of_host(v_host) = p_scraper
      or p_scraper = private.map_scraper(private.reading_source(v_host))
    then
      return v_host;
    end if;
  end loop;
end
$$;

create or replace function private.not_held(v public.vehicles, p_host text) returns text[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(f order by f), '{}')
  from unnest(private.learnable_fields()) f
  where v.field_state -> 'year' ->> 'source' = p_host
    and v.field_state -> f is null
    and nullif(to_jsonb(v) -> f, 'null') is null
$$;

create or replace function private.pages_to_learn_from(p_job public.extraction_map_jobs, p_limit integer)
returns table (snapshot_id uuid, vehicle_id uuid, url text, facts jsonb, not_held text[])
language sql stable
set search_path = ''
as $$
  with read as (
    select distinct on (s.url) s.url, s.source as host, s.vehicle_id, s.outcome_code, s.created_at
    from public.scrape_steps s
    where s.created_at > now() - interval '3 days'
      and s.source = any (p_job.hosts)
      and s.step_name = 'extract_data'
      and (s.status = 'success' or s.outcome_code = 'unreadable')
      and s.url is not null
    order by s.url, s.created_at desc
  ),
  newest as (
    select r.*, p.id as snapshot_id, p.fetched_at
    from read r
    cross join lateral (
      select p.id, p.fetched_at
      from public.page_snapshots p
      where p.canonical_url = public.canonical_listing_url(r.url)
        and p.is_good
        and p.last_seen_at > r.created_at - interval '1 hour'
      order by p.last_seen_at desc
      limit 1
    ) p
    where case p_job.cause
      when 'unreadable' then r.outcome_code = 'unreadable'
      when 'watch' then r.created_at > private.watched_since(p_job.source, p_job.id)
      else true
    end
    order by r.created_at desc, r.url
    limit 20 * p_limit
  ),
  known as (
    select
      n.*,
      private.held_before(v, n.host, n.fetched_at) as held,
      case when p_job.cause = 'unreadable' and v.id is not null then private.not_held(v, n.host) end as not_held
    from newest n
    left join public.vehicles v on v.id = n.vehicle_id
    limit 4 * p_limit
  )
  select k.snapshot_id, k.vehicle_id, k.url, coalesce(k.held, '{}'), coalesce(k.not_held, '{}')
  from known k
  where p_job.cause = 'watch'
    or (select count(*) from jsonb_each(k.held) e where e.value <> 'null') >= 3
  order by k.created_at desc, k.url
  limit p_limit
$$;

create or replace function private.promote_due_extraction_map_jobs (
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
        v_promoted integer;
      begin
        update public.extraction_map_jobs
        set next_attempt_at = null
        where id = any (array(
          select id
          from public.extraction_map_jobs
          where status = 'pending' and next_attempt_at <= now()
          order by next_attempt_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_promoted = row_count;
        return v_promoted;
      end
      $function$;

create or replace function private.queue_map_jobs() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into public.extraction_map_jobs (source, hosts, cause)
  select u.source, u.hosts, 'unreadable'
  from private.unreadable_sources() u
  where private.may_learn(u.source)
  union all
  select w.source, w.hosts, 'watch'
  from private.watched_sources() w
  where not exists (select from private.unreadable_sources() u where u.source = w.source and private.may_learn(u.source))
  on conflict do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.reading_source(p_host text) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    (select s.slug
     from public.scrape_sources s
     where s.found_by = 'code' and s.hosts && private.parent_domains(p_host)
     order by s.slug
     limit 1),
    p_host);
end
$$;

create or replace function private.refuse_bad_version(p_scraper text, p_version text, p_fields text[], p_priority integer)
returns void
language plpgsql stable
set search_path = ''
as $$
declare
  v_wrong text;
begin
  if coalesce(p_version, '') !~ '^v\d{1,6}\.\d{1,6}\.\d{1,6}$' then
    raise exception 'not a semantic version: "%"', ltrim(p_version, 'v')
      using errcode = '22023', hint = 'write MAJOR.MINOR.PATCH, for example v3.2.1';
  end if;
  if coalesce(p_priority, 0) not between 1 and 10 then
    raise exception 'priority must be from 1 (first) to 10 (last), not %', coalesce(p_priority::text, 'null')
      using errcode = '22023';
  end if;
  if coalesce(cardinality(p_fields), 0) = 0 then
    raise exception 'name at least one field that the version reads better' using errcode = '22023';
  end if;
  select string_agg(format('"%s"', f), ', ') into v_wrong
  from unnest(p_fields) f
  where coalesce(f <> all (private.fact_columns()), true);
  if v_wrong is not null then
    raise exception 'unknown field: %', v_wrong
      using errcode = '22023', hint = 'known are ' || array_to_string(private.fact_columns(), ', ');
  end if;
  if not exists (select from public.scrape_sources where scraper_name = p_scraper)
    and not exists (select from public.extraction_maps where private.map_scraper(source) = p_scraper)
  then
    raise exception 'unknown scraper: "%"', p_scraper
      using errcode = '22023',
        hint = 'known are ' || coalesce(
          (select string_agg(distinct scraper_name, ', ' order by scraper_name) from public.scrape_sources),
          'none: deploy the functions first');
  end if;
end
$$;

create or replace function private.rescue_extraction_map_jobs (
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
        perform private.release_when_free('extraction_map_jobs');
        -- The attempt counts: a row that kills its workers ends.
        update public.extraction_map_jobs
        set status = case when attempts >= max_attempts then 'failed' else 'pending' end,
            next_attempt_at = null,
            outcome_code = 'timeout',
            error_message = private.worker_died(),
            processed_at = case when attempts >= max_attempts then now() end,
            lease_token = null,
            lease_expires_at = null
        where id = any (array(
          select id
          from public.extraction_map_jobs
          where lease_token is not null and lease_expires_at <= now()
          order by lease_expires_at
          limit p_limit
          for update skip locked
        ));
        get diagnostics v_rescued = row_count;
        return v_rescued;
      end
      $function$;

create or replace function private.serve_extraction_maps(p_map_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  m record;
begin
  update public.extraction_maps
  set status = 'serving', serving_at = now()
  where id = any (p_map_ids) and status = 'shadow';

  for m in -- one source: the maps of a job
    select s.source, s.version, min(s.hosts) as hosts, array_agg(distinct f order by f) as fields
    from public.extraction_maps s
    cross join lateral unnest(s.fields) f
    where s.id = any (p_map_ids)
    group by s.source, s.version
  loop
    -- What the new ones were learned for is what the old ones did not read.
    update public.extraction_maps
    set status = 'retired', retired_at = now(), retired_because = format('replaced by version %s', m.version)
    where source = m.source
      and version < m.version
      and (status in ('draft', 'shadow') or status = 'serving' and id in (
        select replaced::uuid
        from public.extraction_maps n
        cross join lateral jsonb_array_elements_text(coalesce(n.rules -> 'replaces', '[]')) replaced
        where n.id = any (p_map_ids)));

    perform public.register_scraper_version(
      private.map_scraper(m.source), format('v%s.0.0', m.version), m.fields, 2,
      p_description => format('extraction map %s of %s', m.version, m.source));
    update public.extraction_maps s
    set scraper_version_id = v.id
    from public.scraper_versions v
    where s.id = any (p_map_ids)
      and v.scraper_name = private.map_scraper(m.source)
      and v.version = format('v%s.0.0', m.version);

    -- Listings that could not be read when they came in.
    update public.import_queue
    set status = 'pending', next_attempt_at = null
    where id in (
      select q.id
      from public.import_queue q
      where q.status in ('pending', 'failed')
        and q.outcome_code = 'unreadable'
        and private.url_host(q.listing_url) = any (m.hosts)
      order by q.id
      limit 10000
      for update skip locked);
  end loop;
end
$$;

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
                    else private.retry_after_failure(t.attempts, i.retry_at)
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
        select coalesce(
          jsonb_agg(jsonb_build_object('id', i.id, 'status', s.status) order by i.id), '[]'::jsonb)
        into v_result
        from items i
        left join settled s on s.id = i.id and s.lease_token = i.lease_token;
        return v_result;
      end
      $function$;

create or replace function private.unreadable_sources() returns table (source text, hosts text[], pages bigint)
language sql stable
set search_path = ''
as $$
  with by_host as (
    select s.source as host, s.url, max(s.created_at) as at
    from public.scrape_steps s
    where s.created_at > now() - interval '1 day'
      and s.status = 'failed'
      and s.outcome_code = 'unreadable'
      and s.url is not null
      and s.vehicle_id is not null
    group by s.source, s.url
  ),
  kept as (
    select private.reading_source(b.host) as source, b.host, b.url, b.at
    from by_host b
    where exists (
      select from public.page_snapshots p
      where p.canonical_url = public.canonical_listing_url(b.url)
        and p.is_good
        and p.last_seen_at > b.at - interval '1 hour')
  )
  select k.source, array_agg(distinct k.host), count(*)
  from kept k
  -- What a map that serves was not there to read says nothing against it.
  where k.at > coalesce((
    select max(m.serving_at) + interval '10 minutes' from public.extraction_maps m
    where m.source = k.source and m.status = 'serving'), '-infinity')
  group by k.source
  having count(*) >= 5
$$;

create or replace function private.watched_since(p_source text, p_but uuid) returns timestamptz
language sql stable
set search_path = ''
as $$
  select greatest(
    (select min(m.serving_at) from public.extraction_maps m where m.source = p_source and m.status = 'serving'),
    (select max(j.created_at) from public.extraction_map_jobs j
     where j.source = p_source and j.cause = 'watch' and j.id is distinct from p_but))
$$;

create or replace function private.watched_sources() returns table (source text, hosts text[])
language sql stable
set search_path = ''
as $$
  select m.source, array_agg(distinct h order by h)
  from public.extraction_maps m
  cross join lateral unnest(m.hosts) h
  where m.status = 'serving'
    and not exists (
      select from public.extraction_map_jobs j
      where j.source = m.source
        and (j.status in ('pending', 'processing') or j.cause = 'watch' and j.created_at > now() - interval '15 minutes'))
    -- Five pages that came since the last look.
    and (select count(*) from (
      select from public.scrape_steps s
      where s.created_at > private.watched_since(m.source, null)
        and s.created_at > now() - interval '1 day'
        and s.source = any (m.hosts)
        and s.step_name = 'extract_data'
      limit 5) newest) = 5
  group by m.source
$$;

create or replace function public.checkpoint_map_job(
  p_job_id uuid, p_token uuid, p_step text, p_state jsonb, p_pages jsonb default '[]'
) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.extraction_map_jobs
  set step = p_step,
      state = p_state,
      steps_done = steps_done + 1,
      attempts = 1 -- it goes on: only what fails at the same step counts
  where id = p_job_id and lease_token = p_token;
  if not found then
    return false;
  end if;
  update public.extraction_map_pages p
  set page_index = r.page_index,
      left_out = r.left_out
  from jsonb_to_recordset(p_pages) as r(number integer, page_index jsonb, left_out text)
  where p.job_id = p_job_id and p.number = r.number;
  return true;
end
$$;

create or replace function public.extraction_maps_of_job(p_job_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', m.id, 'source', m.source, 'version', m.version, 'fields', m.fields, 'rules', m.rules) order by m.id), '[]')
  from public.extraction_map_jobs j
  join public.extraction_maps m on m.source = j.source
    and case when j.cause = 'watch' then m.status = 'serving' else j.state -> 'map_ids' ? m.id::text end
  where j.id = p_job_id
$$;

create or replace function public.finish_map_job(p_job_id uuid, p_token uuid, p_result text) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.extraction_map_jobs
  set step = 'done',
      result = p_result,
      state = state - 'learned',
      steps_done = steps_done + 1
  where id = p_job_id and lease_token = p_token;
  if not found then
    return false;
  end if;
  delete from public.extraction_map_pages where job_id = p_job_id;
  perform private.settle_queue_row('extraction_map_jobs', p_job_id, p_token, 'ok', null, null);
  return true;
end
$$;

create or replace function public.learn_extraction_map(p_host text) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.reading_source(p_host);
  v_id uuid;
begin
  insert into public.extraction_map_jobs (source, hosts, cause)
  values (
    v_source,
    coalesce((select s.hosts from public.scrape_sources s where s.slug = v_source and s.found_by = 'code'), array[p_host]),
    'manual')
  on conflict (source) where status in ('pending', 'processing') do nothing
  returning id into v_id;
  if v_id is null then
    select id into v_id from public.extraction_map_jobs where source = v_source and status in ('pending', 'processing');
  end if;
  return v_id;
end
$$;

create or replace function public.map_job_pages(p_job_id uuid, p_from integer, p_limit integer) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(n) order by n.number), '[]')
  from (
    select
      p.number, p.url, p.facts,
      to_jsonb(s) - 'is_good' - 'last_seen_at' || '{"last_seen_ms_ago": 0}' as snapshot
    from public.extraction_map_pages p
    join public.page_snapshots s on s.id = p.snapshot_id
    where p.job_id = p_job_id and p.number >= p_from and p.left_out is null
    order by p.number
    limit p_limit
  ) n
$$;

create or replace function public.retire_extraction_map(p_map_id uuid, p_because text default 'retired by hand') returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.extraction_maps
  set status = 'retired', retired_at = now(), retired_because = p_because
  where id = p_map_id and status <> 'retired';
  return found;
end
$$;

create or replace function public.sample_map_pages(p_job_id uuid, p_token uuid, p_limit integer default 40) returns integer
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_count integer;
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  delete from public.extraction_map_pages where job_id = j.id;
  insert into public.extraction_map_pages (job_id, number, snapshot_id, vehicle_id, url, facts, not_held)
  select j.id, row_number() over () - 1, p.snapshot_id, p.vehicle_id, p.url, p.facts, p.not_held
  from private.pages_to_learn_from(j, case when j.cause = 'watch' then least(20, p_limit) else p_limit end) p;
  get diagnostics v_count = row_count;
  update public.extraction_map_jobs
  set step = case when cause = 'watch' or state ? 'map_ids' then 'compare' else 'index' end,
      steps_done = steps_done + 1
  where id = j.id;
  return v_count;
end
$$;

create or replace function public.serving_extraction_maps(p_known text default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object('version', v.version, 'maps', case when v.version is distinct from p_known then (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', m.id, 'source', m.source, 'version', m.version, 'fields', m.fields, 'rules', m.rules) order by m.id), '[]')
    from public.extraction_maps m
    where m.status = 'serving') end)
  from (
    select coalesce(md5(string_agg(m.id::text || m.fields::text, ' ' order by m.id)), 'none') as version
    from public.extraction_maps m
    where m.status = 'serving'
  ) v
$$;

create or replace function public.settle_map_comparisons(
  p_job_id uuid, p_token uuid, p_comparisons jsonb, p_pages integer, p_adapter_reads integer
) returns text
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_result text;
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  insert into public.extraction_map_comparisons
    (map_id, snapshot_id, field_name, map_value, other_value, agrees, while_serving)
  select c.map_id, c.snapshot_id, c.field_name, c.map_value, c.other_value, c.agrees, j.cause = 'watch'
  from jsonb_to_recordset(p_comparisons) as c(
    map_id uuid, snapshot_id uuid, field_name text, map_value text, other_value text, agrees boolean)
  on conflict do nothing;
  v_result := case
    when j.cause = 'watch' then private.judge_serving_maps(j.source, p_pages, p_adapter_reads)
    else private.judge_shadow_maps(j, p_adapter_reads)
  end;
  if v_result is null then -- there is too little to compare it with as yet
    delete from public.extraction_map_pages where job_id = j.id;
    update public.extraction_map_jobs set step = 'sample', steps_done = steps_done + 1 where id = j.id;
    perform public.release_queue('extraction_map_jobs', jsonb_build_array(jsonb_build_object(
      'id', j.id, 'lease_token', p_token, 'retry_at', now() + interval '15 minutes',
      'error', 'in shadow: fewer than 20 pages were read by the adapter, too')));
    return 'in shadow';
  end if;
  perform public.finish_map_job(j.id, p_token, v_result);
  return v_result;
end
$$;

create or replace function public.write_extraction_maps(p_job_id uuid, p_token uuid, p_maps jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_version integer;
  v_ids uuid[];
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  v_version := coalesce((select max(version) from public.extraction_maps where source = j.source), 0) + 1;
  with written as (
    insert into public.extraction_maps
      (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, learned_from)
    select
      j.source, j.hosts, m.template, v_version,
      case when m.confidence >= 0.75 and cardinality(m.fields) > 0 then 'shadow' else 'draft' end,
      j.cause, m.rules, m.fields, m.support, m.held_out, m.errors, m.learned_from
    from jsonb_to_recordset(p_maps) as m(
      template text, confidence numeric, rules jsonb, fields text[], support integer, held_out integer, errors integer,
      learned_from uuid[])
    returning id
  )
  select coalesce(array_agg(id), '{}') into v_ids from written;
  update public.extraction_map_jobs
  set step = 'compare',
      state = jsonb_build_object('map_ids', v_ids),
      steps_done = steps_done + 1,
      attempts = 1
  where id = j.id;
  return cardinality(v_ids);
end
$$;

alter table public.extraction_map_jobs
  add constraint extraction_map_jobs_vehicle_id_fkey foreign key (vehicle_id) references public.vehicles(id)
    on delete cascade;

alter table public.extraction_map_pages
  add constraint extraction_map_pages_job_id_fkey foreign key (job_id)
    references public.extraction_map_jobs(id) on delete cascade;

alter table public.extraction_map_comparisons
  add constraint extraction_map_comparisons_map_id_fkey foreign key (map_id)
    references public.extraction_maps(id) on delete cascade;

alter table public.extraction_maps
  add constraint extraction_maps_scraper_version_id_fkey foreign key (scraper_version_id)
    references public.scraper_versions(id) on delete set null;

create view public.learning_status with (security_invoker = true) as
select l.kind, l.source, l.subject, l.state, l.what, l.learned_from, l.since, l.changed
from (
  select * from private.learned_maps()
) l
order by l.since desc, l.kind, l.source, l.subject;

create index if not exists extraction_map_jobs_by_source on public.extraction_map_jobs using btree (source, created_at desc);

create index if not exists extraction_map_jobs_by_vehicle on public.extraction_map_jobs using btree (vehicle_id)
  where (vehicle_id is not null);

create index if not exists extraction_map_jobs_due on public.extraction_map_jobs using btree (created_at, id)
  where ((status = 'pending'::text) and (next_attempt_at is null));

create index if not exists extraction_map_jobs_finished on public.extraction_map_jobs using btree (status, processed_at)
  where (status = any (array['completed'::text, 'failed'::text]));

create index if not exists extraction_map_jobs_leased on public.extraction_map_jobs using btree (lease_expires_at)
  where (lease_token is not null);

create unique index if not exists extraction_map_jobs_one_open on public.extraction_map_jobs using btree (source)
  where (status = any (array['pending'::text, 'processing'::text]));

create index if not exists extraction_map_jobs_waiting on public.extraction_map_jobs using btree (next_attempt_at)
  where ((status = 'pending'::text) and (next_attempt_at is not null));

create index if not exists extraction_maps_serving on public.extraction_maps using btree (source)
  where (status = 'serving'::text);

create trigger invoke_worker
  after insert on public.extraction_map_jobs referencing new table as added
  for each statement
  execute function private.invoke_queue_worker();

create trigger reset_row_put_back_to_pending
  before update of status on public.extraction_map_jobs
  for each row
  when (((new.status = 'pending'::text) and ((old.status <> 'processing'::text) or (new.lease_token is
    not null)) and (coalesce(current_setting('queues.promoting'::text, true), ''::text) <> 'on'::text)))
  execute function private.reset_row_put_back_to_pending();

create policy operators_read on public.extraction_map_comparisons
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.extraction_map_jobs
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.extraction_map_pages
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.extraction_maps
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.extraction_map_jobs.cause is 'Why: its pages are unreadable, a field is seldom read any more (coverage), a new source has no markup, by hand; watch: looks at the maps that serve.';

comment on column public.extraction_map_jobs.fields is 'The fields that are missed; empty: whatever the pages show.';

comment on column public.extraction_map_jobs.lease_expires_at is 'When the worker counts as dead, unless it has asked for more time.';

comment on column public.extraction_map_jobs.lease_token is 'Who works on the row. Settling and releasing name it: a worker whose token stands here no more changes nothing.';

comment on column public.extraction_map_jobs.result is 'What came of it, in words.';

comment on column public.extraction_map_jobs.state is 'What the steps so far have come to; the pages stand in extraction_map_pages.';

comment on column public.extraction_map_jobs.vehicle_id is 'Null: a job is of a source. The kernel asks every queue for its vehicle.';

comment on column public.extraction_map_pages.facts is 'By field the value held; null where the page is known to lack it. A field that is not named is unknown.';

comment on column public.extraction_map_pages.left_out is 'Why nothing is learned from it: a wall, a shell, a page that its adapter reads.';

comment on column public.extraction_map_pages.not_held is 'The fields that an older page, which was read, seems not to have stated.';

comment on column public.extraction_map_pages.page_index is 'Its texts and where they stand; null while it was not read.';

comment on column public.extraction_maps.fields is 'The fields that it gives. One that is contradicted is taken out; when none is left, the map is retired.';

comment on column public.extraction_maps.held_out is 'How often its rules were tried on pages that had no part in learning them; errors: how often they were wrong there.';

comment on column public.extraction_maps.learned_from is 'The snapshots of the pages that it was learned from.';

comment on column public.extraction_maps.rules is '{map, names, currency, replaces}: the rules of each field, where the pages name the vehicle, the currency of their sums, and the maps whose pages it reads instead. JSON, never code.';

comment on column public.extraction_maps.source is 'As an extraction names it: the slug of the adapter, or the host of a site that has none.';

comment on function private.drop_contradicted_fields(uuid[], boolean) is 'Takes out of maps the fields in which what else reads their pages disagrees; a map that has none left is retired.';

comment on function private.held_before(public.vehicles, text, timestamp
  with time zone) is 'What is held of a vehicle with confidence 0.8 or more from another source, or from a page before p_page_at; null for what its source does not state.';

comment on function private.judge_serving_maps(text, integer, integer) is 'Looks at the maps that serve a source: what is contradicted goes, and all go when the adapter reads what they read.';

comment on function private.judge_shadow_maps(public.extraction_map_jobs, integer) is
  'Which maps of a job serve: nothing contradicts them on 20 pages that the adapter reads too, or it reads none. Null: not decided yet.';

comment on function private.learnable_fields() is 'The fields of which a page can show the place.';

comment on function private.learned_maps() is 'The extraction maps'' rows of learning_status.';

comment on function private.map_scraper(text) is 'Under which name of a scraper the maps of a source are registered, so that its pages are read again from snapshots.';

comment on function private.may_learn(text) is 'Whether a job may be made for a source: none is open, and after those of the last day there was a pause of 20, 40, 80 … minutes.';

comment on function private.not_held(public.vehicles, text) is 'The fields that are not held of a vehicle although pages of this host were read: most of them stated none.';

comment on function private.pages_to_learn_from(public.extraction_map_jobs, integer) is
  'The newest pages of a job''s source that were kept, with what is held of their vehicles: for unreadable only those that could not be read.';

comment on function private.queue_map_jobs() is 'Makes a job for each source whose pages cannot be read any more, and for each whose maps are to be looked at. Cron calls it. Gives how many.';

comment on function private.reading_source(text) is 'The source of a host as an extraction names it: the slug of its adapter, or the host itself where the general one reads.';

comment on function private.serve_extraction_maps(uuid[]) is 'Lets maps of one job read pages: retires those that they replace, registers a scraper version, so that snapshots are read again, and makes listings due that could not be read.';

comment on function private.unreadable_sources() is 'Sources of which five pages or more of known vehicles came on the last day, were kept, and could not be read.';

comment on function private.watched_since(text, uuid) is 'Since when no job has looked at the maps that serve a source, but for the job p_but; null where none serves.';

comment on function private.watched_sources() is 'Sources with a map that serves, of which five pages came since it was last looked at.';

comment on function public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb) is 'Writes down what a step of a job came to, and which is next; p_pages: [{number, page_index, left_out}]. False when the lease was lost.';

comment on function public.extraction_maps_of_job(uuid) is 'The maps that a job compares: those that it learned, or, for a watch, those that serve. As serving_extraction_maps() gives them.';

comment on function public.finish_map_job(uuid, uuid, text) is 'Ends a job with its result in words. False when the lease was lost.';

comment on function public.learn_extraction_map(text) is 'By hand: learns a map for the source of a host from its snapshots. Gives the job, also when one is under way.';

comment on function public.map_job_pages(uuid, integer, integer) is 'The next pages of a job, but for those that are left out: [{number, url, facts, snapshot}].';

comment on function public.retire_extraction_map(uuid, text) is 'Takes a map out of service, for good; what it read stays. False when it was retired already.';

comment on function public.sample_map_pages(uuid, uuid, integer) is 'The first step of a job: chooses its pages. Gives how many, or null when the lease was lost.';

comment on function public.serving_extraction_maps(text) is 'The maps that read pages now, as {version, maps}; maps is null when that is the version which the caller knows.';

comment on function public.settle_map_comparisons(uuid, uuid, jsonb, integer, integer) is
  'The last step of a job: what its maps read beside what the adapter reads. Decides what serves and what is retired, and gives it in words; null when the lease was lost.';

comment on function public.write_extraction_maps(uuid, uuid, jsonb) is 'Writes what a job has learned, a map a template: in shadow where its surest rule is held with 0.75 or more, else a draft. Gives how many, or null when the lease was lost.';

comment on table public.extraction_map_comparisons is 'One row a value that a map reads from a page, beside what the adapter reads there: in shadow, and now and then while it serves. Null: nothing else reads it.';

comment on table public.extraction_map_jobs is 'One row a time that a map is learned for a source, or that the serving ones are looked at (cause watch). Each step is written down when it is done: whoever takes the job up after a worker died goes on there.';

comment on table public.extraction_map_pages is 'The pages that a job learns from or looks at, with what is held of their vehicles from before or elsewhere. Gone when the job is done.';

comment on table public.extraction_maps is 'One row a template of a source and version: where its pages show known facts. Only what is serving reads pages.';

comment on view public.learning_status is 'What was learned, from what, since when, and what it changed: a row an extraction map.';

revoke all on function private.claim_extraction_map_jobs(integer, integer, interval) from public;

grant execute
  on function private.claim_extraction_map_jobs(integer, integer, interval)
  to postgres, service_role;

revoke all on function private.drop_contradicted_fields(uuid[], boolean) from public;

grant execute on function private.drop_contradicted_fields(uuid[], boolean) to postgres, service_role;

revoke all on function private.held_before(public.vehicles, text, timestamp with time zone) from public;

grant execute
  on function private.held_before(public.vehicles, text, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.judge_serving_maps(text, integer, integer) from public;

grant execute on function private.judge_serving_maps(text, integer, integer) to postgres, service_role;

revoke all on function private.judge_shadow_maps(public.extraction_map_jobs, integer) from public;

grant execute
  on function private.judge_shadow_maps(public.extraction_map_jobs, integer)
  to postgres, service_role;

revoke all on function private.learnable_fields() from public;

grant execute on function private.learnable_fields() to postgres, service_role;

revoke all on function private.learned_maps() from public;

grant execute on function private.learned_maps() to authenticated, postgres, service_role;

revoke all on function private.map_scraper(text) from public;

grant execute on function private.map_scraper(text) to authenticated, postgres, service_role;

revoke all on function private.may_learn(text) from public;

grant execute on function private.may_learn(text) to postgres, service_role;

revoke all on function private.not_held(public.vehicles, text) from public;

grant execute on function private.not_held(public.vehicles, text) to postgres, service_role;

revoke all on function private.pages_to_learn_from(public.extraction_map_jobs, integer) from public;

grant execute
  on function private.pages_to_learn_from(public.extraction_map_jobs, integer)
  to postgres, service_role;

revoke all on function private.promote_due_extraction_map_jobs(integer) from public;

grant execute on function private.promote_due_extraction_map_jobs(integer) to postgres, service_role;

revoke all on function private.queue_map_jobs() from public;

grant execute on function private.queue_map_jobs() to postgres, service_role;

revoke all on function private.reading_source(text) from public;

grant execute on function private.reading_source(text) to authenticated, postgres, service_role;

revoke all on function private.rescue_extraction_map_jobs(integer) from public;

grant execute on function private.rescue_extraction_map_jobs(integer) to postgres, service_role;

revoke all on function private.serve_extraction_maps(uuid[]) from public;

grant execute on function private.serve_extraction_maps(uuid[]) to postgres, service_role;

revoke all on function private.settle_extraction_map_jobs(jsonb) from public;

grant execute on function private.settle_extraction_map_jobs(jsonb) to postgres, service_role;

revoke all on function private.unreadable_sources() from public;

grant execute on function private.unreadable_sources() to postgres, service_role;

revoke all on function private.watched_since(text, uuid) from public;

grant execute on function private.watched_since(text, uuid) to postgres, service_role;

revoke all on function private.watched_sources() from public;

grant execute on function private.watched_sources() to postgres, service_role;

revoke all on function public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb) from public;

grant execute
  on function public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb)
  to postgres, service_role;

revoke all on function public.extraction_maps_of_job(uuid) from public;

grant execute on function public.extraction_maps_of_job(uuid) to postgres, service_role;

revoke all on function public.finish_map_job(uuid, uuid, text) from public;

grant execute on function public.finish_map_job(uuid, uuid, text) to postgres, service_role;

revoke all on function public.learn_extraction_map(text) from public;

grant execute on function public.learn_extraction_map(text) to postgres, service_role;

revoke all on function public.map_job_pages(uuid, integer, integer) from public;

grant execute on function public.map_job_pages(uuid, integer, integer) to postgres, service_role;

revoke all on function public.retire_extraction_map(uuid, text) from public;

grant execute on function public.retire_extraction_map(uuid, text) to postgres, service_role;

revoke all on function public.sample_map_pages(uuid, uuid, integer) from public;

grant execute on function public.sample_map_pages(uuid, uuid, integer) to postgres, service_role;

revoke all on function public.serving_extraction_maps(text) from public;

grant execute on function public.serving_extraction_maps(text) to postgres, service_role;

revoke all on function public.settle_map_comparisons(uuid, uuid, jsonb, integer, integer) from public;

grant execute
  on function public.settle_map_comparisons(uuid, uuid, jsonb, integer, integer)
  to postgres, service_role;

revoke all on function public.write_extraction_maps(uuid, uuid, jsonb) from public;

grant execute on function public.write_extraction_maps(uuid, uuid, jsonb) to postgres, service_role;

grant select on table public.extraction_map_comparisons to authenticated;

grant all on table public.extraction_map_comparisons to postgres, service_role;

grant select on table public.extraction_map_jobs to authenticated;

grant all on table public.extraction_map_jobs to postgres, service_role;

grant select on table public.extraction_map_pages to authenticated;

grant all on table public.extraction_map_pages to postgres, service_role;

grant select on table public.extraction_maps to authenticated;

grant all on table public.extraction_maps to postgres, service_role;

grant select on table public.learning_status to authenticated;

grant all on table public.learning_status to postgres, service_role;

-- supabase/schemas/learning/cron.sql
select cron.schedule('queue-map-jobs', '9-59/10 * * * *', 'select private.queue_map_jobs()');

-- supabase/schemas/learning/seed.sql
select private.add_queue('extraction_map_jobs', 'learn-extraction-maps', 'completed', true, null);
