begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.url(n integer) returns text language sql as $$ select 'https://a' || n || '.example/listing' $$;
select set_config('vehicles.writer', 'import', true);
insert into vehicles (id, discovery_url, engine, color) values
  (pg_temp.id(1), pg_temp.url(1), null, null), (pg_temp.id(2), pg_temp.url(2), 'S50', null), (pg_temp.id(3), pg_temp.url(3), null, 'Red');
select set_config('vehicles.writer', '', true);
create temp table before as select to_jsonb(v) - 'updated_at' as held from vehicles v;

select merge_vehicles(pg_temp.id(1), pg_temp.id(2)), merge_vehicles(pg_temp.id(3), pg_temp.id(1));
select results_eq('select engine, color from vehicles', $$values ('S50', 'Red')$$, 'the last of a chain has what all had');
select results_eq('select merged_vehicle_id, kept_vehicle_id from vehicle_merges order by number', $$values (pg_temp.id(2), pg_temp.id(1)), (pg_temp.id(1), pg_temp.id(3))$$, 'each merge of a chain still says into which vehicle it went');
select throws_ok('select unmerge_vehicle(pg_temp.id(2))', '55000', format('the vehicle that %s went into, %s, has gone into another since', pg_temp.id(2), pg_temp.id(1)), 'what went into a vehicle that went on is not taken back before that');
create function pg_temp.hint() returns text language plpgsql as $$
declare v text;
begin
  perform unmerge_vehicle(pg_temp.id(2));
exception when others then
  get stacked diagnostics v = pg_exception_hint;
  return v;
end $$;
select is(pg_temp.hint(), format('Take that back first: select unmerge_vehicle(%L);', pg_temp.id(1)), 'the hint says what to type first');
select results_eq('select canonical_url, vehicle_id, former_vehicle_id from remembered_addresses order by 1', $$values (pg_temp.url(1), pg_temp.id(3), pg_temp.id(1)), (pg_temp.url(2), pg_temp.id(3), pg_temp.id(2))$$, 'the addresses of a chain lead to its last, and say whose they were');

select unmerge_vehicle(pg_temp.id(1));
select results_eq('select id, engine, color from vehicles order by 1', $$values (pg_temp.id(1), 'S50', null), (pg_temp.id(3), null, 'Red')$$, 'a vehicle that had taken in another comes back with what that had');
select results_eq('select canonical_url, vehicle_id, former_vehicle_id from remembered_addresses', $$values (pg_temp.url(2), pg_temp.id(1), pg_temp.id(2))$$, 'it comes back with the address of the other');
select throws_ok(format('insert into vehicles (discovery_url) values (%L)', pg_temp.url(2)), '23505', null, 'the address of the first stays guarded');
select is((select vehicle_id from vehicle_listings where canonical_url = pg_temp.url(2)), pg_temp.id(1), 'the listing of the first leads to the vehicle that it is in');
select unmerge_vehicle(pg_temp.id(2));
select set_eq($$select to_jsonb(v) - 'updated_at' from vehicles v$$, 'select held from before', 'all three are as they were');
select is_empty('select * from remembered_addresses', 'every address is that of its own vehicle again');
select is_empty('select * from import_queue', 'a merge that is taken back leaves no import behind');

-- A person's word between two merges, and a vehicle of a chain that is forgotten.
select merge_vehicles(pg_temp.id(1), pg_temp.id(2)), merge_vehicles(pg_temp.id(3), pg_temp.id(1));
select forget_vehicle(pg_temp.id(3), 'the owner asked');
select is_empty('select * from vehicle_merges where unmerged_at is null', 'forgetting the last of a chain forgets the copies that its merges keep');
select set_eq($$select canonical_url from remembered_addresses where kind = 'forgotten'$$, 'select pg_temp.url(n) from generate_series(1, 3) n', 'forgetting the last of a chain forgets the addresses of all');

select * from finish();
rollback;
