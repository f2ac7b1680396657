-- A claim never walks past rows that wait: they stand in another index.
begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into vehicles (discovery_url) select 'https://many.example/' || n from generate_series(1, 500) n;
insert into backfill_queue (vehicle_id, reason, priority, next_attempt_at) select id, 'w', 1, now() + interval '1 hour' from vehicles where discovery_url like 'https://many.%';
analyze backfill_queue;
create function pg_temp.plan(p_query text) returns text language plpgsql as $$
declare
  v_line text;
  v_all text := '';
begin
  for v_line in execute 'explain ' || p_query loop
    v_all := v_all || v_line || E'\n';
  end loop;
  return v_all;
end
$$;

select matches(
  pg_temp.plan($$select id from backfill_queue where status = 'pending' and next_attempt_at is null and attempts < max_attempts order by priority asc, created_at, id limit 20 for update skip locked$$),
  'Index Scan using backfill_queue_due', 'due rows are read in their order from the index that holds no waiting rows');

select * from finish();
rollback;
