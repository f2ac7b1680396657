begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

select private.sample_part('truth'), private.sample_part('reliability');
select matches(dashboard_truth() ->> 'says', '^accuracy is not known: nobody audited', 'without audits there is no accuracy');
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status, source_url, reading_way, reviewed_at)
select '00000000-0000-4000-8000-000000000001', 'mileage', n::text, 'm', 0.85, case when n <= 2 then 'rejected' else 'superseded' end, 'https://a.example/1', 'label', now() - interval '1 day'
from generate_series(1, 20) n;
select private.sample_part('truth'), private.sample_part('reliability');
select is(dashboard_truth() #> '{summary,accuracy}', '0.9', 'of twenty audits eighteen were right');
select is(dashboard_truth() #> '{summary,accuracy_n}', '20', 'and n says of how many');
select results_eq($$select (b ->> 'bin_from')::numeric, (b ->> 'confidence')::numeric, (b ->> 'accepted')::numeric, (b ->> 'n')::integer from jsonb_array_elements(dashboard_truth() #> '{summary,reliability}') b$$,
  $$values (0.8, 0.85, 0.9, 20)$$, 'how sure, and how often right');

select * from finish();
rollback;
