-- Probe sources.

-- A function may name what comes below it.
set check_function_bodies = off;

alter table public.listing_feeds
  drop constraint listing_feeds_kind_check;

create table public.source_address_patterns (
  source_id uuid not null,
  pattern text not null,
  is_listing boolean not null,
  learned_from integer not null default 0,
  listings_read integer not null default 0,
  others_read integer not null default 0,
  examples text[] not null default '{}'::text[],
  checked_at timestamp with time zone not null default now(),
  constraint source_address_patterns_learned_from_check check ((learned_from >= 0)),
  constraint source_address_patterns_listings_read_check check ((listings_read >= 0)),
  constraint source_address_patterns_others_read_check check ((others_read >= 0)),
  constraint source_address_patterns_pattern_check check ((pattern ~ '^/'::text)),
  constraint source_address_patterns_pkey primary key (source_id, pattern)
);

alter table public.source_address_patterns
  enable row level security;

create table public.source_probe_requests (
  id bigint generated always as identity not null,
  probe_id uuid not null,
  role text not null,
  url text not null,
  times_asked integer not null default 1,
  outcome text,
  result jsonb not null default '{}'::jsonb,
  asked_at timestamp with time zone not null default now(),
  constraint source_probe_requests_pkey primary key (id),
  constraint source_probe_requests_probe_id_url_key unique (probe_id, url),
  constraint source_probe_requests_result_check check ((jsonb_typeof(result) = 'object'::text)),
  constraint source_probe_requests_role_check
    check ((role = any (array['home'::text, 'sitemap'::text, 'feed'::text, 'list'::text, 'detail'::text]))),
  constraint source_probe_requests_times_asked_check check ((times_asked > 0))
);

alter table public.source_probe_requests
  enable row level security;

create table public.source_probes (
  id uuid not null default gen_random_uuid(),
  source_id uuid not null,
  cycle_id text,
  status text not null default 'pending'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  failure text,
  reason text,
  lease_token uuid,
  lease_expires_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  constraint a_lease_has_a_token_and_an_end check (((lease_token is null) = (lease_expires_at is null))),
  constraint a_leased_row_says_so check (((status = 'processing'::text) = (lease_token is not null))),
  constraint source_probes_attempts_check check ((attempts >= 0)),
  constraint source_probes_failure_check
    check
    ((failure = any (array['forbidden'::text, 'wall'::text, 'unreachable'::text, 'no_listings'::text,
    'unreadable'::text, 'another_car'::text, 'invalid'::text]))),
  constraint source_probes_pkey primary key (id),
  constraint source_probes_reason_check check ((reason <> ''::text)),
  constraint source_probes_status_check
    check ((status = any (array['pending'::text, 'processing'::text, 'passed'::text, 'failed'::text]))),
  constraint what_has_failed_says_how check (((status = 'failed'::text) = (failure is not null))),
  constraint what_is_over_says_why
    check (((status = any (array['passed'::text, 'failed'::text])) = ((completed_at is
    not null) and (reason is not null))))
);

alter table public.source_probes
  enable row level security;

alter table public.listing_feeds
  add column sitemap_level integer not null default 0;

create or replace function private.after_probe(p_failure text, p_failures bigint, p_approve text) returns text
language sql immutable
return case
  when p_failure is null then case p_approve when 'automatic' then 'probation' else 'candidate' end
  when p_failure in ('forbidden', 'another_car', 'invalid') then 'rejected'
  when p_failure = 'unreachable' and p_failures < 3 then 'candidate'
  else 'retired'
end;

create or replace function private.candidates_due(p_limit integer) returns setof public.scrape_sources
language sql stable
set search_path = ''
as $$
  select s.*
  from public.scrape_sources s
  where s.lifecycle = 'candidate'
    and s.is_active
    and coalesce(s.next_look_at, '-infinity') <= now()
  order by array_position('{operator,page_link,feed_link,sitemap,known_list,code}'::text[], s.found_by), s.lifecycle_at, s.slug
  limit greatest(p_limit, 0)
$$;

create or replace function private.due_listing_feeds(p_limit integer, p_ids uuid[] default null)
returns setof public.listing_feeds
language sql stable
set search_path = ''
as $$
  select f.*
  from public.listing_feeds f
  where (f.lease_token is null or f.lease_expires_at <= now())
    and case
      when p_ids is not null then f.id = any (p_ids) -- somebody asks for these: due or not, switched off or not
      else f.enabled
        and f.next_check_at <= now()
        and not exists (
          select
          from public.scrape_sources s
          where s.slug = f.source
            and (
              not s.is_active
              or not private.is_in_service(s.lifecycle)
              or s.next_look_at > now()
              or private.listings_still_allowed(s) = 0))
    end
  order by f.next_check_at, f.id
  limit p_limit
$$;

create or replace function private.feed_terms(p_source text) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce((
    select jsonb_build_object(
      'still_allowed', private.listings_still_allowed(s),
      'patterns', (
        select coalesce(jsonb_agg(p.pattern order by p.pattern), '[]')
        from public.source_address_patterns p
        where p.source_id = s.id and p.is_listing))
    from public.scrape_sources s
    where s.slug = p_source), '{"still_allowed": null, "patterns": []}')
$$;

create or replace function private.learn_from_probe(p_source public.scrape_sources, p_item jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.source_address_patterns as held
    (source_id, pattern, is_listing, learned_from, listings_read, others_read, examples)
  select p_source.id, p.pattern, p.is_listing, p.learned_from, p.listings_read, p.others_read, coalesce(p.examples, '{}')
  from jsonb_to_recordset(coalesce(p_item -> 'patterns', '[]')) as p(
    pattern text, is_listing boolean, learned_from integer, listings_read integer, others_read integer, examples text[])
  on conflict (source_id, pattern) do update
  set is_listing = excluded.is_listing,
      learned_from = excluded.learned_from,
      listings_read = excluded.listings_read,
      others_read = excluded.others_read,
      examples = excluded.examples,
      checked_at = now();
  insert into public.listing_feeds (source, url, kind, about, check_interval)
  select p_source.slug, f.url, f.kind, 'found by a probe',
    case f.kind when 'sitemap' then interval '6 hours' when 'rss' then interval '1 hour' else interval '2 hours' end
  from jsonb_to_recordset(coalesce(p_item -> 'feeds', '[]')) as f(url text, kind text)
  where private.source_of_host(private.url_host(f.url)) = p_source.id
  on conflict (canonical_url) do nothing; -- an operator's own stays as it is
end
$$;

create or replace function private.listings_still_allowed(s public.scrape_sources) returns integer
language plpgsql stable
set search_path = ''
as $$
begin
  if s.listings_allowed is null or s.lifecycle <> 'probation' then
    return null;
  end if;
  return greatest(0, s.listings_allowed - private.listings_of(s.hosts, s.listings_allowed) - (
    select count(*)::integer
    from public.listing_feeds f
    join public.import_queue q on q.discovered_from = f.url and q.status in ('pending', 'processing')
    where f.source = s.slug));
end
$$;

create or replace function private.probe_with_requests(p public.source_probes) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p.id,
    'lease_token', p.lease_token,
    'source_id', s.id,
    'slug', s.slug,
    'host', s.hosts[1],
    'start_url', s.start_url,
    'requests', (
      select coalesce(jsonb_agg(to_jsonb(r) - 'probe_id' order by r.id), '[]')
      from public.source_probe_requests r
      where r.probe_id = p.id))
  from public.scrape_sources s
  where s.id = p.source_id
$$;

create or replace function private.probes_left(p_cycle_id text, p_limit integer) returns integer
language sql stable
set search_path = ''
as $$
  select case
    when p_cycle_id is null then p_limit
    else least(p_limit, (select new_sources_ceiling from public.fill_policy) - (
      select count(*)::integer from public.source_probes where cycle_id = p_cycle_id))
  end
$$;

create or replace function private.rescue_source_probes(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select id
    from public.source_probes
    where lease_token is not null and lease_expires_at <= now()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  ),
  rescued as (
    update public.source_probes p
    set status = 'pending',
        lease_token = null,
        lease_expires_at = null
    from expired
    where p.id = expired.id
    returning 1
  )
  select count(*)::integer from rescued
$$;

create or replace function private.settle_source_probe(p_item jsonb) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_probe public.source_probes;
  v_source public.scrape_sources;
  v_failure text := p_item ->> 'failure';
  v_to text;
begin
  update public.source_probes
  set status = case when v_failure is null then 'passed' else 'failed' end,
      failure = v_failure,
      reason = coalesce(nullif(p_item ->> 'reason', ''), 'it passed'),
      completed_at = now(),
      lease_token = null,
      lease_expires_at = null
  where id = (p_item ->> 'id')::uuid and lease_token = (p_item ->> 'lease_token')::uuid
  returning * into v_probe;
  if not found then
    return null;
  end if;
  select * into v_source from public.scrape_sources where id = v_probe.source_id for no key update;
  perform private.learn_from_probe(v_source, p_item);
  v_to := private.after_probe(
    v_failure,
    (select count(*) from public.source_probes where source_id = v_source.id and failure = 'unreachable'),
    (select approve_sources from public.fill_policy));
  if v_source.lifecycle <> 'probing'
    or not private.set_lifecycle(v_source.id, v_to, v_probe.reason, v_probe.cycle_id, coalesce(p_item -> 'metrics', '{}'))
  then
    return v_source.lifecycle; -- a person decided meanwhile
  end if;
  update public.scrape_sources
  set confidence_cap = case when v_to = 'probation' then 0.79 else confidence_cap end,
      listings_allowed = case when v_to = 'probation' then 20 else listings_allowed end,
      next_look_at = case
        when v_to = 'candidate' and v_failure is null then 'infinity' -- waits for approve_source()
        when v_to = 'candidate' then greatest(date_trunc('day', now()) + interval '1 day', now() + interval '6 hours')
        when v_to = 'retired' then now() + interval '1 month'
      end
  where id = v_source.id;
  return v_to;
end
$$;

create or replace function public.add_sitemap_feeds(p_feed uuid, p_sitemaps jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_index public.listing_feeds;
  v_count integer;
begin
  select * into v_index from public.listing_feeds where id = p_feed;
  if not found or v_index.sitemap_level >= 2 then
    return 0;
  end if;
  with named as (
    select distinct on (public.canonical_listing_url(i.url)) i.url, i.lastmod
    from jsonb_to_recordset(p_sitemaps) as i(url text, lastmod timestamptz)
    where private.url_host(i.url) = private.url_host(v_index.url)
      and octet_length(i.url) <= 2048
      and public.canonical_listing_url(i.url) <> v_index.canonical_url
    order by public.canonical_listing_url(i.url), i.lastmod desc nulls last
  ),
  newest as (
    select * from named order by lastmod desc nulls last, url limit 200
  ),
  written as (
    insert into public.listing_feeds as held (source, url, kind, about, check_interval, sitemap_level)
    select v_index.source, s.url, 'sitemap', 'named by ' || left(v_index.url, 500), v_index.check_interval,
      v_index.sitemap_level + 1
    from newest s
    order by public.canonical_listing_url(s.url)
    on conflict (canonical_url) do update
    set next_check_at = now()
    where held.kind = 'sitemap'
      and held.failures = 0
      and held.next_check_at > now()
      and held.last_checked_at < (
        select max(s.lastmod) from newest s where public.canonical_listing_url(s.url) = held.canonical_url)
    returning (xmax = 0) as is_new
  )
  select count(*) filter (where is_new) into v_count from written;
  return v_count;
end
$$;

create or replace function public.claim_listing_feeds(p_limit integer default 20, p_ids uuid[] default null) returns jsonb
language sql
set search_path = ''
as $$
  with next as (
    select f.id
    from public.listing_feeds f
    where f.id in (select d.id from private.due_listing_feeds(p_limit, p_ids) d)
      and (f.lease_token is null or f.lease_expires_at <= now()) -- asked again once the row is locked
    order by f.id
    for update skip locked
  ),
  claimed as (
    update public.listing_feeds f
    set lease_token = gen_random_uuid(),
        lease_expires_at = now() + private.lease_of('listing_feeds')
    from next
    where f.id = next.id
    returning f.*
  )
  select coalesce(jsonb_agg(to_jsonb(claimed) || private.feed_terms(source) order by next_check_at, id), '[]') from claimed
$$;

create or replace function public.claim_source_probes(p_limit integer, p_cycle_id text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_open integer;
  v_id uuid;
  v_probes jsonb;
begin
  -- One at a time: two that count the probes of a cycle at once would both find room.
  perform pg_advisory_xact_lock(hashtextextended('source_probes', 0));
  perform private.rescue_source_probes(1000);
  select count(*) into v_open
  from public.source_probes
  where status = 'pending' and coalesce(next_attempt_at, '-infinity') <= now();
  for v_id in select id from private.candidates_due(private.probes_left(p_cycle_id, p_limit - v_open)) loop
    insert into public.source_probes (source_id, cycle_id) values (v_id, p_cycle_id) on conflict do nothing;
    perform private.set_lifecycle(v_id, 'probing', 'its turn has come', p_cycle_id);
  end loop;
  with next as (
    select p.id
    from public.source_probes p
    join public.scrape_sources s on s.id = p.source_id and s.is_active and s.lifecycle = 'probing'
    where p.status = 'pending' and coalesce(p.next_attempt_at, '-infinity') <= now()
    order by p.created_at, p.id
    limit greatest(p_limit, 0)
    for update of p skip locked
  ),
  claimed as (
    update public.source_probes p
    set status = 'processing',
        attempts = p.attempts + 1,
        lease_token = gen_random_uuid(),
        lease_expires_at = now() + private.lease_of('source_probes')
    from next
    where p.id = next.id
    returning p.*
  )
  select coalesce(jsonb_agg(private.probe_with_requests(c) order by c.created_at, c.id), '[]')
  into v_probes
  from claimed c;
  return v_probes;
end
$$;

create or replace function public.heartbeat_source_probes(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases('source_probes', p_tokens)
$$;

create or replace function public.preview_listing_feeds(p_limit integer default 20, p_ids uuid[] default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(f) || private.feed_terms(f.source) order by f.next_check_at, f.id), '[]')
  from private.due_listing_feeds(p_limit, p_ids) f
$$;

create or replace function public.preview_source_probes(p_limit integer, p_cycle_id text default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(host), '[]')
  from (
    (
      select s.hosts[1] as host
      from public.source_probes p
      join public.scrape_sources s on s.id = p.source_id and s.is_active and s.lifecycle = 'probing'
      where p.completed_at is null and coalesce(p.next_attempt_at, '-infinity') <= now()
      order by p.created_at, p.id
      limit p_limit
    )
    union all
    (select hosts[1] from private.candidates_due(private.probes_left(p_cycle_id, p_limit)))
    limit p_limit
  ) h
$$;

create or replace function public.record_source_probe(p_id uuid, p_lease_token uuid, p_answer jsonb, p_next jsonb) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.source_probes
  set lease_expires_at = now() + private.lease_of('source_probes')
  where id = p_id and lease_token = p_lease_token;
  if not found then
    return false;
  end if;
  if p_answer ->> 'outcome' is null then -- it was not made: nothing is counted
    delete from public.source_probe_requests where probe_id = p_id and url = p_answer ->> 'url' and times_asked = 1;
    update public.source_probe_requests
    set times_asked = times_asked - 1
    where probe_id = p_id and url = p_answer ->> 'url';
  end if;
  update public.source_probe_requests
  set outcome = p_answer ->> 'outcome',
      result = coalesce(p_answer -> 'result', '{}')
  where probe_id = p_id and url = p_answer ->> 'url' and p_answer ->> 'outcome' is not null;
  insert into public.source_probe_requests as held (probe_id, role, url, result)
  select p_id, p_next ->> 'role', p_next ->> 'url', jsonb_strip_nulls(jsonb_build_object('pattern', p_next -> 'pattern'))
  where jsonb_typeof(p_next) = 'object'
  on conflict (probe_id, url) do update
  set times_asked = held.times_asked + 1,
      asked_at = now();
  return true;
end
$$;

create or replace function public.release_source_probes(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  with mine as (
    select p.id, private.bounded(i.retry_at) as retry_at
    from jsonb_to_recordset(p_items) as i(id uuid, lease_token uuid, retry_at timestamptz)
    join public.source_probes p on p.id = i.id and p.lease_token = i.lease_token
    order by p.id
    for update of p
  ),
  released as (
    update public.source_probes p
    set status = 'pending',
        next_attempt_at = mine.retry_at,
        lease_token = null,
        lease_expires_at = null
    from mine
    where p.id = mine.id
    returning 1
  )
  select count(*)::integer from released
$$;

create or replace function public.settle_source_probes(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_item jsonb;
  v_results jsonb := '[]';
begin
  for v_item in select i from jsonb_array_elements(p_items) i loop -- a handful
    v_results := v_results || jsonb_build_array(
      jsonb_build_object('id', v_item -> 'id', 'lifecycle', private.settle_source_probe(v_item)));
  end loop;
  return v_results;
end
$$;

alter table public.listing_feeds
  add constraint listing_feeds_kind_check
    check ((kind = any (array['index'::text, 'rss'::text, 'search'::text, 'sitemap'::text])));

alter table public.listing_feeds
  add constraint listing_feeds_sitemap_level_check check (((sitemap_level >= 0) and (sitemap_level <= 2)));

alter table public.source_address_patterns
  add constraint source_address_patterns_source_id_fkey foreign key (source_id)
    references public.scrape_sources(id) on delete cascade;

alter table public.source_probe_requests
  add constraint source_probe_requests_probe_id_fkey foreign key (probe_id)
    references public.source_probes(id) on delete cascade;

alter table public.source_probes
  add constraint source_probes_source_id_fkey foreign key (source_id) references public.scrape_sources(id)
    on delete cascade;

create index if not exists import_queue_by_feed on public.import_queue using btree (discovered_from)
  where ((status = any (array['pending'::text, 'processing'::text])) and (discovered_from is not null));

create index if not exists listing_feeds_by_source on public.listing_feeds using btree (source);

create index if not exists source_probes_by_cycle on public.source_probes using btree (cycle_id)
  where (cycle_id is not null);

create index if not exists source_probes_by_source on public.source_probes using btree (source_id, created_at desc);

create index if not exists source_probes_leased on public.source_probes using btree (lease_expires_at)
  where (lease_token is not null);

create unique index if not exists source_probes_open on public.source_probes using btree (source_id)
  where (completed_at is null);

create policy operators_read on public.source_address_patterns
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.source_probe_requests
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.source_probes
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.listing_feeds.sitemap_level is 'How many indexes of sitemaps lead to it; none that is named deeper is followed.';

comment on column public.source_probes.failure is 'forbidden: robots.txt; wall: it refuses machines; no_listings: no page of a vehicle was found; unreadable: they state too little; another_car: they show data of other cars.';

comment on column public.source_probes.lease_expires_at is 'When the worker counts as dead, unless it has asked for more time.';

comment on column public.source_probes.lease_token is 'Who works on the row. Settling and releasing name it: a worker whose token stands here no more changes nothing.';

comment on function private.after_probe(text, bigint, text) is 'What a source is after a probe that failed so, for the nth time, or passed (null). One that could not be reached is tried on three days.';

comment on function private.candidates_due(integer) is 'The candidates to probe next: those that an operator named first, then those that pages lead to, then those of the list.';

comment on function private.feed_terms(text) is 'For a check of a source''s feed: {still_allowed: how many listings may be queued, null for any; patterns: how addresses of listings are made}.';

comment on function private.learn_from_probe(public.scrape_sources, jsonb) is 'Keeps how the addresses of a source are made and where it lists them, as a probe found.';

comment on function private.listings_still_allowed(public.scrape_sources) is 'How many listings of a source in probation may still be queued: those that were read and those that wait count. Null: any number.';

comment on function private.probe_with_requests(public.source_probes) is 'A probe as who goes on with it needs it: {id, lease_token, source_id, slug, host, start_url, requests}.';

comment on function private.probes_left(text, integer) is 'How many sources may still be probed in a cycle, by fill_policy; a person may probe any number.';

comment on function private.rescue_source_probes(integer) is 'Takes back the probes of workers that died: they go on where their requests stand. Gives how many.';

comment on function private.settle_source_probe(jsonb) is 'Ends one probe. Gives the lifecycle of its source; null when the lease was lost, and nothing was changed.';

comment on function public.add_sitemap_feeds(uuid, jsonb) is 'The sitemaps that an index of sitemaps names, as [{url, lastmod}], become feeds of its source, at most 200 and three deep; one that is a feed already and was changed since is due. Gives how many are new.';

comment on function public.claim_listing_feeds(integer, uuid[]) is 'Leases feeds, each under a fresh lease_token: those due, or those named that no other run holds; with what is known of their source (feed_terms).';

comment on function public.claim_source_probes(integer, text) is 'Leases probes: those that somebody began and did not end, then new ones of candidates, in a cycle no more than fill_policy.new_sources_ceiling. Gives [{id, lease_token, source_id, slug, host, start_url, requests}].';

comment on function public.heartbeat_source_probes(uuid[]) is 'Extends the leases that are still held; gives how many.';

comment on function public.preview_source_probes(integer, text) is 'The hosts that claim_source_probes() would take now. Changes nothing.';

comment on function public.record_source_probe(uuid, uuid, jsonb, jsonb) is 'Writes what a request of a probe brought, as {url, outcome, result} (no outcome: it was not made), and which is made next, as {role, url, pattern}, before it is made. Gives whether the lease still holds.';

comment on function public.release_source_probes(jsonb) is 'Hands back probes that are not over, as [{id, lease_token, retry_at}]: they go on where their requests stand.';

comment on function public.settle_source_probes(jsonb) is 'Ends probes, as [{id, lease_token, failure, reason, metrics, patterns, feeds}], failure null for one that passed: its source goes into probation, or waits for approve_source() where fill_policy says by_hand. Gives [{id, lifecycle}].';

comment on table public.source_address_patterns is 'How the addresses of a source''s pages are made, learned from its sitemaps and lists and checked by reading some: /cars/{number}, /lot/{coded}.html. Where is_listing, such an address is queued.';

comment on table public.source_probe_requests is 'One row an address that a probe asked for, and what came: outcome is null until its answer is written. The robots.txt before them is one more request.';

comment on table public.source_probes is 'One row a time that a candidate was tried, at most ten requests, with how it ended. Leased while it is under way: who takes it up goes on where its requests stand.';

revoke all on function private.after_probe(text, bigint, text) from public;

grant execute on function private.after_probe(text, bigint, text) to postgres, service_role;

revoke all on function private.candidates_due(integer) from public;

grant execute on function private.candidates_due(integer) to postgres, service_role;

revoke all on function private.feed_terms(text) from public;

grant execute on function private.feed_terms(text) to postgres, service_role;

revoke all on function private.learn_from_probe(public.scrape_sources, jsonb) from public;

grant execute
  on function private.learn_from_probe(public.scrape_sources, jsonb)
  to postgres, service_role;

revoke all on function private.listings_still_allowed(public.scrape_sources) from public;

grant execute
  on function private.listings_still_allowed(public.scrape_sources)
  to postgres, service_role;

revoke all on function private.probe_with_requests(public.source_probes) from public;

grant execute on function private.probe_with_requests(public.source_probes) to postgres, service_role;

revoke all on function private.probes_left(text, integer) from public;

grant execute on function private.probes_left(text, integer) to postgres, service_role;

revoke all on function private.rescue_source_probes(integer) from public;

grant execute on function private.rescue_source_probes(integer) to postgres, service_role;

revoke all on function private.settle_source_probe(jsonb) from public;

grant execute on function private.settle_source_probe(jsonb) to postgres, service_role;

revoke all on function public.add_sitemap_feeds(uuid, jsonb) from public;

grant execute on function public.add_sitemap_feeds(uuid, jsonb) to postgres, service_role;

revoke all on function public.claim_source_probes(integer, text) from public;

grant execute on function public.claim_source_probes(integer, text) to postgres, service_role;

revoke all on function public.heartbeat_source_probes(uuid[]) from public;

grant execute on function public.heartbeat_source_probes(uuid[]) to postgres, service_role;

revoke all on function public.preview_source_probes(integer, text) from public;

grant execute on function public.preview_source_probes(integer, text) to postgres, service_role;

revoke all on function public.record_source_probe(uuid, uuid, jsonb, jsonb) from public;

grant execute
  on function public.record_source_probe(uuid, uuid, jsonb, jsonb)
  to postgres, service_role;

revoke all on function public.release_source_probes(jsonb) from public;

grant execute on function public.release_source_probes(jsonb) to postgres, service_role;

revoke all on function public.settle_source_probes(jsonb) from public;

grant execute on function public.settle_source_probes(jsonb) to postgres, service_role;

grant select on table public.source_address_patterns to authenticated;

grant all on table public.source_address_patterns to postgres, service_role;

grant select on table public.source_probe_requests to authenticated;

grant all on table public.source_probe_requests to postgres, service_role;

grant select on table public.source_probes to authenticated;

grant all on table public.source_probes to postgres, service_role;

-- supabase/schemas/sources/seed.sql
select private.add_lease('source_probes', 'status = ''processing''');
