-- A look costs the same however many vehicles there are: by the index of what is leased now, in each table.
begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

set local enable_seqscan = off;
create function pg_temp.plan() returns text language plpgsql as $$
declare
  v_line text;
  v_all text := '';
begin
  for v_line in execute 'explain select ' || private.leased_condition('v.id') || ' from vehicles v' loop
    v_all := v_all || v_line || E'\n';
  end loop;
  return v_all;
end
$$;

select matches(pg_temp.plan(), format('Index Only Scan using %s_leased on', t), 'whether a vehicle is leased in ' || t || ' is read from the index of its leased rows alone')
from unnest(array['micro_scrape_state', 'bat_extraction_queue', 'backfill_queue', 'listing_checks', 'scrape_retry_queue']) t;

select * from finish();
rollback;
