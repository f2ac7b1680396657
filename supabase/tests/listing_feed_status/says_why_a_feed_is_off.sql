begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

select sync_listing_feeds('[{"source": "craigslist", "url": "https://a.example/search", "kind": "search", "about": "an example", "enabled": false, "interval_minutes": 60, "off_because": "the site''s terms forbid it"},
  {"source": "b", "url": "https://b.example/rss", "kind": "rss", "about": "auctions", "enabled": true, "interval_minutes": 60}]');
update listing_feeds set enabled = false where url = 'https://b.example/rss';

select results_eq($$select state, why, what_to_do from listing_feed_status where url = 'https://a.example/search'$$, $$values ('off', 'the site''s terms forbid it', 'leave it off: the site''s terms forbid it')$$,
  'a feed that is off for its site''s terms says why, and not how to turn it on');
select is((select what_to_do from listing_feed_status where url = 'https://b.example/rss'), 'update listing_feeds set enabled = true where url = ''https://b.example/rss'';', 'a feed that an operator turned off says how to turn it on');
update listing_feeds set enabled = true where url = 'https://a.example/search';
select results_eq($$select state, what_to_do from listing_feed_status where url = 'https://a.example/search'$$, $$values ('never checked', null::text)$$, 'a feed that an operator turned on says nothing of it any more');
select sync_listing_feeds('[{"source": "b", "url": "https://b.example/rss", "kind": "rss", "about": "auctions", "enabled": true, "interval_minutes": 60}]');
select is((select off_because from listing_feeds where url = 'https://a.example/search'), null, 'a feed that the code no longer names holds no reason of the code');

select * from finish();
rollback;
