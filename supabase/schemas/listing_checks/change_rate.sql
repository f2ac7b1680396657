-- How often a listing changes, from looks at irregular intervals: Cho and Garcia-Molina, "Estimating Frequency of
-- Change", ACM Transactions on Internet Technology 3 (2003).

create function private.minute_of(p_at timestamptz) returns integer
language sql immutable parallel safe
return case
  when isfinite(p_at) then floor(extract(epoch from p_at at time zone 'UTC') / 60)::integer
  else 2147483647
end;
comment on function private.minute_of(timestamptz) is 'Minutes since 1970; the largest number for a time that never comes.';
grant execute on function private.minute_of(timestamptz) to service_role;

create function private.age_band(p_age interval) returns smallint
language sql immutable parallel safe
return (case
  when p_age < interval '3 days' then 0
  when p_age < interval '7 days' then 1
  when p_age < interval '14 days' then 2
  when p_age < interval '30 days' then 3
  when p_age < interval '60 days' then 4
  else 5
end)::smallint;
comment on function private.age_band(interval) is
  'How old an offer is: 0 under 3 days, 1 under a week, 2 under two, 3 under 30 days, 4 under 60, 5 older.';
grant execute on function private.age_band(interval) to authenticated, service_role;

create function private.gap_band(p_days double precision) returns smallint
language sql immutable parallel safe
return greatest(-4, least(20, floor(2 * log(2.0, greatest(p_days * 24, 0.01)::numeric))))::smallint;
comment on function private.gap_band(double precision) is
  'Half octaves of hours, so that gaps of one band are alike: 0 is 1 to 1.4 hours, 10 is 32 to 45.';
grant execute on function private.gap_band(double precision) to service_role;

create function private.change_rate(
  p_days double precision[], p_looks double precision[], p_changes double precision[]
) returns double precision
language plpgsql immutable
set search_path = ''
as $$
declare
  v_days double precision[];
  v_changes double precision[];
  v_unchanged double precision; -- days that ended without a change
  v_rate double precision;
  v_power double precision;
  v_excess double precision;
  v_slope double precision;
begin
  select
    array_agg(g.days), array_agg(g.changes),
    -- Half a look more that saw nothing: the correction that keeps the estimate finite when all saw a change, and
    -- without bias when the gaps are equal.
    sum((g.looks - g.changes) * g.days) + 0.5 * sum(g.looks * g.days) / nullif(sum(g.looks), 0),
    sum(g.changes) / nullif(
      sum((g.looks - 0.5 * g.changes) * g.days) + 0.5 * sum(g.looks * g.days) / nullif(sum(g.looks), 0), 0)
  into v_days, v_changes, v_unchanged, v_rate
  from unnest(p_days, p_looks, p_changes) g(days, looks, changes)
  where g.looks > 0 and g.days > 0;
  if v_rate is null or v_rate = 0 then
    return v_rate;
  end if;

  -- The likelihood is greatest where the sum of changed t / (e^(rate t) - 1) is the sum of unchanged t. The left side
  -- falls, ever less steeply, and is not less than changed (1 / rate - t / 2), which gave the rate to begin with: so
  -- Newton's steps come from below and never pass it.
  for i in 1 .. 50 loop
    v_excess := -v_unchanged;
    v_slope := 0;
    for g in 1 .. cardinality(v_days) loop
      v_power := exp(least(500, v_rate * v_days[g])) - 1;
      v_excess := v_excess + v_changes[g] * v_days[g] / v_power;
      v_slope := v_slope + v_changes[g] * (v_days[g] / v_power) * v_days[g] * (1 + 1 / v_power);
    end loop;
    exit when v_slope = 0;
    v_rate := v_rate + v_excess / v_slope;
    exit when v_excess / v_slope < 1e-9 * v_rate;
  end loop;
  return v_rate;
end
$$;
comment on function private.change_rate(double precision[], double precision[], double precision[]) is
  'Changes a day that are likeliest by looks in groups: for each group the days since the look before, how many looks, how many of them saw a change. Null without looks, 0 when none saw a change. With equal gaps it is -log((unchanged + 0.5) / (looks + 0.5)) / gap.';
grant execute on function private.change_rate(double precision[], double precision[], double precision[]) to service_role;

create function private.change_rate_with_prior(
  p_days double precision[], p_looks double precision[], p_changes double precision[], p_prior double precision
) returns double precision
language sql immutable
set search_path = ''
-- Five looks a day after the one before, as the prior would have them: what counts for much while little was seen.
return greatest(0.0001, private.change_rate(
  coalesce(p_days, '{}') || 1.0::double precision,
  coalesce(p_looks, '{}') || 5.0::double precision,
  coalesce(p_changes, '{}') || 5 * (1 - exp(-p_prior))));
comment on function private.change_rate_with_prior(
  double precision[], double precision[], double precision[], double precision) is
  'The same when the rate is expected to be p_prior, which counts as five looks.';
grant execute on function private.change_rate_with_prior(
  double precision[], double precision[], double precision[], double precision) to service_role;
