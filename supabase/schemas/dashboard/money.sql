-- What it costs: what was counted of each day, at the rates that an operator gave.

create function private.rate_of(p_item text) returns numeric
language sql stable
set search_path = ''
as $$
  select r.price / r.per from public.cost_rates r where r.item = p_item
$$;
comment on function private.rate_of(text) is 'The price of one; null where no rate was given.';

create function private.cost_of_days(p_from timestamptz)
returns table (day timestamptz, requests numeric, gb_fetched numeric, gb_stored numeric, invocations numeric, price numeric)
language sql stable
set search_path = ''
as $$
  with rates as (
    select private.rate_of('request') as request, private.rate_of('gb_fetched') as gb_fetched,
      private.rate_of('gb_stored_month') as gb_stored, private.rate_of('invocation') as invocation
  ),
  days as (
    select s.at,
      coalesce(sum(s.value) filter (where s.series = 'requests'), 0)::numeric as requests,
      coalesce(sum(s.value) filter (where s.series = 'bytes_fetched'), 0)::numeric / 1e9 as gb_fetched,
      coalesce(sum(s.value) filter (where s.series = 'bytes_stored'), 0)::numeric / 1e9 as gb_stored,
      coalesce(sum(s.value) filter (where s.series = 'invocations'), 0)::numeric as invocations
    from public.dashboard_samples s
    where s.subject = '' and s.step = 'day' and s.at >= p_from
      and s.series in ('requests', 'bytes_fetched', 'bytes_stored', 'invocations')
    group by s.at
  )
  select d.at, d.requests, d.gb_fetched, d.gb_stored, d.invocations,
    case when coalesce(r.request, r.gb_fetched, r.gb_stored, r.invocation) is not null then
      d.requests * coalesce(r.request, 0) + d.gb_fetched * coalesce(r.gb_fetched, 0)
        + d.gb_stored * coalesce(r.gb_stored, 0) + d.invocations * coalesce(r.invocation, 0) end
  from days d
  cross join rates r
$$;
comment on function private.cost_of_days(timestamptz) is
  'By day (UTC): what was used, and its price; null without a rate for anything. What is stored is priced as its first month.';

create function private.money_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with days as materialized (
      select * from private.cost_of_days(least(
        date_trunc('day', now(), 'UTC') - interval '30 days',
        case when p_range in ('60d', 'all') then private.range_begin(p_range) end))
    ),
    today as (select * from days where day = date_trunc('day', now(), 'UTC')),
    yesterday as (select * from days where day = date_trunc('day', now(), 'UTC') - interval '1 day'),
    month as (
      select sum(d.price) as price, count(*) as days, (
          select sum(s.value) from public.dashboard_samples s
          where s.series = 'vehicles_added' and s.subject = '' and s.step = 'day' and s.at >= date_trunc('day', now(), 'UTC') - interval '29 days'
        ) as vehicles
      from days d
      where d.day >= date_trunc('day', now(), 'UTC') - interval '29 days'
    ),
    rates as materialized (
      select coalesce(private.rate_of('request'), 0) as request, coalesce(private.rate_of('gb_fetched'), 0) as gb_fetched,
        coalesce(private.rate_of('gb_stored_month'), 0) as gb_stored, coalesce(private.rate_of('invocation'), 0) as invocation,
        exists (select from public.cost_rates) as are_known
    ),
    used as materialized (
      select l.subject as host, d.is_today,
        coalesce(sum(d.value) filter (where l.series = 'requests'), 0)::numeric as requests,
        coalesce(sum(d.value) filter (where l.series = 'bytes_fetched'), 0)::numeric as fetched,
        coalesce(sum(d.value) filter (where l.series = 'bytes_stored'), 0)::numeric as stored,
        coalesce(sum(d.value) filter (where l.series = 'vehicles_added'), 0)::numeric as vehicles
      from private.last_days('{requests,bytes_fetched,bytes_stored,vehicles_added}', private.top_subjects('requests', 30)) l
      cross join lateral (values (true, l.today), (false, l.yesterday)) d(is_today, value)
      group by 1, 2
    ),
    priced as materialized (
      select u.*, i.invocations,
        case when r.are_known then u.requests * r.request + u.fetched / 1e9 * r.gb_fetched + u.stored / 1e9 * r.gb_stored
          + coalesce(i.invocations, 0) * r.invocation end as price
      from used u
      cross join rates r
      -- A run works on several sites: it is shared out by their requests.
      cross join lateral (
        select case when u.is_today
          then (select t.invocations * u.requests / nullif(t.requests, 0) from today t)
          else (select y.invocations * u.requests / nullif(y.requests, 0) from yesterday y) end as invocations
      ) i
    ),
    sites as materialized (
      select y.host, y.requests, y.fetched, y.stored, y.vehicles, y.invocations, y.price, t.requests as requests_today,
        t.vehicles as vehicles_today, t.price as price_today
      from priced y
      join priced t on t.host = y.host and t.is_today
      where not y.is_today
    )
    select jsonb_build_object(
      'at', (select min(counted_to) from public.dashboard_parts where part in ('requests', 'files', 'invocations')),
      'state', case when not exists (select from days) then 'unknown' when not k.rates then 'idle' else 'ok' end,
      'says', case
        when not exists (select from days) then 'Not counted yet: the first counts come within minutes.'
        when not k.rates then format('%s yesterday, %s today; no price without a rate',
          private.counted_words((select requests from yesterday)::bigint, 'request', 'requests'),
          coalesce((select to_char(requests, 'FM999,999,990') from today), '0'))
        else format('%s yesterday, %s today so far%s%s', coalesce(round((select price from yesterday), 2)::text, 'not counted'),
          coalesce(round((select price from today), 2)::text, 'nothing'),
          coalesce('; a vehicle costs ' || round(m.price / nullif(m.vehicles, 0)::numeric, 5), ''),
          coalesce('; without ' || (
            select string_agg(i.what, ', ' order by i.what)
            from (values
              ('request', 'requests', (select sum(d.requests) from days d)), ('gb_fetched', 'traffic', (select sum(d.gb_fetched) from days d)),
              ('gb_stored_month', 'storage', (select sum(d.gb_stored) from days d)), ('invocation', 'invocations', (select sum(d.invocations) from days d))
            ) i(item, what, used)
            where i.used > 0 and private.rate_of(i.item) is null) || ', for which there is no rate', ''))
      end,
      'summary', jsonb_build_object(
        'today', (select round(price, 6) from today), 'yesterday', (select round(price, 6) from yesterday),
        'days_30', round(m.price, 6), 'days_counted', m.days, 'per_vehicle_30', round(m.price / nullif(m.vehicles, 0)::numeric, 6),
        'rates_known', k.rates, 'currency', null, 'note', 'what was stored is priced for its first month',
        'items', (
          select jsonb_object_agg(i.item, jsonb_build_object(
            'n_today', round(i.n_today, 6), 'n_yesterday', round(i.n_yesterday, 6),
            'rate', private.rate_of(i.item), 'seen', private.rate_seen(i.item), 'price_yesterday', round(i.n_yesterday * private.rate_of(i.item), 6),
            'price_today', round(i.n_today * private.rate_of(i.item), 6)))
          from (values
            ('request', (select requests from today), (select requests from yesterday)),
            ('gb_fetched', (select gb_fetched from today), (select gb_fetched from yesterday)),
            ('gb_stored_month', (select gb_stored from today), (select gb_stored from yesterday)),
            ('invocation', (select invocations from today), (select invocations from yesterday))
          ) i(item, n_today, n_yesterday)),
        'what_to_type', case when not k.rates then 'insert into cost_rates (item, price, per) values (''invocation'', 2, 1000000);' end),
      'rows', coalesce((
        select jsonb_agg(private.panel_row(
          s.host, 'ok', null, s.host,
          format('%s yesterday%s', private.counted_words(coalesce(s.requests, 0)::bigint, 'request', 'requests'),
            coalesce(', ' || round(s.price, 4), '')),
          jsonb_build_object(
            'host', s.host, 'requests', coalesce(s.requests, 0), 'requests_today', coalesce(s.requests_today, 0),
            'mb_fetched', round((coalesce(s.fetched, 0) / 1e6)::numeric, 1), 'mb_stored', round((coalesce(s.stored, 0) / 1e6)::numeric, 1),
            'invocations', round(coalesce(s.invocations, 0), 1), 'price_yesterday', round(s.price, 6), 'price_today', round(s.price_today, 6),
            'vehicles', coalesce(s.vehicles, 0), 'vehicles_today', coalesce(s.vehicles_today, 0),
            'price_per_vehicle', round(s.price / nullif(s.vehicles, 0)::numeric, 6))
        ) order by s.price desc nulls last, s.requests desc nulls last, s.host)
        from sites s), '[]'),
      'rows_left', null,
      'series', jsonb_build_array(
        private.series('requests', array[''], p_range, 'requests'),
        private.series('bytes_fetched', array[''], p_range, 'bytes'),
        private.series('invocations', array[''], p_range, 'invocations'))
        || case when k.rates and exists (select from days) then jsonb_build_array(jsonb_build_object(
          'name', 'price', 'unit', 'money', 'kind', 'sum', 'step', 'day',
          'x', (select jsonb_agg(extract(epoch from d.day)::bigint order by d.day) from days d),
          'y', jsonb_build_array(jsonb_build_object('subject', 'all', 'values', (select jsonb_agg(round(d.price, 6) order by d.day) from days d)))))
        else '[]' end,
      'empty', case when not exists (select from sites) then 'No site was asked today or yesterday: nothing was used.' end)
    from (select are_known as rates from rates) k
    cross join month m
  );
end
$$;
comment on function private.money_panel(text) is
  'Money: what yesterday and today cost, all in all, by item and by site, by the rates of cost_rates; without a rate what was used, and no price.';
grant execute on function
  private.rate_of(text),
  private.cost_of_days(timestamptz),
  private.money_panel(text)
to authenticated, service_role;
