-- What a constraint refuses, said in words before it does.

create function private.check_facts() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new constant jsonb := to_jsonb(new);
  v_mistakes text;
  v_first text;
begin
  select string_agg(format('%s "%s" (allowed: %s)', m.field, left(v_new ->> m.field, 100), m.allowed), '; ' order by m.place),
    (array_agg(m.field order by m.place))[1]
  into v_mistakes, v_first
  from (
    select 0 as place, f as field, 'a text that is not empty, or null when it is not known' as allowed
    from unnest(private.fact_columns() || array['description_source']) f
    where v_new ->> f = ''
      and f not in ('currency', 'sale_status')
    union all
    select r.place, r.field, r.allowed
    from (values
      (1, 'year', not new.year between 1885 and 2100, 'a year from 1885 to 2100'),
      (2, 'mileage', new.mileage < 0, 'whole miles, 0 or more'),
      (3, 'sale_price', new.sale_price < 0, 'an amount of 0 or more'),
      (4, 'high_bid', new.high_bid < 0, 'an amount of 0 or more'),
      (5, 'asking_price', new.asking_price < 0, 'an amount of 0 or more'),
      (6, 'currency', new.currency !~ '^[A-Z]{3}$', 'a code of three capital letters, such as USD'),
      (7, 'sale_status', new.sale_status not in ('sold', 'bid_to', 'no_sale', 'withdrawn', 'live', 'for_sale', 'unknown'),
        'sold, bid_to, no_sale, withdrawn, live, for_sale or unknown')
    ) r(place, field, is_wrong, allowed)
    where r.is_wrong
  ) m;
  raise exception 'a vehicle cannot hold %', v_mistakes
    using errcode = '23514', schema = 'public', table = 'vehicles', column = v_first,
      constraint = format('vehicles_%s_check', v_first);
end
$$;
comment on function private.check_facts() is
  'Refuses a vehicle whose facts the constraints would refuse, and says which fields and what is allowed.';
revoke execute on function private.check_facts() from public;

-- Before the other triggers, which go by their names: none of them is to meet such a value.
create trigger check_facts
  before insert or update of
    year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, seller_name, location, description, description_source
  on public.vehicles
  for each row when (
    new.year < 1885
    or new.year > 2100
    or least(new.mileage, new.sale_price, new.high_bid, new.asking_price) < 0
    or new.currency !~ '^[A-Z]{3}$'
    or new.sale_status not in ('sold', 'bid_to', 'no_sale', 'withdrawn', 'live', 'for_sale', 'unknown')
    or '' = any (array[
      new.make, new.model, new.trim, new.vin, new.color, new.interior_color, new.engine, new.transmission,
      new.drivetrain, new.body_style, new.seller_name, new.location, new.description, new.description_source])
  )
  execute function private.check_facts();
