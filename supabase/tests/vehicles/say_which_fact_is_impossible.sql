begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

create function pg_temp.words(p_facts jsonb) returns text language plpgsql as $$
begin
  insert into vehicles (year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, seller_name, location, description, description_source)
  select v.year, v.make, v.model, v.trim, v.vin, v.mileage, v.color, v.interior_color, v.engine, v.transmission, v.drivetrain, v.body_style,
    v.sale_price, v.high_bid, v.asking_price, v.currency, v.sale_status, v.seller_name, v.location, v.description, v.description_source
  from jsonb_populate_record(null::vehicles, p_facts) v;
  return null;
exception when check_violation then
  return sqlerrm;
end
$$;

select is(pg_temp.words('{"make": "", "year": 1885}'), 'a vehicle cannot hold make "" (allowed: a text that is not empty, or null when it is not known)', 'an empty text is refused with its field and what is allowed');
select is(pg_temp.words('{"year": 1884}'), 'a vehicle cannot hold year "1884" (allowed: a year from 1885 to 2100)', 'a year before the first car is refused with the years that are allowed');
select is(pg_temp.words('{"year": 2101, "model": ""}'), 'a vehicle cannot hold model "" (allowed: a text that is not empty, or null when it is not known); year "2101" (allowed: a year from 1885 to 2100)', 'two mistakes are both named');
select is(pg_temp.words('{"mileage": -1}'), 'a vehicle cannot hold mileage "-1" (allowed: whole miles, 0 or more)', 'a negative mileage is refused with what is allowed');
select is(pg_temp.words('{"currency": "usd"}'), 'a vehicle cannot hold currency "usd" (allowed: a code of three capital letters, such as USD)', 'a currency in small letters is refused with what is allowed');
select is(pg_temp.words('{"sale_status": "gone"}'), 'a vehicle cannot hold sale_status "gone" (allowed: sold, bid_to, no_sale, withdrawn, live, for_sale or unknown)', 'an unknown sale_status is refused with those that are allowed');

-- Whatever a constraint of a fact refuses is said in words first.
create function pg_temp.refused_by(p_column text, p_value text) returns text language sql as $$ select pg_temp.words(jsonb_build_object(p_column, p_value)) $$;
select is(array(
  select c.column_name::text from information_schema.columns c
  where c.table_schema = 'public' and c.table_name = 'vehicles' and c.column_name = any (private.fact_columns() || array['description_source'])
    and c.data_type <> 'date'
    and coalesce(pg_temp.refused_by(c.column_name, case c.data_type when 'text' then '' else '-1' end) not like 'a vehicle cannot hold ' || c.column_name || '%', true)
), '{}', 'every fact that has a constraint is refused in words');
select is(pg_temp.words('{"year": 1885, "make": "Benz", "model": "Patent-Motorwagen", "mileage": 0, "sale_price": 0, "currency": "EUR", "sale_status": "sold"}'), null, 'what is at the bounds is taken');
select throws_ok($$update vehicles set make = '', model = 'x'$$, '23514', 'a vehicle cannot hold make "" (allowed: a text that is not empty, or null when it is not known)', 'an update is refused in words, too');

-- The bounds stand twice, in the constraints and beside the words: these samples lie on and beyond each.
create temp table samples as
select column_name, value
from (values
  ('year', '1884'), ('year', '1885'), ('year', '2100'), ('year', '2101'), ('mileage', '-1'), ('mileage', '0'),
  ('sale_price', '-0.01'), ('sale_price', '0'), ('high_bid', '-0.01'), ('high_bid', '0'), ('asking_price', '-0.01'), ('asking_price', '0'),
  ('currency', ''), ('currency', 'US'), ('currency', 'USD'), ('currency', 'usd'), ('currency', 'USDX'),
  ('sale_status', ''), ('sale_status', 'Sold'), ('sale_status', 'sold'), ('sale_status', 'bid_to'), ('sale_status', 'no_sale'),
  ('sale_status', 'withdrawn'), ('sale_status', 'live'), ('sale_status', 'for_sale'), ('sale_status', 'unknown')
) v(column_name, value)
union all
select f, t from unnest(private.fact_columns() || array['description_source']) f, unnest(array['', 'x']) t
where f not in ('year', 'mileage', 'sale_price', 'high_bid', 'asking_price', 'currency', 'sale_status', 'sale_date');
create temp table in_words as select * from samples where pg_temp.refused_by(column_name, value) is not null;
alter table vehicles disable trigger check_facts;
create temp table by_constraint as select * from samples where pg_temp.refused_by(column_name, value) is not null;
select set_eq('select * from in_words', 'select * from by_constraint', 'the words refuse what the constraints refuse, and nothing else');

select * from finish();
rollback;
