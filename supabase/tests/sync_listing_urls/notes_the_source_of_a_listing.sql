begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://www.bringatrailer.com/listing/a/?utm_source=x');
insert into vehicles (discovery_url) values ('https://cars.example/listing/a');

select results_eq($$select distinct origin_metadata ->> 'source' from vehicles where discovery_url like 'https://%' order by 1$$,
  $$values ('bringatrailer.com'), ('cars.example')$$, 'the host of its listing is noted as the source in origin_metadata');
insert into vehicles (discovery_url, origin_metadata) values ('https://cars.example/2', '{"source": "a friend", "note": 7}');
select is((select origin_metadata from vehicles where discovery_url = 'https://cars.example/2'), '{"source": "a friend", "note": 7}', 'a source that the import gave in origin_metadata is kept');

select * from finish();
rollback;
