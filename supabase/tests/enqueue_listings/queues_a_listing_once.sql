begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.car(p_url text, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('source_url', p_url, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0', 'page_at', now(),
    'extraction_hash', md5(p_url), 'absent', '[]'::jsonb, 'images', jsonb_build_array('https://i.example/1.jpg', 'https://i.example/2.jpg'),
    'facts', '{"year": {"value": 2001, "confidence": 0.95, "evidence": "e"}, "make": {"value": "Ferrari", "confidence": 0.95, "evidence": "e"}, "model": {"value": "360", "confidence": 0.95, "evidence": "e"}}'::jsonb,
    'steps', '["extract_data"]'::jsonb) || p_more
$$;
create function pg_temp.import(p_item jsonb) returns jsonb language sql as $$ select import_listings(jsonb_build_array(p_item)) -> 0 $$;
select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/a/'));

select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/b/", "title": "B", "price": 5, "price_kind": "bid", "currency": "USD"}, {"url": "https://www.bringatrailer.com/listing/b"},
  {"url": "https://bringatrailer.com/listing/a"}, {"url": "javascript:alert(1)"}]', 'https://bringatrailer.com/auctions/'), '{"queued": 1, "known": 1, "refreshed": 0, "refused": 1, "mistakes": [{"item": 3, "url": "javascript:alert(1)", "why": "url is no address of a page, as https://host/path"}]}'::jsonb, 'a listing is queued once in two spellings; one that has a vehicle is known; what is no URL is refused');
select results_eq('select listing_title, listing_price, price_kind, discovered_from from import_queue', $$values ('B', 5.00, 'bid', 'https://bringatrailer.com/auctions/')$$, 'a queued listing holds title, price and currency as the index shows them, and where it was found');
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/b/", "price": 9, "price_kind": "sale"}]'), '{"queued": 0, "known": 1, "refreshed": 1, "refused": 0, "mistakes": []}'::jsonb, 'a queued listing that is found again is refreshed');
select is((select listing_price || price_kind from import_queue), '9.00sale', 'a queued listing that is found again holds the newer price');

select * from finish();
rollback;
