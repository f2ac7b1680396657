-- Rights as they are when a role acts, not as they are granted.
begin;
create extension if not exists pgtap with schema extensions;
select plan(18);

create temp table relations as
select c.oid, c.relname, c.relkind, c.relrowsecurity, c.reloptions
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f');
insert into vehicles (id, make, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'BMW', 'https://a.example/1');
create function pg_temp.rows_seen_by(p_role text, p_claims jsonb) returns table (relname text, seen text) language plpgsql as $$
begin
  for relname in select r.relname from relations r order by 1 loop
    begin
      perform set_config('request.jwt.claims', p_claims::text, true);
      execute format('set local role %I', p_role);
      execute format('select count(*) from public.%I', relname) into seen;
    exception when insufficient_privilege then
      seen := 'refused';
    end;
    reset role;
    return next;
  end loop;
end
$$;

select is_empty($$select * from pg_temp.rows_seen_by('anon', '{"role": "anon"}') where seen <> 'refused'$$, 'anon is refused by every table and view');
select is_empty($$select * from pg_temp.rows_seen_by('authenticated', '{"role": "authenticated", "user_metadata": {"role": "operator"}}') where seen <> '0'$$, 'a signed-in user sees no row, also when his user_metadata says operator');
select is_empty($$select * from pg_temp.rows_seen_by('authenticated', '{"role": "authenticated", "app_metadata": {"role": "operator"}}') where seen = 'refused'$$, 'an operator may read every table and view');
select is((select seen from pg_temp.rows_seen_by('authenticated', '{"role": "authenticated", "app_metadata": {"role": "operator"}}') where relname = 'vehicles_needing_micro_scrape'), '1', 'an operator sees the rows that there are');
create function pg_temp.tries(p_role text, p_query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  execute format('set local role %I', p_role);
  begin
    execute p_query into v_answer;
    v_answer := coalesce(v_answer, 'done');
  exception when insufficient_privilege then
    v_answer := 'refused';
  end;
  reset role;
  return v_answer;
end
$$;
select is(pg_temp.tries('anon', $$select canonical_listing_url('https://a.example')$$), 'refused', 'anon cannot call canonical_listing_url()');
select is(pg_temp.tries('anon', $$select apply_extractions('[]')$$), 'refused', 'anon cannot call apply_extractions()');
select is(pg_temp.tries('authenticated', $$select claim_micro_scrape()$$), 'refused', 'a signed-in user cannot call claim_micro_scrape()');
select is(pg_temp.tries('authenticated', $$update vehicles set make = 'Audi'$$), 'refused', 'a signed-in user cannot update vehicles');
select is(pg_temp.tries('authenticated', $$select private.secret('service_role_key')$$), 'refused', 'a signed-in user cannot read a secret');
select is(pg_temp.tries('authenticated', $$select private.invoke_worker('micro-scrape-bandaid')$$), 'refused', 'a signed-in user cannot call invoke_worker()');
select is(pg_temp.tries('service_role', $$select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s",
  "facts": {"model": {"value": "M3", "confidence": 0.9, "evidence": "e"}}, "images": ["https://i.example/1.jpg"], "auction": {"outcome": "sold", "sale_price": 1}}]') -> 0 ->> 'outcome'$$), 'ok', 'the service writes a reading through all triggers');
select is(pg_temp.tries('service_role', 'select model from vehicles'), 'M3', 'the service reads vehicles');
select is(pg_temp.tries('service_role', $$insert into backfill_queue (vehicle_id, reason) select id, 'r' from vehicles returning 'queued'$$), 'queued', 'the service inserts into a queue');
select is(pg_temp.tries('service_role', $$select count(*) from jsonb_array_elements(claim_queue('backfill_queue', 5))$$), '1', 'the service claims from a queue');
select is(pg_temp.tries('service_role', $$select count(*) from jsonb_array_elements(claim_micro_scrape(5, array(select id from vehicles)))$$), '1', 'the service claims for the micro-scrape');
select is(pg_temp.tries('service_role', $$select rescore_vehicles() ->> 'rescored'$$), '1', 'the service rescores vehicles');
select is(pg_temp.tries('service_role', $$delete from vehicles returning 'deleted'$$), 'deleted', 'the service deletes vehicles');
select is(pg_temp.tries('service_role', $$select private.secret('service_role_key')$$), 'refused', 'the service cannot read a secret');

select * from finish();
rollback;
