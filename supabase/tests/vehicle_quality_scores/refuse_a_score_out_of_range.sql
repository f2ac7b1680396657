begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (year) values (1990);

select throws_ok($$update vehicle_quality_scores set overall_score = 100.1$$, '23514', null, 'a score above 100 is refused');
select throws_ok($$update vehicle_quality_scores set overall_score = -0.1$$, '23514', null, 'a score under 0 is refused');

select * from finish();
rollback;
