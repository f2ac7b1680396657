begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://www.bringatrailer.com/listing/a/?utm_source=x');
create function pg_temp.urls() returns text[] language sql as $$
  select array[discovery_url, listing_url, bat_auction_url, canonical_url, source_host] from vehicles where id = '00000000-0000-4000-8000-000000000001'
$$;

select is(pg_temp.urls(), array['https://www.bringatrailer.com/listing/a/?utm_source=x', 'https://www.bringatrailer.com/listing/a/?utm_source=x',
  'https://www.bringatrailer.com/listing/a/?utm_source=x', 'https://bringatrailer.com/listing/a', 'bringatrailer.com'], 'a URL fills all three columns as it was given, with its canonical URL and host');
update vehicles set listing_url = 'https://bringatrailer.com/listing/c' where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array['https://bringatrailer.com/listing/c', 'https://bringatrailer.com/listing/c', 'https://bringatrailer.com/listing/c',
  'https://bringatrailer.com/listing/c', 'bringatrailer.com'], 'a new listing_url moves all three columns');
update vehicles set discovery_url = 'https://bringatrailer.com/listing/d' where id = '00000000-0000-4000-8000-000000000001';
select is((pg_temp.urls())[2], 'https://bringatrailer.com/listing/d', 'a new discovery_url moves listing_url');
update vehicles set bat_auction_url = 'https://bringatrailer.com/listing/e' where id = '00000000-0000-4000-8000-000000000001';
select is((pg_temp.urls())[1], 'https://bringatrailer.com/listing/e', 'a new bat_auction_url moves discovery_url');
update vehicles set discovery_url = 'https://cars.example/1' where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array['https://cars.example/1', 'https://cars.example/1', null, 'https://cars.example/1', 'cars.example'], 'a listing on another site leaves bat_auction_url empty');
update vehicles set bat_auction_url = 'https://bringatrailer.com/listing/f' where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array['https://cars.example/1', 'https://cars.example/1', 'https://bringatrailer.com/listing/f', 'https://cars.example/1', 'cars.example'],
  'a bat_auction_url given beside a listing on another site moves no other column');
update vehicles set discovery_url = null where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array[null, null, 'https://bringatrailer.com/listing/f', null, null], 'a discovery_url that is removed empties listing_url and the canonical URL');
update vehicles set discovery_url = '  ' where id = '00000000-0000-4000-8000-000000000001';
select is((pg_temp.urls())[1], null, 'a blank discovery_url is none');

select * from finish();
rollback;
