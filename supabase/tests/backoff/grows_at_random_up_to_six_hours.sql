-- Exponential, with full jitter, capped.
begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

select ok(bool_and(w between interval '30 seconds' and interval '90 seconds'), 'the first backoff is between 30 seconds and a minute and a half') from (select private.backoff(1) w from generate_series(1, 200)) x;
select ok(max(w) > min(w) + interval '30 seconds', 'first backoffs differ by more than half a minute: they are random') from (select private.backoff(1) w from generate_series(1, 200)) x;
select ok(max(w) > interval '2 minutes' and max(w) <= interval '270 seconds', 'the third backoff is up to four and a half minutes') from (select private.backoff(3) w from generate_series(1, 200)) x;
select ok(max(w) > interval '3 hours' and max(w) <= interval '6 hours 30 seconds', 'a backoff is never longer than six hours and 30 seconds') from (select private.backoff(1000) w from generate_series(1, 200)) x;

select * from finish();
rollback;
