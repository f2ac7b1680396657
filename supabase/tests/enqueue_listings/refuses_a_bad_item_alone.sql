begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create temp table a as select enqueue_listings('[
  {"url": "https://cars.example/1", "title": "good", "price": "5", "ends_at": null, "raw": null}, {"url": "https://cars.example/2", "price": "a lot"}, {"url": "https://cars.example/3", "price": -1},
  {"url": "https://cars.example/4", "price_kind": "guess"}, {"url": "https://cars.example/5", "currency": "usd"}, {"url": "https://cars.example/6", "ends_at": "soon"},
  {"url": "https://cars.example/7", "year": 19900000000}, {"url": "https://cars.example/8", "raw": []}, {"url": "https://cars.example/9", "priority": 1.5},
  {"title": "no url"}, "text", null, {"url": 7}, {"url": "cars.example/last"}]') as answer;

select is((select answer - 'mistakes' from a), '{"queued": 2, "known": 0, "refreshed": 0, "refused": 12}', 'bad items do not keep the others from the queue');
select results_eq('select listing_url from import_queue order by 1', $$values ('https://cars.example/1'), ('https://cars.example/last')$$, 'the good items are queued, an address without https:// completed');
select results_eq($$select (m ->> 'item')::integer, m ->> 'why' from a, jsonb_array_elements(answer -> 'mistakes') m order by 1$$, $$values
  (1, 'price is no amount of 0 or more'), (2, 'price is no amount of 0 or more'), (3, 'price_kind is neither bid, sale nor asking'),
  (4, 'currency is no code of three capital letters, such as USD'), (5, 'ends_at is no time, such as 2026-01-31T18:00:00Z'), (6, 'year is no whole number'),
  (7, 'raw is no object'), (8, 'priority is no whole number'), (9, 'url is missing'), (10, 'an item is an object with at least a url'),
  (11, 'an item is an object with at least a url'), (12, 'url is no address of a page, as https://host/path')$$, 'each bad item is named by its place, and says why');
select is(enqueue_listings(jsonb_build_array(jsonb_build_object('url', 'https://cars.example/' || (select string_agg(md5(n::text), '') from generate_series(1, 200) n)))) ->> 'refused', '1', 'a URL that no index can hold is refused');
select is((select jsonb_array_length(enqueue_listings(jsonb_agg('x'::text)) -> 'mistakes') from generate_series(1, 1000)), 20, 'a thousand bad items are answered with the first twenty');

select * from finish();
rollback;
