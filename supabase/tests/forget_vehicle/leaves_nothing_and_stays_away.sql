begin;
create extension if not exists pgtap with schema extensions;
select plan(18);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.image(n integer, p_hash text) returns void language sql as $$
  insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
  values (pg_temp.id(n), repeat(p_hash, 64), 'https://i.example/' || p_hash, repeat(p_hash, 2) || '/' || repeat(p_hash, 64) || '.jpg', 'image/jpeg', 9, 300, 200, 0)
$$;
create function pg_temp.page(p_url text, p_hash text) returns void language sql as $$
  insert into page_snapshots (canonical_url, url, final_url, sha256, status, content_type, bytes, stored_bytes, storage_path)
  values (p_url, p_url, p_url, repeat(p_hash, 64), 200, 'text/html', 100, 10, repeat(p_hash, 2) || '/' || repeat(p_hash, 64) || '.gz')
$$;
insert into vehicles (id, discovery_url, year, make, model) values
  (pg_temp.id(1), 'https://a.example/1', 1990, 'BMW', 'M3'), (pg_temp.id(2), 'https://a.example/2', 1991, 'BMW', 'M5'), (pg_temp.id(3), 'https://a.example/3', 1992, 'BMW', 'Z3');
select pg_temp.image(1, 'a'), pg_temp.image(1, 'b'), pg_temp.image(2, 'b'), pg_temp.image(3, 'c');
select pg_temp.page('https://a.example/1', '1'), pg_temp.page('https://a.example/1', '2'), pg_temp.page('https://a.example/2', '2');
create function pg_temp.unneeded() returns setof text language sql as $$
  select o ->> 'bucket' || ' ' || left(o ->> 'storage_path', 2) from jsonb_array_elements(preview_unneeded_objects()) o order by 1
$$;

select is(forget_vehicle(pg_temp.id(1), 'the owner asked'), jsonb_build_object('forgotten', pg_temp.id(1), 'addresses', array['https://a.example/1'], 'images', 2), 'forgetting a vehicle says what went');
select is((select count(*) from vehicles), 2::bigint, 'a vehicle that is forgotten is deleted');
select results_eq('select pg_temp.unneeded()', $$values ('page-snapshots 11'), ('vehicle-images aa')$$, 'its files that no other vehicle needs are to be removed from Storage');
select is((select jsonb_array_length(claim_unneeded_objects())), 2, 'prune-snapshots claims the files of both buckets in one call');
select is_empty($$select * from page_snapshots where canonical_url = 'https://a.example/1'$$, 'its pages are forgotten');
select results_eq('select canonical_url, kind, title, reason, former_vehicle_id from remembered_addresses', $$values ('https://a.example/1', 'forgotten', '1990 BMW M3', 'the owner asked', pg_temp.id(1))$$, 'its address is remembered, with the reason');
select is(enqueue_listings('[{"url": "https://www.a.example/1/?utm_source=x"}]'), '{"queued": 0, "known": 1, "refreshed": 0, "refused": 0, "mistakes": []}', 'a forgotten listing that an index shows again is not queued');

delete from vehicles where id = pg_temp.id(2);
select is((select reason from remembered_addresses where canonical_url = 'https://a.example/2'), 'deleted by hand', 'a vehicle that is deleted by hand is remembered, too');
select is(enqueue_listings('[{"url": "https://a.example/2"}]') ->> 'queued', '0', 'a listing whose vehicle was deleted by hand does not come back at the next look at an index');
select results_eq('select pg_temp.unneeded()', $$values ('page-snapshots 11'), ('page-snapshots 22'), ('vehicle-images aa'), ('vehicle-images bb')$$, 'the files of a vehicle that is deleted by hand are to be removed');
insert into vehicles (discovery_url) values ('https://a.example/2');
select is_empty($$select * from remembered_addresses where canonical_url = 'https://a.example/2'$$, 'a person who inserts a forgotten listing brings it back');

select is(bring_back_address('https://a.example/1/') ->> 'reason', 'the owner asked', 'a forgotten address is brought back');
select is((select status from import_queue where canonical_url = 'https://a.example/1'), 'pending', 'an address that is brought back is queued');
select throws_ok($$select bring_back_address('https://a.example/1/')$$, 'P0002', null, 'an address that is not remembered is not brought back');

-- A worker that has claimed the listing of a vehicle that is deleted meanwhile.
update import_queue set vehicle_id = pg_temp.id(3) where canonical_url = 'https://a.example/1';
create temp table work as select c from jsonb_array_elements(claim_queue('import_queue', 1)) c;
select forget_vehicle(pg_temp.id(3));
select is(import_listings((select jsonb_build_array(jsonb_build_object('source_url', 'https://a.example/1', 'outcome', 'ok', 'method', 's', 'steps', '["extract_data"]'::jsonb,
  'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb, 'request', jsonb_build_object('queue', 'import_queue', 'id', c ->> 'id', 'lease_token', c ->> 'lease_token'))) from work)) -> 0 ->> 'outcome', 'stale_lease', 'a worker that read a listing which was forgotten meanwhile writes nothing');
select is((select count(*) from vehicles), 1::bigint, 'a listing that was forgotten while it was read makes no vehicle');
select throws_ok('select forget_vehicle(gen_random_uuid())', 'P0002', null, 'a vehicle that there is not is not forgotten');

update vehicles set discovery_url = 'https://a.example/3';
select is_empty($$select * from remembered_addresses where canonical_url = 'https://a.example/3'$$, 'a person who moves a vehicle to a forgotten listing brings it back');

select * from finish();
rollback;
