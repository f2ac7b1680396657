begin;
create extension if not exists pgtap with schema extensions;
select plan(11);

create function pg_temp.told(p_claims jsonb, p_query text) returns text language plpgsql as $$
declare
  v_said text;
begin
  perform set_config('request.jwt.claims', p_claims::text, true);
  execute format('set local role %I', p_claims ->> 'role');
  begin
    execute p_query into v_said;
  exception when others then
    v_said := sqlstate || ' ' || sqlerrm;
  end;
  reset role;
  return v_said;
end
$$;
create temp table who as
select '{"role": "authenticated", "user_metadata": {"role": "operator"}}'::jsonb as user,
  '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}'::jsonb as operator;

select matches(pg_temp.told('{"role": "anon"}', 'select dashboard()'), '^42501', 'who is signed out gets nothing');
select is(pg_temp.told(who.user, q.query), '42501 only operators may use the dashboard', 'an ordinary user is told so by ' || q.query)
from who, unnest(array[
  'select dashboard()', 'select dashboard_money()', 'select dashboard_review()', $$select dashboard_find('bmw')$$,
  $$select dashboard_vehicle('00000000-0000-4000-8000-000000000001')$$, $$select private.found_by_vin('WB', 5)$$, $$select private.found_by_words('{bmw}', 5)$$
]) q(query);
select is(pg_temp.told(who.user, $$select private.operator_name('00000000-0000-4000-8000-00000000000a')$$), 'a removed account', 'and learns no address of Auth') from who;
select is(pg_temp.told(who.operator, $$select string_agg(key, ' ' order by key) from jsonb_each(dashboard() -> 'panels') where not value ? 'error'$$),
  'coverage cycle hosts maps money queues running sources supply truth', 'an operator sees every panel, on an empty database too') from who;
select is(pg_temp.told(who.operator, $$select dashboard(array['nope', 'queues']) #>> '{panels,nope,error,code}'$$), '22023', 'a panel that does not exist has an error in its place') from who;

select * from finish();
rollback;
