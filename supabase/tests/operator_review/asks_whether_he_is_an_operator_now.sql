begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
select is(operator_review(1, 'accept') ->> 'outcome', 'refused', 'an operator is answered');
update auth.users set raw_app_meta_data = '{}' where id = '00000000-0000-4000-8000-00000000000a';
select throws_ok($$select operator_review(1, 'accept')$$, '42501', 'only operators may use the dashboard', 'one whose role was taken is not, whatever his token still says');
delete from auth.users where id = '00000000-0000-4000-8000-00000000000a';
select throws_ok($$select operator_review(1, 'accept')$$, '42501', 'only operators may use the dashboard', 'nor one who is no more');

select * from finish();
rollback;
