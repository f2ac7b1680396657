begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.die() returns void language sql as $$
  update backfill_queue set lease_expires_at = now() - interval '1 second' where status = 'processing';
  update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';
$$;
create function pg_temp.state() returns text language sql as $$
  select concat_ws(' ', state, failures, coalesce(lease_token::text, 'free'), due_at > now()) from micro_scrape_state
$$;

select is(jsonb_array_length(claim_micro_scrape(1)), 1, 'a run claims the one due vehicle');
select pg_temp.die();
select is(jsonb_array_length(preview_micro_scrape(1)), 1, 'a preview shows the vehicle of a run that died');
select is(jsonb_array_length(claim_micro_scrape(1)), 1, 'the vehicle of a run that died is claimed by the next run at once');
select pg_temp.die();
select private.invoke_micro_scrape();
select is(pg_temp.state(), 'waiting 2 free t', 'a vehicle whose runs died twice waits a little before the next one');
select is(claim_micro_scrape(1), '[]', 'a vehicle that waits after two dead runs is not claimed');
do $$
begin
  for n in 3 .. 5 loop
    update micro_scrape_state set due_at = now();
    perform claim_micro_scrape(1);
    perform pg_temp.die();
    perform private.rescue_micro_scrape_state(10);
  end loop;
end
$$;
select is(pg_temp.state(), 'failed 5 free t', 'a vehicle whose page killed five runs is failed');
select results_eq('select last_outcome, last_error from micro_scrape_state', $$values ('timeout', 'the worker stopped without reporting')$$, 'a vehicle whose page killed five runs says that the worker stopped');
select is((select why from vehicles_not_improving), 'the worker stopped without reporting', 'vehicles_not_improving says that the worker of a failed vehicle stopped');
select is(reopen_micro_scrape(array[pg_temp.id(1)]), 1, 'reopen_micro_scrape() reopens a vehicle whose runs died');
select is(pg_temp.state(), 'due 0 free f', 'a vehicle that is reopened after dead runs is due with no failures');
select claim_micro_scrape(1);
update vehicles set year = 1990, make = 'BMW', model = 'M3', vin = 'WBSBA91070AE84214', sale_price = 1, description = 'd', mileage = 1, color = 'c', engine = 'e', transmission = 't';
select is((select state from micro_scrape_state), 'leased', 'a vehicle that a person completes while a run holds it stays leased');
select pg_temp.die();
select private.rescue_micro_scrape_state(10);
select is((select state from micro_scrape_state), 'complete', 'a vehicle that was completed while a run held it is complete when that run dies');

select * from finish();
rollback;
