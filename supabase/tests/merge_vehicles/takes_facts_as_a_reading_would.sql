begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.make(n integer, p_confidence numeric, p_facts jsonb) returns void language sql as $$
  insert into vehicles (id, discovery_url) values (pg_temp.id(n), 'https://a' || n || '.example/listing');
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://a' || n || '.example/listing', 'outcome', 'ok', 'method', 'a' || n, 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'facts', (select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', p_confidence, 'evidence', 'e')) from jsonb_each(p_facts) f))))
$$;
select pg_temp.make(1, 0.7, '{"color": "Red", "mileage": 90000, "engine": "S50", "trim": "Base", "asking_price": 1000, "currency": "USD", "body_style": "Coupe", "location": "Rome"}');
select pg_temp.make(2, 0.85, '{"color": "Blue", "mileage": 90000, "engine": "S54", "trim": "Sport", "asking_price": 2000, "currency": "EUR", "body_style": "Sedan", "location": "Rome"}');
update vehicles set engine = 'V8' where id = pg_temp.id(1); -- by a person, as the next two
update vehicles set body_style = null where id = pg_temp.id(1);
update vehicles set location = 'Rome ' where id = pg_temp.id(2);
update vehicles set field_state = jsonb_set(field_state, '{trim, confidence}', '0.8') where id = pg_temp.id(2);

select set_eq($$select jsonb_array_elements_text(merge_vehicles(pg_temp.id(1), pg_temp.id(2)) -> 'fields_taken')$$, array['color', 'body_style', 'location', 'asking_price', 'currency'], 'a merge takes what a reading would replace or fill, a person''s word, and the sale fields of the newer offer');
select is((select color from vehicles), 'Blue', 'a fact that is at least 0.15 more confident replaces the one held');
select is((select field_state -> 'color' ->> 'confidence' from vehicles), '0.85', 'its state comes with it');
select results_eq($$select field_value, previous_value, validation_status from extraction_metadata where field_name = 'color' order by 1$$, $$values ('Blue', 'Red', 'accepted'), ('Red', null, 'superseded')$$, 'its provenance is that of a replacement');
select results_eq('select engine, trim from vehicles', $$values ('V8', 'Base')$$, 'what a person set stays, and what is not sure enough is not taken');
select is((select validation_status from extraction_metadata where field_name = 'trim' and field_value = 'Sport'), 'conflict', 'what is not taken is a conflict');
select results_eq('select asking_price, currency from vehicles', $$values (2000.00, 'EUR')$$, 'prices in two currencies are not mixed');
select is((select field_state -> 'location' ->> 'method' from vehicles), 'manual', 'what a person said of the other is a person''s word on the one');

select unmerge_vehicle(pg_temp.id(2));
select results_eq('select color, field_state -> $$color$$ ->> $$confidence$$ from vehicles order by id', $$values ('Red', '0.7'), ('Blue', '0.85')$$, 'a replacement is taken back');

select * from finish();
rollback;
