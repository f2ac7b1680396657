begin;
create extension if not exists pgtap with schema extensions;
select plan(22);

update fill_policy set host_interval_ceiling_ms = 16000;
insert into source_hosts (host, refusal_threshold, error_threshold) values ('cars.example', 1000, null), ('free.example', 1000, null), ('delay.example', 1000, null);
update source_hosts set min_interval_ms = 0 where host = 'free.example';
update source_hosts set crawl_delay_ms = 30000 where host = 'delay.example';
create function pg_temp.answers(p_answer jsonb, p_count integer default 1, p_host text default 'cars.example') returns void language sql as $$
  select record_fetches(gen_random_uuid(), jsonb_build_object('answers', (
    select jsonb_agg('{"outcome": "ok", "status": 200, "ms": 200}'::jsonb || p_answer || jsonb_build_object('host', p_host)) from generate_series(1, p_count))))
$$;
create function pg_temp.interval_of(p_host text default 'cars.example') returns integer language sql as $$
  select interval_ms from source_hosts where host = p_host
$$;
create function pg_temp.later(p_by interval) returns void language sql as $$
  update source_hosts set paced_at = paced_at - p_by, next_slot_at = next_slot_at - p_by
$$;

select pg_temp.answers('{}', 20);
select is(pg_temp.interval_of(), 1000, 'while all is well a host is asked as often as min_interval_ms says');
select pg_temp.answers('{"outcome": "rate_limited", "status": 429}');
select is(pg_temp.interval_of(), 2000, '429: half as often at once');
select cmp_ok((select next_slot_at from source_hosts where host = 'cars.example'), '>', clock_timestamp() + interval '1.8 seconds', 'and from the next slot on');
select pg_temp.answers('{"outcome": "server_error", "status": 503}');
select is(pg_temp.interval_of(), 2000, 'what was sent at the old pace says nothing of the new one');
select pg_temp.later('11 seconds');
select pg_temp.answers('{"outcome": "server_error", "status": 503}');
select is(pg_temp.interval_of(), 4000, '503: half as often again');
select pg_temp.later('11 seconds');
select pg_temp.answers('{"outcome": "server_error", "status": 500}');
select is(pg_temp.interval_of(), 4000, 'an error of the site is none of its pace');
select pg_temp.answers('{"ms": 9000}');
select is(pg_temp.interval_of(), 8000, 'answers that take much longer than usual: half as often');
select pg_temp.later('11 seconds');
select pg_temp.answers('{"ms": 4000}');
select is(pg_temp.interval_of(), 8000, 'a little longer is none');
select pg_temp.answers('{"outcome": "timeout", "ms": null, "status": null}');
select is(pg_temp.interval_of(), 16000, 'no answer in time: half as often');
select pg_temp.later('11 seconds');
select pg_temp.answers('{"outcome": "rate_limited", "status": 429}');
select is(pg_temp.interval_of(), 16000, 'never slower than host_interval_ceiling_ms');

select pg_temp.answers('{}', 30);
select is(pg_temp.interval_of(), 16000, 'not faster within half a minute');
select pg_temp.later('31 seconds');
select pg_temp.answers('{}', 1);
select is(pg_temp.interval_of(), 8000, 'a step faster when all was well, twice at most');
create temp table steps (n integer, at integer);
do $$
begin
  for n in 1 .. 30 loop
    perform pg_temp.later('31 seconds'), pg_temp.answers('{}', 10);
    insert into steps values (n, pg_temp.interval_of());
    exit when pg_temp.interval_of() = 1000;
  end loop;
end $$;
select is(array(select at from steps order by n), array[4444, 3077, 2353, 1905, 1600, 1379, 1212, 1081, 1000], 'a tenth of the full rate a step, until nothing slows it down');
select is((select slowed_interval_ms from source_hosts where host = 'cars.example'), null, 'then nothing is left of it');

select pg_temp.answers('{"outcome": "rate_limited", "status": 429}', 1, 'free.example');
select is(pg_temp.interval_of('free.example'), 500, 'a host without a pace gets one');
select pg_temp.later('31 seconds'), pg_temp.answers('{}', 10, 'free.example'), pg_temp.later('31 seconds'), pg_temp.answers('{}', 10, 'free.example'),
  pg_temp.later('31 seconds'), pg_temp.answers('{}', 10, 'free.example');
select is(pg_temp.interval_of('free.example'), 0, 'and loses it again');
select pg_temp.answers('{"outcome": "rate_limited", "status": 429}', 1, 'delay.example');
select is(pg_temp.interval_of('delay.example'), 30000, 'a crawl-delay beyond the ceiling is kept, and nothing added to it');
select pg_temp.answers('{"outcome": "rate_limited"}');
select is(pg_temp.interval_of(), 2000, 'the functions of a release before, which say no status, are understood');

-- What is told of it.
insert into fill_cycles (cycle_id, slot, target) values ('c', to_timestamp(floor(extract(epoch from now()) / 7200) * 7200), 2000);
select is(scale_workers('c') ->> 'host_paces', '1', 'a host that is where it was is not told of');
select results_eq(
  $$select subject, from_value, to_value, reason, metrics ->> 'slowdowns' from fill_decisions where lever = 'host_pace'$$,
  $$values ('cars.example', '1000', '2000', 'it answered 429 or 503', '6')$$, 'a decision a host, however often it was moved');
select is(scale_workers('c') ->> 'host_paces', '0', 'and none while nothing moves');
select is((select interval_because from source_host_status where host = 'cars.example'), 'slowed down: it answered 429 or 503', 'source_host_status says why');

select * from finish();
rollback;
