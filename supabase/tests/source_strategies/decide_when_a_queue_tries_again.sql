begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0');
insert into source_strategies (source_id, retry_waits) select id, '{"timeout": {"wait": "00:40:00", "success": 0.9, "best": 0.9, "n": 30}}' from scrape_sources;
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1'), ('00000000-0000-4000-8000-000000000002', 'https://b.example/2');
create function pg_temp.wait(p_queue text, p_url text, p_vehicle uuid, p_outcome text, p_retry_at timestamptz default null) returns interval language plpgsql as $$
declare
  v jsonb;
  v_wait interval;
begin
  if p_queue = 'import_queue' then
    insert into import_queue (listing_url) values (p_url);
  else
    insert into backfill_queue (vehicle_id, reason) values (p_vehicle, 'test');
  end if;
  v := claim_queue(p_queue, 1) -> 0;
  perform settle_queue(p_queue, jsonb_build_array(jsonb_build_object(
    'id', v -> 'id', 'lease_token', v -> 'lease_token', 'outcome', p_outcome, 'error', 'e', 'retry_at', p_retry_at)));
  execute format('select next_attempt_at - now() from %I where id = %L', p_queue, v ->> 'id') into v_wait;
  execute format('delete from %I', p_queue);
  return v_wait;
end $$;
select ok(pg_temp.wait('import_queue', 'https://a.example/9', null, 'timeout') between interval '40 minutes' and interval '50 minutes', 'a listing waits as was learned of its site');
select ok(pg_temp.wait('import_queue', 'https://a.example/9', null, 'network') between interval '30 seconds' and interval '90 seconds', 'after an error of which nothing was learned as ever');
select ok(pg_temp.wait('import_queue', 'https://b.example/9', null, 'timeout') between interval '30 seconds' and interval '90 seconds', 'and so on a site of which nothing was learned');
select ok(pg_temp.wait('backfill_queue', null, '00000000-0000-4000-8000-000000000001', 'timeout') between interval '40 minutes' and interval '50 minutes', 'a vehicle waits as was learned of the site it was found on');
select ok(pg_temp.wait('backfill_queue', null, '00000000-0000-4000-8000-000000000002', 'timeout') between interval '30 seconds' and interval '90 seconds', 'another one as ever');
select is(pg_temp.wait('import_queue', 'https://a.example/9', null, 'timeout', now() + interval '5 hours'), interval '5 hours', 'and not shorter than the site says');

select * from finish();
rollback;
