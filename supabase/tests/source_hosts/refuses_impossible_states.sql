begin;
create extension if not exists pgtap with schema extensions;
select plan(11);

insert into public.source_hosts (host) values ('cars.example');

select is(
  (select breaker from public.source_hosts where host = 'cars.example'), 'closed',
  'a host that is new is closed, that is, it may be asked'
);
select is(
  (select min_interval_ms from public.source_hosts where host = 'cars.example'), 1000,
  'and is asked once a second'
);
select throws_ok(
  $$ update public.source_hosts set breaker = 'open' $$, '23514', null,
  'a breaker is not open without a time at which it is tried again'
);
select throws_ok(
  $$ update public.source_hosts set retry_at = now() $$, '23514', null,
  'a closed breaker has no such time'
);
select lives_ok(
  $$ update public.source_hosts
     set breaker = 'open', opened_at = now(), opened_because = 'x', times_opened = 1,
       retry_at = now() + interval '5 minutes' $$,
  'an open one says since when, why, and until when'
);
select throws_ok(
  $$ update public.source_hosts set breaker = 'half_open' $$, '23514', null,
  'a half-open one has someone who probes'
);
select throws_ok(
  $$ update public.source_hosts set probe_holder = gen_random_uuid(), probe_until = now() $$, '23514', null,
  'and nobody probes an open one'
);
select throws_ok(
  $$ update public.source_hosts set min_interval_ms = -1 $$, '23514', null,
  'a rate is not negative'
);
select throws_ok(
  $$ insert into public.source_hosts (host) values ('Cars.example') $$, '23514', null,
  'a host is in lower case'
);
select throws_ok(
  $$ insert into public.source_hosts (host) values ('www.cars.example') $$, '23514', null,
  'and without www'
);
select throws_ok(
  $$ insert into public.scraping_health (source, url, outcome, ms) values ('s', 'u', 'fine', 1) $$, '23514', null,
  'an attempt ends with an outcome code'
);

select * from finish();
rollback;
