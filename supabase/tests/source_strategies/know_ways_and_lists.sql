begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0');
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
create function pg_temp.review(p_way text, p_right integer, p_wrong integer) returns void language sql as $$
  insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status, source_url, reading_way, reviewed_at)
  select '00000000-0000-4000-8000-000000000001', 'mileage', gen_random_uuid()::text, 'a', 0.9, case when n <= p_right then 'superseded' else 'rejected' end,
    'https://a.example/1', p_way, now()
  from generate_series(1, p_right + p_wrong) n
$$;
select pg_temp.review('labelled', 40, 2), pg_temp.review('structured', 30, 12), pg_temp.review('title', 5, 0), pg_temp.review('prose', 4, 0);
insert into listing_feeds (url, source, new_per_hour, next_check_at) values ('https://a.example/cars', 'a', 2.5, now());

select is(private.learn_strategies(), 1, 'a source is learned from its labels and feeds');
select is((select best_ways from source_strategies), '{"mileage": {"way": "labelled", "precision": 0.952, "n": 42.0}}',
  'the best way of a field is the one that is surely good, not the one that was right five times of five');
select results_eq('select lists_new_per_hour, lists_interval from source_strategies', $$values (2.5, interval '2 hours')$$, 'how often its lists change is known');
select results_eq($$select kind, what, learned_from from learning_status where source = 'a' order by 1$$,
  $$values ('best way', 'labelled', '42.0 labels, 95 % right'), ('lists', 'checked every 02:00:00', '2.50 new listings an hour')$$, 'learning_status says both');

create function pg_temp.next_check() returns interval language plpgsql as $$
declare v jsonb;
begin
  update listing_feeds set next_check_at = now(), enabled = true;
  v := claim_listing_feeds(1) -> 0;
  perform settle_listing_feeds(jsonb_build_array(jsonb_build_object('id', v -> 'id', 'lease_token', v -> 'lease_token', 'outcome', 'ok', 'found', 10, 'new', 0, 'known', 10, 'skipped', 0)));
  return (select next_check_at - now() from listing_feeds);
end $$;
select isnt(pg_temp.next_check(), interval '45 minutes', 'a feed is checked as often as it changes');
update source_strategies set pinned_lists_interval = '45 minutes';
select is(pg_temp.next_check(), interval '45 minutes', 'or as often as an operator pinned for its source');
select results_eq($$select state, what from learning_status where kind = 'lists'$$, $$values ('pinned', 'checked every 00:45:00')$$, 'which learning_status says');
update source_strategies set pinned_lists_interval = null;
select isnt(pg_temp.next_check(), interval '45 minutes', 'until it is taken back');

select private.calibrate();
select results_eq($$select subject ~ '^version \d+$', state, what, learned_from, changed from learning_status where kind = 'calibration'$$,
  $$values (true, 'shadow', 'confidence of 4 fields and ways', '93 labels', null)$$, 'a calibration is a row of learning_status');

select * from finish();
rollback;
