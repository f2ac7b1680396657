begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into import_queue (listing_url) values ('cars.example/1'), ('  //cars.example/2 '), ('http://cars.example/3');
select set_eq('select listing_url from import_queue', array['https://cars.example/1', 'https://cars.example/2', 'http://cars.example/3'], 'an address without https:// is completed, as those of vehicles are');
insert into import_queue (listing_url) values ('www.cars.example/1/') on conflict (canonical_url) do update set priority = 7;
select is((select priority from import_queue where canonical_url = 'https://cars.example/1'), 7, 'a completed address is the same listing as the whole one');
select throws_ok($$insert into import_queue (listing_url) values ('no address')$$, '23514', 'listing_url of import_queue "no address" is no address of a page (allowed: https://host/path or host/path)', 'what can be no address is refused with its column and what is allowed');
update import_queue set listing_url = 'cars.example/4' where canonical_url = 'https://cars.example/3';
select is((select canonical_url from import_queue where listing_url like '%4'), 'https://cars.example/4', 'an address that is changed is completed');

insert into listing_feeds (url) values ('cars.example/feed');
select is((select url from listing_feeds where url like '%cars.example/feed'), 'https://cars.example/feed', 'the address of a feed is completed');
select throws_ok($$insert into listing_feeds (url) values ('feed')$$, '23514', 'url of listing_feeds "feed" is no address of a page (allowed: https://host/path or host/path)', 'what can be no feed is refused');

insert into vehicles (discovery_url) values ('cars.example/9');
delete from vehicles;
select is(bring_back_address('cars.example/9') ->> 'queued', 'https://cars.example/9', 'a forgotten address is brought back by what a person types');
select is((select listing_url from import_queue where canonical_url = 'https://cars.example/9'), 'https://cars.example/9', 'what is brought back is queued by its whole address');

select * from finish();
rollback;
