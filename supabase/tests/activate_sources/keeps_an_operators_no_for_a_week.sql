begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

delete from listing_feeds;
delete from import_queue;
delete from worker_invocations;
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, is_active, lifecycle)
values ('good', 'good', 'dealer', '{good.example}', 'good', 'v1.0.0', true, 'active'),
  ('off', 'off', 'dealer', '{off.example}', 'off', 'v1.0.0', false, 'active'),
  ('given_up', 'given up', 'dealer', '{given-up.example}', 'given_up', 'v1.0.0', true, 'retired');
insert into listing_feeds (source, url, enabled, check_interval, is_adaptive, code_enabled, code_interval)
values ('good', 'https://good.example/new', true, '30 minutes', true, true, '30 minutes'),
  ('good', 'https://good.example/off', false, '30 minutes', true, true, '30 minutes'),
  ('good', 'https://good.example/slow', true, '8 hours', true, true, '30 minutes'),
  ('good', 'https://good.example/fixed', true, '30 minutes', false, true, '30 minutes'),
  ('off', 'https://off.example/new', true, '30 minutes', true, true, '30 minutes'),
  (null, 'https://www.off.example/more', true, '30 minutes', true, null, null);
insert into source_hosts (host, min_interval_ms, crawl_delay_ms)
values ('good.example', 2000, null), ('off.example', 1000, null), ('delay.example', 1000, 20000), ('given-up.example', 1000, null);
insert into import_queue (listing_url)
select 'https://' || h || '/' || n from unnest(array['good.example', 'off.example', 'delay.example', 'given-up.example']) h, generate_series(1, 300) n;
update fill_policy set target = 2000, workers_floor = 2, workers_ceiling = 3, batch_size_floor = 12, batch_size_ceiling = 18,
  requests_floor = 300, requests_ceiling = 900, feed_interval_floor = '20 minutes', host_interval_ceiling_ms = 9000, galleries = 'cover';

-- All that is an operator's, in one text.
create function pg_temp.of_operators() returns text language sql as $$
  select concat_ws(' | ',
    (select string_agg(concat_ws(' ', slug, is_active, lifecycle), ', ' order by slug) from scrape_sources where slug in ('good', 'off', 'given_up')),
    (select string_agg(concat_ws(' ', url, enabled, check_interval, is_adaptive), ', ' order by url) from listing_feeds),
    (select string_agg(concat_ws(' ', host, min_interval_ms, crawl_delay_ms, refusal_threshold, error_threshold), ', ' order by host) from source_hosts),
    (select p::text from fill_policy p))
$$;
create temp table operators as select pg_temp.of_operators() as was;
create temp table looks (url text, at integer);
create temp table seen (workers integer, batch_size integer, off_budget integer, given_up_budget integer, requests integer, slowed_ms integer, least_wait interval, revisit interval);

select setseed(0.3);
do $$
declare
  v_slot timestamptz := to_timestamp(floor(extract(epoch from now()) / 7200) * 7200) - interval '7 days';
  v_id text;
  v_feed jsonb;
  v_feeds jsonb;
begin
  for n in 0 .. 83 loop
    v_id := 'cycle ' || n;
    -- The slot stands in the past; what it holds until is two hours from now, as in its time.
    insert into public.fill_cycles (cycle_id, slot, target) values (v_id, v_slot + 84 * interval '2 hours', 2000);
    for r in 0 .. 2 loop -- every forty minutes
      perform public.scale_workers(v_id);
      perform public.activate_sources(v_id);
      insert into seen
      select (select max(workers) from private.worker_scales), (select max(batch_size) from private.worker_scales),
        (select coalesce(new_pages_budget, 0) from public.source_hosts where host = 'off.example'),
        (select coalesce(new_pages_budget, 0) from public.source_hosts where host = 'given-up.example'),
        (select to_value::integer from public.fill_decisions where lever = 'requests' order by id desc limit 1),
        (select max(slowed_interval_ms) from public.source_hosts),
        (select min(next_check_at - coalesce(last_checked_at, '-infinity')) from public.listing_feeds where last_checked_at is not null),
        (select min(revisit_interval) from public.listing_feeds);
      v_feeds := public.claim_listing_feeds(50);
      insert into looks select f ->> 'url', n from jsonb_array_elements(v_feeds) f;
      perform public.settle_listing_feeds((
        select coalesce(jsonb_agg(jsonb_build_object('id', f -> 'id', 'lease_token', f -> 'lease_token', 'outcome', 'ok', 'found', 40,
          'new', floor(random() * 41), 'known', 0, 'skipped', 0)), '[]')
        from jsonb_array_elements(v_feeds) f));
      perform private.record_host_answers(gen_random_uuid(), jsonb_build_array(
        jsonb_build_object('host', (array['good.example', 'delay.example'])[1 + floor(random() * 2)],
          'outcome', case when random() < 0.3 then 'rate_limited' else 'ok' end)));
      update public.source_hosts set new_pages_used = least(new_pages_budget, new_pages_used + 30) where new_pages_budget is not null;
      -- Forty minutes later.
      update public.listing_feeds
      set next_check_at = next_check_at - interval '40 minutes', last_checked_at = last_checked_at - interval '40 minutes',
          last_found_at = last_found_at - interval '40 minutes';
      update public.source_hosts set paced_at = paced_at - interval '40 minutes', retry_after = null, next_slot_at = now(),
        breaker = 'closed', opened_at = null, opened_because = null, retry_at = null, times_opened = 0, probe_holder = null, probe_until = null;
    end loop;
    update public.fill_cycles set status = 'completed', completed_at = now(), slot = v_slot + n * interval '2 hours' where cycle_id = v_id;
  end loop;
end $$;

select is(pg_temp.of_operators(), (select was from operators), 'after a week of cycles below target nothing that is an operator''s was changed');
select is_empty($$select * from looks where url not in ('https://good.example/new', 'https://good.example/slow', 'https://good.example/fixed')$$,
  'no feed that is off, or of a source that is off, was looked at');
select is((select count(*) from looks where url like '%/slow'), 21::bigint, 'one whose interval an operator set was looked at as often as that says: every eight hours');
select cmp_ok((select count(*) from looks where url like '%/fixed'), '<=', 252::bigint, 'so was one that is not to be moved');
select ok((select min(revisit) between interval '20 minutes' and interval '29 minutes' from seen), 'the one that may be moved is looked at more often');
select ok((select min(least_wait) >= interval '20 minutes' from seen), 'but not more often than feed_interval_floor allows');
select ok((select bool_and(workers between 2 and 3 and coalesce(batch_size, 12) between 12 and 18) from seen), 'workers and batches kept their bounds');
select ok((select bool_and(requests between 300 and 900) from seen), 'so did the requests of a cycle');
select ok((select max(off_budget) = 0 and max(given_up_budget) = 0 from seen), 'and none were for a source that is off or retired');
select ok((select max(slowed_ms) between 2001 and 9000 from seen), 'and hosts that were slowed down');

select * from finish();
rollback;
