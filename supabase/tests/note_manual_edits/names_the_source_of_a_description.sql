begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
update vehicles set description = 'Seen and driven by me.';

select is((select description_source from vehicles), 'manual', 'a description written by hand has description_source manual');
update vehicles set description = null;
select is((select description_source from vehicles), null, 'a vehicle whose description was removed has no description_source');

select * from finish();
rollback;
