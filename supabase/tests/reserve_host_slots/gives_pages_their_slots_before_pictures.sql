begin;
create extension if not exists pgtap with schema extensions;
select plan(16);

insert into source_hosts (host, min_interval_ms, robots_status, robots_fetched_at, robots_fresh_until)
values ('cars.example', 1000, 404, now(), now() + interval '1 day'), ('free.example', 0, 404, now(), now() + interval '1 day');
create function pg_temp.asked(p_kind text, p_count integer, p_host text default 'cars.example') returns jsonb language sql as $$
  select reserve_host_slots(
    gen_random_uuid(), jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('host', p_host, 'count', p_count, 'kind', p_kind)))) -> 0
$$;
create function pg_temp.later(p_by interval) returns void language sql as $$
  update source_hosts
  set next_slot_at = next_slot_at - p_by, pages_wait_until = pages_wait_until - p_by,
      covers_wait_until = covers_wait_until - p_by, covers_wait_since = covers_wait_since - p_by,
      galleries_wait_since = galleries_wait_since - p_by
$$;

select is(pg_temp.asked('gallery', 1) ->> 'granted', '1', 'a gallery gets a slot of a host that nobody else wants');
select is(pg_temp.asked('page', 20) ->> 'granted', '3', 'pages get what is within the horizon');
select pg_temp.later('3 seconds');
select results_eq(
  $$select a ->> 'granted', a ->> 'put_off', a ->> 'why' from (select pg_temp.asked('gallery', 4) a) t$$,
  $$values ('0', 'true', 'pages of this host come first')$$, 'while pages wait a gallery gets none, and is told why');
select ok((pg_temp.asked('gallery', 4) ->> 'first_in_ms')::integer between 1000 and 10000, 'and when to ask again');
select is(pg_temp.asked('cover', 4) ->> 'granted', '0', 'nor does a cover');
select is(pg_temp.asked(null, 20) ->> 'granted', '3', 'who names no kind, as the functions of a release before, is a page');
select pg_temp.later('4 seconds');
select is(pg_temp.asked('new_page', 2) ->> 'granted', '2', 'a page of a new listing is a page');
select pg_temp.later('5 seconds');
update source_hosts set covers_wait_since = now() - interval '10 seconds';
select is(pg_temp.asked('cover', 9) ->> 'granted', '1', 'a cover that waited for ten seconds gets one slot');
select is(pg_temp.asked('cover', 9) ->> 'granted', '0', 'and one only');
select pg_temp.later('10 seconds');
select is(pg_temp.asked('cover', 9) ->> 'granted', '4', 'no page waits any more: covers get what there is');
select is(pg_temp.asked('gallery', 1) ->> 'put_off', 'true', 'galleries come behind covers that wait');
select pg_temp.later('30 seconds');
select is(pg_temp.asked('gallery', 9) ->> 'granted', '4', 'what nobody else wants the galleries get');
-- However long pages go on waiting, nothing starves.
select pg_temp.asked('page', 20), pg_temp.asked('gallery', 9);
update source_hosts set galleries_wait_since = now() - interval '61 seconds';
select is(pg_temp.asked('gallery', 9) ->> 'granted', '1', 'a gallery that waited for a minute gets one slot, behind those that pages hold');
select is(pg_temp.asked('gallery', 9) ->> 'granted', '0', 'and then waits again');
select pg_temp.asked('page', 20, 'free.example');
select is(pg_temp.asked('gallery', 9, 'free.example') ->> 'granted', '9', 'a host without a pace has nothing to share out');
select results_eq(
  $$select pages, new_pages, covers, galleries, put_off > 0, taken_ms from private.host_metrics where host = 'cars.example'$$,
  $$values (8, 2, 5, 6, true, 19000::bigint)$$, 'what was given, and that some had to wait, stands in host_metrics');

select * from finish();
rollback;
