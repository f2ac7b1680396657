begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

create function pg_temp.added(p_column text, p_url text) returns text[] language plpgsql as $$
declare v_urls text[];
begin
  execute format('insert into vehicles (%I) values ($1) returning array[discovery_url, listing_url, bat_auction_url, source_host]', p_column) into v_urls using p_url;
  return v_urls;
end
$$;

select is(pg_temp.added('discovery_url', 'bringatrailer.com/listing/x'), array['https://bringatrailer.com/listing/x', 'https://bringatrailer.com/listing/x', 'https://bringatrailer.com/listing/x', 'bringatrailer.com'],
  'an address without https:// is completed, in all columns');
select is((pg_temp.added('listing_url', 'www.cars.example:8080/a?b=1'))[1], 'https://www.cars.example:8080/a?b=1', 'an address without https:// in listing_url is completed');
select is((pg_temp.added('bat_auction_url', '//bringatrailer.com/listing/y'))[1], 'https://bringatrailer.com/listing/y', 'an address that begins with // in bat_auction_url is completed');
select is((pg_temp.added('discovery_url', e'\t https://cars.example/b\n'))[1], 'https://cars.example/b', 'blanks and line breaks around an address are left out');
select is((pg_temp.added('discovery_url', 'http://127.0.0.1:54321/c'))[1], 'http://127.0.0.1:54321/c', 'an address with http:// stays as it is');
select is(pg_temp.added('discovery_url', ''), array[null, null, null, null]::text[], 'an empty address is none');
select is(pg_temp.added('discovery_url', e' \n\t'), array[null, null, null, null]::text[], 'an address of blanks is none');
select is(pg_temp.added('bat_auction_url', ''), array[null, null, null, null]::text[], 'an empty bat_auction_url is none');

select throws_ok($$insert into vehicles (discovery_url) values ('not a url')$$, '23514', 'discovery_url "not a url" is no address of a page (allowed: https://host/path, host/path, or null)', 'what can be no address is refused, with what is allowed');
select throws_ok($$insert into vehicles (listing_url) values ('ftp://cars.example/a')$$, '23514', 'listing_url "ftp://cars.example/a" is no address of a page (allowed: https://host/path, host/path, or null)', 'an address of another kind is refused, with the column that it was given in');

alter table vehicles disable trigger sync_listing_urls;
insert into vehicles (id, discovery_url, listing_url) values ('00000000-0000-4000-8000-000000000001', 'not a url', 'not a url');
alter table vehicles enable trigger sync_listing_urls;
select lives_ok($$update vehicles set make = 'Saab', discovery_url = discovery_url, bat_auction_url = null where id = '00000000-0000-4000-8000-000000000001'$$, 'a vehicle that was stored with no address can be changed otherwise');
update vehicles set discovery_url = 'cars.example/d' where id = '00000000-0000-4000-8000-000000000001';
select is((select discovery_url from vehicles where id = '00000000-0000-4000-8000-000000000001'), 'https://cars.example/d', 'an address that a vehicle is moved to is completed');

select * from finish();
rollback;
