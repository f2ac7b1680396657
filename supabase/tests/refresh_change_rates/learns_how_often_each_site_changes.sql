begin;
create extension if not exists pgtap with schema extensions;
select plan(9);
select setseed(0.1);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(1);
insert into vehicle_listings (vehicle_id, listing_url, kind, status, listed_at)
select pg_temp.id(1), format('https://%s.example/%s', h, n), 'dealer', 'for_sale', now() - interval '1 day' from unnest(array['quick', 'slow']) h, generate_series(1, 50) n;
insert into listing_looks (listing_id, at, source_host, kind, age_band, gap_days, changed, way)
select n, now() - interval '1 hour', h, 'dealer', 0, g.days, random() < 1 - exp(-rate * g.days), 'page'
from (values ('quick.example', 0.3), ('slow.example', 0.03)) s(h, rate), generate_series(1, 4000) n
cross join lateral (select 0.5 + 3 * random() + 0 * n as days) g;
insert into listing_looks (listing_id, source_host, kind, age_band, changed, way) values (1, 'quick.example', 'dealer', 0, false, 'index');

select is(private.refresh_change_rates(now() + interval '10 minutes'), 18 + 2, 'there is a row for each group, and for each kind and age');
create view pg_temp.r as select source_host, listings, looks, rate_per_day, extract(epoch from look_every) / 3600 as hours from listing_change_rates where kind = 'dealer' and age_band = 0;
select results_eq('select source_host, listings, round(looks) from pg_temp.r order by 1', $$values ('*', 0, 8000::double precision), ('quick.example', 50, 4000), ('slow.example', 50, 4000)$$, 'it is learnt from looks that say something of how often things change');
select results_eq('select source_host, abs(rate_per_day / case source_host when ''quick.example'' then 0.3 else 0.03 end - 1) < 0.1 from pg_temp.r where source_host <> ''*'' order by 1', $$values ('quick.example', true), ('slow.example', true)$$, 'the rate of each site is found within 10 %');
select cmp_ok((select hours from pg_temp.r where source_host = 'quick.example'), '<', (select hours from pg_temp.r where source_host = 'slow.example'), 'what changes more is looked at more often');
select is(private.look_every('new.example', 'dealer', '1 day'), (select look_every from listing_change_rates where source_host = '*' and kind = 'dealer' and age_band = 0), 'a site that is new is looked at as its kind is');
select is(private.look_every('quick.example', 'auction', '1 day') between interval '6 hours' and interval '14 days', true, 'a kind that was never seen has an interval');

select private.refresh_change_rates(now() + interval '1 hour');
select results_eq('select round(looks) from pg_temp.r where source_host = ''slow.example''', $$values (3998::double precision)$$, 'what was added up is not added again, and fades');
select private.refresh_change_rates(now() + interval '45 days 1 hour');
select results_eq('select round(looks / 10) from pg_temp.r where source_host = ''slow.example''', $$values (200::double precision)$$, 'in 45 days half of it');
select results_eq('select count(*), bool_and(listings = 0) from listing_change_rates where source_host <> ''*'' and age_band = 0', $$values (2::bigint, true)$$, 'a group that has no listings any more keeps its rate');

select * from finish();
rollback;
