-- Looks that are made up with a known rate: gaps of 3 hours to 12 days, each seeing a change by chance.
begin;
create extension if not exists pgtap with schema extensions;
select plan(12);
select setseed(0.42);

-- Grouped as listing_gap_counts has them: by half octaves of the gap, with the mean of each.
create function pg_temp.estimated(p_rate double precision, p_looks integer) returns double precision language sql volatile as $$
  with looks as materialized (
    select d.days, random() < 1 - exp(-p_rate * d.days) as changed
    from generate_series(1, p_looks) n
    cross join lateral (select (0.125 * 96 ^ (random() + 0 * n)) as days) d
  ),
  grouped as (
    select sum(days) / count(*) as days, count(*)::double precision as looks, count(*) filter (where changed)::double precision as changes
    from looks group by private.gap_band(days)
  )
  select private.change_rate(array_agg(days), array_agg(looks), array_agg(changes)) from grouped
$$;
select cmp_ok(abs(pg_temp.estimated(rate, 40000) / rate - 1), '<', 0.04::double precision, format('a rate of %s a day is found within 4 %% from 40,000 irregular looks', rate))
from unnest(array[0.01, 0.05, 0.2, 1, 3]::double precision[]) rate;
select cmp_ok(abs(pg_temp.estimated(0.1, 1000) / 0.1 - 1), '<', 0.15::double precision, 'a rate is found within 15 % from 1,000 looks');

-- -log((unchanged + 0.5) / (looks + 0.5)) / gap, Cho and Garcia-Molina, section 4.2.
select is(round(private.change_rate(array[2.0], array[10.0], array[3.0])::numeric, 6), round((-ln(7.5 / 10.5) / 2)::numeric, 6), 'with equal gaps it is the estimate without bias');
select is(round(private.change_rate(array[2.0, 2.0], array[4.0, 6.0], array[1.0, 2.0])::numeric, 6), round((-ln(7.5 / 10.5) / 2)::numeric, 6), 'it is the same however equal looks are grouped');
select is(private.change_rate(array[1.0, 3.0], array[5.0, 5.0], array[0.0, 0.0]), 0::double precision, 'looks that saw no change give 0');
select is(round(private.change_rate(array[1.0], array[10.0], array[10.0])::numeric, 6), round(-ln(0.5 / 10.5)::numeric, 6), 'looks that all saw a change give a number that is not without end');
select is(private.change_rate('{}', '{}', '{}'), null, 'no looks give null');

select results_eq(
  $$select round(private.change_rate_with_prior('{}', '{}', '{}', 0.05)::numeric, 2) between 0.03 and 0.05,
    private.change_rate_with_prior(array[1.0], array[2.0], array[2.0], 0.05) between 0.1 and 0.6,
    abs(private.change_rate_with_prior(array[1.0], array[5000.0], array[3160.0], 0.05) - 1) < 0.02,
    private.change_rate_with_prior(array[1.0], array[5000.0], array[0.0], 0.05) < 0.001$$,
  $$values (true, true, true, true)$$, 'what is expected holds for few looks, and fades with many');

select * from finish();
rollback;
