begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
select s, s, 'dealer', array[s || '.example', 'other-' || s || '.example'], s, 'v1.0.0' from unnest(array['one', 'two']) s;
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://one.example/' || n from generate_series(1, 6) n;
insert into vehicle_listings (vehicle_id, listing_url, kind, seller, listed_at)
select pg_temp.id(n), 'https://two.example/' || n, 'dealer', seller, at from (values
  (1, 'Another', now()), (2, 'Same', now()), (3, null, now()), (4, 'Same', now() - interval '200 days'), (5, 'Another', now())) x(n, seller, at);
insert into vehicle_listings (vehicle_id, listing_url, kind, seller) values (pg_temp.id(6), 'https://other-one.example/6', 'dealer', 'Another');
update vehicle_listings set seller = 'Same' where source_host = 'one.example';
create function pg_temp.read(p_site text, n integer, p_facts jsonb) returns void language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', pg_temp.id(n), 'outcome', 'ok', 'source_url', 'https://' || p_site || '.example/' || n, 'page_at', now(),
    'method', 'general', 'scraper_version', 'v1.0.0', 'facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e', 'way', case p_site when 'one' then 'labelled' else 'structured' end))
      from jsonb_each(p_facts) f))))
$$;
create function pg_temp.both(n integer, p_one jsonb, p_two jsonb, p_two_is text default 'two') returns void language sql as $$
  select pg_temp.read('one', n, p_one);
  select pg_temp.read(p_two_is, n, p_two);
$$;
create function pg_temp.labels() returns text language sql as $$
  select string_agg(format('%s %s %s', l.reading_way, l.accepted, round(l.counts, 2)), ', ' order by l.reading_way)
  from private.calibration_labels(now()) l
$$;
select pg_temp.both(1, '{"color": "red"}', '{"color": "red"}');
select is(pg_temp.labels(), 'labelled 1 0.25, structured 1 0.25', 'two sellers on two sites that agree are a quarter of a label for each');
delete from source_comparisons;
select pg_temp.both(2, '{"color": "red"}', '{"color": "red"}');
select is(pg_temp.labels(), null, 'one seller on two sites is one feed');
select pg_temp.both(3, '{"color": "red"}', '{"color": "red"}');
select is(pg_temp.labels(), null, 'a seller that is not known may be the same');
select pg_temp.both(5, '{"color": "red", "description": "A fine car."}', '{"color": "red", "description": "A fine car."}');
select is(pg_temp.labels(), null, 'the same words are one feed, whoever is named as the seller');
select pg_temp.both(6, '{"color": "red"}', '{"color": "red"}', 'other-one');
select is(pg_temp.labels(), null, 'two hosts of one source are one');
select is((select count(*) from source_comparisons where not is_independent), 4::bigint, 'though each pair is compared');
select pg_temp.both(4, '{"color": "red"}', '{"color": "blue"}');
select is(pg_temp.labels(), 'labelled 0.5 0.25, structured 0.5 0.25', 'half a year apart they count; of two that disagree nobody knows which is wrong');

select * from finish();
rollback;
