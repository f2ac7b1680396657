begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into vehicles (id, discovery_url)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://a.example/' || n from generate_series(1, 4) n;

create function pg_temp.item(n integer, p_facts jsonb) returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-00000000000' || n, 'outcome', 'ok',
    'source_url', 'https://a.example/' || n, 'method', 'a_scraper', 'facts', p_facts)
$$;

update vehicles set origin_metadata = '{"micro_scrape_complete": "perhaps", "image_urls": "no list"}' where discovery_url = 'https://a.example/2';

select is(apply_extractions(jsonb_build_array(pg_temp.item(2, '{"year": {"value": 1990, "confidence": 0.9}}'))) -> 0 ->> 'outcome', 'ok',
  'marks in origin_metadata that are nonsense do not stop a reading from being applied');

select * from finish();
rollback;
