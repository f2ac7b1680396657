begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into listing_feeds (id, url, check_interval)
values ('00000000-0000-4000-8000-000000000001', 'https://www.cars.example/new/?utm_source=x', '30 minutes');

select throws_ok($$insert into listing_feeds (url) values ('HTTPS://cars.example/new')$$, '23505', null, 'a URL that is another spelling of a feed''s is refused as a second feed');

select * from finish();
rollback;
