begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into extraction_maps (id, source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
values ('00000000-0000-4000-8000-00000000000a', 'cars.test', '{cars.test}', 'template 1', 1, 'serving', 'unreadable', '{}', '{color,vin}', 20, 20, 0, now());
create function pg_temp.watch(p_field text, p_agree integer, p_disagree integer, p_pages integer, p_adapter_reads integer) returns text language plpgsql as $$
begin
  insert into extraction_map_jobs (source, hosts, cause, step) values ('cars.test', '{cars.test}', 'watch', 'compare');
  perform claim_queue('extraction_map_jobs', 1);
  return (
    select settle_map_comparisons(j.id, j.lease_token, coalesce((
      select jsonb_agg(jsonb_build_object('map_id', '00000000-0000-4000-8000-00000000000a', 'snapshot_id', gen_random_uuid(), 'field_name', p_field,
        'map_value', 'a', 'other_value', 'b', 'agrees', n <= p_agree)) from generate_series(1, p_agree + p_disagree) n), '[]'), p_pages, p_adapter_reads)
    from extraction_map_jobs j where j.status = 'processing');
end
$$;

select is(pg_temp.watch('color', 30, 1, 20, 15), '0 of 1 maps retired; the adapter read 15 of 20 pages', 'while the adapter reads less than four fifths, it serves');
select is((select fields from extraction_maps), '{color,vin}', 'one contradiction of many changes nothing');
select pg_temp.watch('color', 0, 1, 20, 15);
select is((select fields from extraction_maps), '{vin}', 'the second does');
select is(serving_extraction_maps() #>> '{maps,0,fields}', '["vin"]', 'its readers see it');
select pg_temp.watch('vin', 0, 0, 4, 4);
select is((select status from extraction_maps), 'serving', 'four pages are too few to say that the adapter reads again');
select is(pg_temp.watch('vin', 0, 0, 20, 16), '1 of 1 maps retired; the adapter read 16 of 20 pages', 'it is retired when the adapter reads its pages again');
select is((select retired_because from extraction_maps), 'the adapter reads 16 of 20 pages again', 'and says so');
select is(retire_extraction_map('00000000-0000-4000-8000-00000000000a'), false, 'what is retired cannot be retired');

select * from finish();
rollback;
