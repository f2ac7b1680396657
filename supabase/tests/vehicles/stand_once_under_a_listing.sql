begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://www.bringatrailer.com/listing/a/?utm_source=x');

select throws_ok($$insert into vehicles (discovery_url) values ('http://bringatrailer.com/listing/a#top')$$, '23505', null, 'a second vehicle under another spelling of discovery_url is refused');
select throws_ok($$insert into vehicles (listing_url) values ('http://bringatrailer.com/listing/a')$$, '23505', null, 'a second vehicle under another spelling in listing_url is refused');
select throws_ok($$insert into vehicles (bat_auction_url) values ('http://bringatrailer.com/listing/a')$$, '23505', null, 'a second vehicle under another spelling in bat_auction_url is refused');
select lives_ok($$insert into vehicles (discovery_url) values ('https://bringatrailer.com/listing/b'), ('https://cars.example/listing/a')$$, 'vehicles under other listings are taken');
select lives_ok($$insert into vehicles (make) values ('BMW'), ('BMW')$$, 'many vehicles without a listing are taken');
select throws_ok($$update vehicles set discovery_url = 'https://www.cars.example/listing/a/' where id = '00000000-0000-4000-8000-000000000001'$$, '23505', null,
  'a vehicle that is moved onto another one''s listing is refused');

select * from finish();
rollback;
