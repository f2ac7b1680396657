begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

select throws_ok(
  $$ insert into public.scraping_health (source, url, outcome, ms) values ('s', 'u', 'fine', 1) $$, '23514', null,
  'an attempt with an unknown outcome is refused'
);

select * from finish();
rollback;
