begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into fill_cycles (cycle_id, slot, target) values ('now', date_bin('2 hours', now(), 'epoch') - interval '2 hours', 2000);
set local vehicles.writer = 'import';
insert into vehicles (discovery_url, created_at, year, make, model, field_state)
select 'https://a.example/' || n, c.slot + (n / 3) * interval '1 second', 2004, 'Audi', 'A4', '{"year": {"method": "a"}, "make": {"method": "a"}, "model": {"method": "a"}}'
from fill_cycles c, generate_series(1, 20) n;

create function pg_temp.portion(p_portion integer, p_cursor jsonb) returns jsonb language sql as $$
  select private.count_quality_of_vehicles('now', p_portion, coalesce((p_cursor ->> 'from')::timestamptz, slot), slot + interval '2 hours', (p_cursor ->> 'after')::uuid, 7)
  from fill_cycles
$$;
create temp table last (cursor jsonb);
insert into last values (pg_temp.portion(0, null));
select is((select sum((counts ->> 'vehicles')::integer) from private.fill_quality_portions), 7::bigint, 'a portion is as large as it is asked to be');
update last set cursor = pg_temp.portion(0, null); -- the answer was lost, and it is asked again
update last set cursor = pg_temp.portion(1, cursor);
update last set cursor = pg_temp.portion(2, cursor);
select is((select cursor from last), null, 'after the last vehicle there is nowhere to go on');
select is((select sum((counts ->> 'vehicles')::integer) from private.fill_quality_portions), 20::bigint, 'each vehicle is counted once, also those of one moment');
select is((select sum((counts -> 'fields' -> 'vin' ->> 'of')::integer) from private.fill_quality_portions), 20::bigint, 'and so is each of its fields');

select * from finish();
rollback;
