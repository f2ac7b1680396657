begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

-- Readings of every kind, 300 of them: with fields that are no facts, without values, taken back, absent.
select setseed(0.25);
create temp table readings as
select
  n,
  gen_random_uuid() as id,
  (1000 + n)::bigint as listing_id,
  jsonb_strip_nulls(jsonb_build_object(
    'source_url', 'https://www.' || n % 7 || '.example/cars/' || n,
    'method', case when random() < 0.8 then 'general_scraper' end,
    'scraper_version', case when random() < 0.8 then 'v1.' || n % 4 || '.0' end,
    'page_at', case when random() < 0.8 then '2026-11-01T10:00:00Z' end,
    'is_followed', case when random() < 0.1 then false when random() < 0.1 then true end,
    'takes_over', case when random() < 0.1 then true end,
    'error', case when random() < 0.1 then 'half of it' end,
    'absent', (select jsonb_agg(f) from unnest(private.fact_columns() || '{wheels}') f where random() < 0.1 and n > 0),
    'read_again', (select jsonb_agg(f) from unnest(private.fact_columns()) f where random() < 0.05 and n > 0),
    'retractions', case when random() < 0.2 then (
      select jsonb_object_agg(f, jsonb_build_object('confidence', 0.9, 'evidence', 'it says so'))
      from unnest(private.fact_columns()) f where random() < 0.1 and n > 0) end
  )) || jsonb_build_object('facts', (
    select coalesce(jsonb_object_agg(f, jsonb_build_object(
      'value', case
        when random() < 0.1 then 'null'::jsonb
        when f = 'sale_date' then '"2026-10-01"'
        when f in ('year', 'mileage', 'sale_price', 'high_bid', 'asking_price') then to_jsonb(1990 + n % 30)
        else to_jsonb(f || ' "' || n || '"')
      end,
      'confidence', round(random()::numeric, 2),
      'evidence', case when random() < 0.8 then 'as ' || f end
    ) || jsonb_strip_nulls(jsonb_build_object(
      'method', case when random() < 0.2 then 'site_text' end,
      'way', case when random() < 0.3 then 'json_ld' end,
      'declared', case when random() < 0.2 then 0.75 end,
      'calibration', case when random() < 0.2 then n end
    ))), '{}')
    from unnest(private.fact_columns() || '{wheels,doors}') f
    where random() < 0.6 and n > 0
  )) as item
from generate_series(1, 300) n;

create temp table each_by_itself as
select r.n as place, d.decisions, d.new_values, d.states, d.changes
from readings r
cross join lateral private.decide_facts(
  jsonb_populate_record(null::vehicles, jsonb_build_object(
    'id', r.id, 'listing_url', r.item -> 'source_url', 'field_state', '{}'::jsonb)),
  r.item || jsonb_build_object('listing_id', r.listing_id)) d;
create temp table together as
select d.*
from (select array_agg(id order by n) as ids, array_agg(listing_id order by n) as listings, array_agg(item order by n) as items from readings) r
cross join lateral private.decide_new_facts(r.ids, r.listings, r.items) d;

select results_eq(
  'select place, decisions, new_values, states, changes from together order by place',
  'select place::bigint, decisions, new_values, states, changes from each_by_itself order by place',
  'of a vehicle of which nothing is held a batch decides as each reading by itself does');
select cmp_ok(
  (select count(*) from together where new_values <> '{}'), '>', 250::bigint, 'nearly all of them state something');
select cmp_ok(
  (select count(*) from readings where not private.has_plain_facts(item)), '>', 30::bigint,
  'some of them take something back, or speak of another sale');

select * from finish();
rollback;
