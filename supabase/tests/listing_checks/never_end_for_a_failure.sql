begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 3) n;
insert into vehicle_listings (vehicle_id, listing_url, kind, status) values (pg_temp.id(1), 'https://cars.example/1', 'dealer', 'for_sale');
update listing_checks set requeue_at = now() - interval '1 minute';
create function pg_temp.attempt(p_outcome text) returns text language plpgsql as $$
declare
  v_row jsonb;
begin
  update listing_checks set next_attempt_at = null where status = 'pending';
  v_row := claim_queue('listing_checks', 5) -> 0;
  return settle_queue('listing_checks', jsonb_build_array(jsonb_build_object('id', v_row ->> 'id', 'lease_token', v_row ->> 'lease_token', 'outcome', p_outcome, 'error', 'e'))) -> 0 ->> 'status';
end
$$;

select is(pg_temp.attempt('timeout'), 'pending', 'a look that failed is tried again');
select is((select next_attempt_at > now() and requeue_at = now() - interval '1 minute' from listing_checks), true, 'after the wait of every queue');
select is(pg_temp.attempt('network'), 'pending', 'and again');
select is(pg_temp.attempt('server_error'), 'failed', 'the third failure ends the attempts');
select results_eq('select status, requeue_at, failed_rounds::integer from listing_checks', $$values ('failed', now() + interval '1 day', 1)$$, 'it comes again after a day');
select is((select status from vehicle_listings), 'for_sale', 'no failure ends a listing');
select is((select queued_again_at from dead_letters where queue = 'listing_checks'), now() + interval '1 day', 'dead_letters says that it comes again by itself');
update listing_checks set requeue_at = now() - interval '1 second';
select is(pg_temp.attempt('timeout'), 'pending', 'the next round has all its attempts');
update listing_checks set failed_rounds = 4, attempts = 2;
select is(pg_temp.attempt('timeout'), 'failed', 'a round ends as the first did');
select is((select requeue_at from listing_checks), now() + interval '14 days', 'what fails again and again comes every 14 days');
update listing_checks set requeue_at = now() - interval '1 second';
select is(pg_temp.attempt('not_a_listing'), 'failed', 'a page that is no listing today');
select is((select requeue_at from listing_checks), now() + interval '14 days', 'is looked at again too');

select * from finish();
rollback;
