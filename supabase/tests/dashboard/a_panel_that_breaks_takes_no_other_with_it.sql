begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

select set_config('request.jwt.claims', '{"role": "authenticated", "app_metadata": {"role": "operator"}}', true);
alter table extraction_maps rename column template to template_gone;
set local role authenticated;
create temp table d as select dashboard() as d;
reset role;

select is((select d #>> '{panels,maps,error,code}' from d), '42703', 'a column that is gone is an error of its panel');
select matches((select d #>> '{panels,maps,error,says}' from d), '^The database lacks something that this release expects: .*template', 'in words, with its name');
select is((select d #>> '{panels,maps,error,what_to_type}' from d), 'supabase db push', 'and with what to type');
select is((select count(*) from d, jsonb_each(d.d -> 'panels') p where p.value ? 'error'), 1::bigint, 'the other panels are whole');

select * from finish();
rollback;
