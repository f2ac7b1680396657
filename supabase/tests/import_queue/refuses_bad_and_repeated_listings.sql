begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into import_queue (listing_url) values ('https://bringatrailer.com/listing/b/');

select throws_ok($$insert into import_queue (listing_url) values ('ftp://x.example/')$$, '23514', null, 'import_queue takes no URL that is not http or https');
select throws_ok($$insert into import_queue (listing_url) values ('http://bringatrailer.com/listing/b')$$, '23505', null, 'import_queue takes no second spelling of a listing');

select * from finish();
rollback;
