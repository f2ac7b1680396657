begin;
create extension if not exists pgtap with schema extensions;
select plan(40);

-- Every spelling of one listing.
select is(canonical_listing_url(spelling), 'https://bringatrailer.com/listing/1990-bmw-m3-42', 'the canonical spelling of the listing is the same for ' || spelling)
from unnest(array[
  'https://bringatrailer.com/listing/1990-bmw-m3-42/',
  'https://bringatrailer.com/listing/1990-bmw-m3-42',
  'http://bringatrailer.com/listing/1990-bmw-m3-42/',
  'https://www.bringatrailer.com/listing/1990-bmw-m3-42/',
  'HTTPS://WWW.BringATrailer.COM/listing/1990-bmw-m3-42/',
  'https://bringatrailer.com:443/listing/1990-bmw-m3-42/',
  'https://bringatrailer.com./listing/1990-bmw-m3-42/',
  'https://bringatrailer.com/listing/1990-bmw-m3-42//',
  'https://bringatrailer.com/listing/1990-bmw-m3-42/#comment-123',
  'https://bringatrailer.com/listing/1990-bmw-m3-42?utm_source=dm&utm_medium=email',
  'https://bringatrailer.com/listing/1990-bmw-m3-42/?fbclid=x&gclid=y&',
  'https://bringatrailer.com/listing/1990-bmw-m3-42/?',
  'https://someone:secret@bringatrailer.com/listing/1990-bmw-m3-42/',
  '  https://bringatrailer.com/listing/1990-bmw-m3-42/  ',
  'https://bringatrailer.com/listing/1990-bmw-m3-42/?from=newsletter',
  'HTTPS://BRINGATRAILER.COM/LISTING/1990-BMW-M3-42/'
]) spelling;

-- What makes another listing.
select is(canonical_listing_url(url), canonical, 'the canonical URL keeps apart what another listing may be: ' || url)
from (values
  ('https://cars.example/view?id=42&utm_source=x', 'https://cars.example/view?id=42'),
  ('https://cars.example/view/?b=2&a=1', 'https://cars.example/view?b=2&a=1'),
  ('https://bringatrailer.com/auctions/results/?page=2', 'https://bringatrailer.com/auctions/results?page=2'),
  ('https://cars.example/Listing/42', 'https://cars.example/Listing/42'),
  ('https://m.cars.example/42', 'https://m.cars.example/42'),
  ('https://cars.example/', 'https://cars.example'),
  ('https://cars.example', 'https://cars.example'),
  ('https://cars.example?id=7', 'https://cars.example?id=7'),
  ('https://cars.example/a%20b', 'https://cars.example/a%20b'),
  ('https://www.cars.example/utm_source=x', 'https://cars.example/utm_source=x'),
  ('https://www.www.cars.example/1', 'https://www.cars.example/1'),
  ('https://cars.example/car?ref=81234', 'https://cars.example/car?ref=81234'),
  ('https://cars.example/car/7?ref=homepage', 'https://cars.example/car/7')
) v(url, canonical);

-- What is none.
select is(canonical_listing_url(url), null, coalesce('there is no canonical URL of "' || url || '"', 'there is no canonical URL of null'))
from unnest(array['file:///etc/passwd', 'ftp://cars.example/1', 'javascript:alert(1)', 'cars.example/1', 'https://', 'https:///1', '', ' ', 'https://cars.example/a b', null]) url;

-- Spelling once is spelling twice.
select is(count(*) filter (where canonical_listing_url(canonical_listing_url(url)) <> canonical_listing_url(url)), 0::bigint, 'the canonical URL of a canonical URL is itself')
from unnest(array['http://www.cars.example//?a=1&&b=2&utm_x=#y', 'https://cars.example/?ref=1', 'https://cars.example///?', 'https://a.example/b/?c=d/']) url;

select * from finish();
rollback;
