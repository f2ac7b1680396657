begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

select throws_ok($$select claim_queue('vehicles', 1)$$, '22023', null, 'a claim from a table that is no queue is refused');
select throws_ok($$select claim_queue('backfill_queue; drop table vehicles', 1)$$, '22023', null, 'a claim from a name with SQL in it is refused');

select * from finish();
rollback;
