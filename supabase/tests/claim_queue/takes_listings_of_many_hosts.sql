begin;
create extension if not exists pgtap with schema extensions;
select plan(16);

create function pg_temp.queue(p_host text, p_count integer, p_priority integer default 100) returns void language sql as $$
  insert into import_queue (listing_url, priority, created_at)
  select format('https://%s/cars/%s-%s', p_host, p_priority, n), p_priority, now() - interval '1 day' + n * interval '1 second' from generate_series(1, p_count) n
$$;
create function pg_temp.claim(p_limit integer) returns table (host text, nth integer, priority integer) language sql as $$
  select private.url_host(c ->> 'listing_url'), split_part(c ->> 'listing_url', '-', 2)::integer, (c ->> 'priority')::integer
  from jsonb_array_elements(claim_queue('import_queue', p_limit)) c
$$;
create function pg_temp.again() returns void language sql as $$
  update import_queue set status = 'pending', next_attempt_at = null, lease_token = null, lease_expires_at = null, attempts = 0
$$;
create function pg_temp.hosts(p_limit integer) returns text language sql as $$
  select string_agg(h.host || ' ' || h.n, ', ' order by h.host) from (select host, count(*) as n from pg_temp.claim(p_limit) group by host) h
$$;

select pg_temp.queue('a.example', 50), pg_temp.queue('b.example', 50), pg_temp.queue('c.example', 50), pg_temp.queue('d.example', 3);
select is((select count(*) from pg_temp.claim(16)), 16::bigint, 'a claim takes as many as it is asked for');
select pg_temp.again();
select results_eq(
  'select host, array_agg(nth order by nth) from pg_temp.claim(8) group by host order by host',
  $$ values ('a.example', '{1,2}'::integer[]), ('b.example', '{1,2}'), ('c.example', '{1,2}'), ('d.example', '{1,2}') $$,
  'of four hosts each gives a quarter, its oldest first');
select pg_temp.again();
select is((select max(n) - min(n) from (select count(*) as n from pg_temp.claim(100) where host <> 'd.example' group by host) h) <= 25, true, 'what one host lacks the others give');
select pg_temp.again();

-- Hosts that cannot be asked.
insert into source_hosts (host, min_interval_ms, breaker, retry_at, opened_at, opened_because, times_opened) values ('a.example', 0, 'open', now() + interval '1 hour', now(), 'blocked', 1);
insert into source_hosts (host, min_interval_ms, new_pages_budget, new_pages_used, budget_until) values ('b.example', 0, 10, 10, now() + interval '1 hour');
insert into source_hosts (host, min_interval_ms) values ('c.example', 3000);
select is(pg_temp.hosts(20), 'c.example 3, d.example 3', 'a host that is shut, or whose budget is used up, gives none; a slow one what its pace lets be read in ten seconds');
select is((select count(*) from pg_temp.claim(20)), 0::bigint, 'while a worker holds that much of a slow host nobody takes more of it');
select pg_temp.again();
update source_hosts set budget_until = now() - interval '1 minute' where host = 'b.example';
select is(pg_temp.hosts(20), 'b.example 14, c.example 3, d.example 3', 'a budget that is over bars nobody');
select pg_temp.again();
update source_hosts set next_slot_at = now() + interval '1 hour' where host = 'c.example';
delete from import_queue where private.url_host(canonical_url) not in ('a.example', 'c.example');
select is((select count(*) from pg_temp.claim(20)), 20::bigint, 'where no host can be asked a claim takes what is due, and its worker is told why');
select pg_temp.again();

-- Priorities.
select pg_temp.queue('e.example', 5, 900), pg_temp.queue('f.example', 20, 100), pg_temp.queue('g.example', 2, 900);
select is(pg_temp.hosts(4), 'e.example 2, g.example 2', 'of the highest priority first');
select pg_temp.again();
select is(pg_temp.hosts(12), 'e.example 5, f.example 5, g.example 2', 'then of the next one');
select pg_temp.again();
update import_queue set attempts = 2 where private.url_host(canonical_url) = 'e.example';
select is((select count(*) from jsonb_array_elements(claim_queue('import_queue', 30, null, 2)) c where c ->> 'listing_url' like '%e.example%'), 0::bigint, 'what was tried as often as the call allows is not taken');

-- No host is always the last one.
delete from import_queue;
select pg_temp.queue('h' || n || '.example', 1) from generate_series(1, 40) n;
insert into source_hosts (host) select 'h' || n || '.example' from generate_series(1, 40) n;
create temp table firsts (host text);
do $$
begin
  for i in 1 .. 60 loop
    insert into firsts select host from pg_temp.claim(1);
    perform pg_temp.again();
  end loop;
end
$$;
select cmp_ok((select count(distinct host) from firsts), '>', 10::bigint, 'a claim begins at another host each time');

-- What holds for every claim.
select results_eq(
  $$ select count(*), count(distinct lease_token), min(attempts), bool_and(lease_expires_at > now()) from import_queue where status = 'processing' $$,
  $$ values (0::bigint, 0::bigint, null::integer, null::boolean) $$, 'nothing is leased before');
create temp table given as select c from jsonb_array_elements(claim_queue('import_queue', 10, null, null, true)) c;
select results_eq(
  $$ select count(*), count(distinct lease_token), min(attempts), bool_and(lease_expires_at > now()) from import_queue where status = 'processing' $$,
  $$ values (10::bigint, 10::bigint, 1, true) $$, 'each row that is given is leased, with a token of its own and one more attempt');
select set_eq(
  $$ select (c ->> 'id')::uuid as id, (c ->> 'lease_token')::uuid as lease_token from given $$,
  $$ select id, lease_token from import_queue where status = 'processing' $$, 'a worker that asks for little gets ids and tokens of what it leased');

-- What this transaction settles is dead and cannot be cleared away: as for all while an old snapshot is held.
delete from import_queue;
select pg_temp.queue('dead' || n || '.example', 400) from generate_series(1, 20) n;
update import_queue set status = 'complete' where listing_url not like '%dead20.example%';
select pg_temp.claim(1);
select is(
  (select by_age_until > now() from private.queue_heads where table_name = 'import_queue'), true,
  'a claim that walks past many dead rows of each host says so');
create temp table walked as select pg_stat_get_xact_tuples_returned('import_queue_due_by_host'::regclass) as before;
select pg_temp.claim(1);
select is(
  pg_stat_get_xact_tuples_returned('import_queue_due_by_host'::regclass) - (select before from walked), 0::bigint,
  'those that follow go by age, and walk there no more for a while');

select * from finish();
rollback;
