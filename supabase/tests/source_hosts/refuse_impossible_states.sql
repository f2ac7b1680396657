begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

insert into public.source_hosts (host) values ('cars.example');

select is(
  (select breaker from public.source_hosts where host = 'cars.example'), 'closed',
  'the breaker of a new host is closed, so that it may be asked'
);
select is(
  (select min_interval_ms from public.source_hosts where host = 'cars.example'), 1000,
  'a new host is asked once a second'
);
select throws_ok(
  $$ update public.source_hosts set breaker = 'open' $$, '23514', null,
  'an open breaker without retry_at is refused'
);
select throws_ok(
  $$ update public.source_hosts set retry_at = now() $$, '23514', null,
  'a closed breaker with retry_at is refused'
);
select lives_ok(
  $$ update public.source_hosts
     set breaker = 'open', opened_at = now(), opened_because = 'x', times_opened = 1,
       retry_at = now() + interval '5 minutes' $$,
  'an open breaker with opened_at, opened_because, times_opened and retry_at is taken'
);
select throws_ok(
  $$ update public.source_hosts set breaker = 'half_open' $$, '23514', null,
  'a half-open breaker without a probe_holder is refused'
);
select throws_ok(
  $$ update public.source_hosts set probe_holder = gen_random_uuid(), probe_until = now() $$, '23514', null,
  'an open breaker with a probe_holder is refused'
);
select throws_ok(
  $$ update public.source_hosts set min_interval_ms = -1 $$, '23514', null,
  'a negative min_interval_ms is refused'
);
select throws_ok(
  $$ insert into public.source_hosts (host) values ('Cars.example') $$, '23514', null,
  'a host in upper case is refused'
);
select throws_ok(
  $$ insert into public.source_hosts (host) values ('www.cars.example') $$, '23514', null,
  'a host with www is refused'
);

select * from finish();
rollback;
