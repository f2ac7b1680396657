begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

delete from listing_feeds;
insert into fill_cycles (cycle_id, slot, target) values ('c', to_timestamp(floor(extract(epoch from now()) / 7200) * 7200), 2000);
insert into listing_feeds (url, kind, last_outcome, last_found, last_new, last_checked_at, last_found_at, validators)
select 'https://' || k || v || '.example/new', k, 'ok', 40, v, now(), now(), '{"etag": "x"}'
from (values ('index', 39), ('index', 10), ('rss', 40), ('sitemap', 40), ('search', 33)) f(k, v);
insert into listing_feeds (url, enabled, last_outcome, last_found, last_new, last_checked_at) values ('https://off.example/new', false, 'ok', 40, 40, now());
create function pg_temp.pages() returns table (url text, pages integer) language sql as $$
  select url, pages from listing_feeds where pages > 1 order by url
$$;
create function pg_temp.checked(p_new integer) returns void language sql as $$
  select settle_listing_feeds((select jsonb_agg(jsonb_build_object(
    'id', f -> 'id', 'lease_token', f -> 'lease_token', 'outcome', 'ok', 'found', 40, 'new', p_new, 'known', 40 - p_new, 'skipped', 0))
    from jsonb_array_elements(claim_listing_feeds(9, array(select id from listing_feeds where url like '%index39%'))) f))
$$;

select is(activate_sources('c') ->> 'more_pages', '2', 'feeds whose page was nearly all new read one page more');
select results_eq('select * from pg_temp.pages()', $$values ('https://index39.example/new', 2), ('https://search33.example/new', 2)$$,
  'those that have further pages, and that nobody switched off');
select is((select validators from listing_feeds where url like '%index39%'), null, 'their first page is read in full the next time');
select results_eq($$select from_value, to_value, reason from fill_decisions where lever = 'feed_pages' and subject like '%index39%'$$,
  $$values ('1', '2', 'below target, and 39 of its 40 listings were new: more stand behind them')$$, 'each is a decision, with why');
select activate_sources('c'), activate_sources('c'), activate_sources('c'), activate_sources('c');
select is((select max(pages) from listing_feeds), 5, 'five at most');
select pg_temp.checked(30);
select is((select pages from listing_feeds where url like '%index39%'), 5, 'while most of it is new it stays so');
select pg_temp.checked(3);
select is((select pages from listing_feeds where url like '%index39%'), 1, 'when most of it is known one page is enough');
select is((select to_value || ': ' || reason from fill_decisions where lever = 'feed_pages' and from_value = '5'),
  '1: 3 of its listings were new: what stands behind them is known', 'that is a decision too');
select is(activate_sources('c') ->> 'more_pages', '0', 'and what is known is read no further');

select * from finish();
rollback;
