-- Operators say what they saw.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function public.operator_set_cost_rate(text, numeric, numeric);

drop function public.operator_switch_source(text, boolean);

create or replace function private.do_set_cost_rate(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_item text := p_args ->> 'p_item';
  v_before jsonb;
  v_other public.operator_actions;
begin
  perform pg_advisory_xact_lock(hashtextextended('rate ' || v_item, 0)); -- a rate that is not there cannot be locked
  v_before := (select to_jsonb(r) - 'updated_at' from public.cost_rates r where r.item = v_item);
  if p_args ->> 'p_seen' <> private.rate_seen(v_item) then
    v_other := private.last_done('rate ' || v_item);
    return private.did('changed', format('%s: it is %s now, which is not what you saw: look again', v_item, private.rate_seen(v_item)),
      'rate ' || v_item, null, v_before, v_other.operator_id, v_other.at);
  end if;
  if p_args ->> 'p_price' is null then
    delete from public.cost_rates where item = v_item;
    return private.did(case when v_before is null then 'nothing_to_do' else 'done' end, format('%s has no price', v_item), 'rate ' || v_item, v_before);
  end if;
  insert into public.cost_rates (item, price, per)
  values (v_item, (p_args ->> 'p_price')::numeric, coalesce((p_args ->> 'p_per')::numeric, 1))
  on conflict (item) do update set price = excluded.price, per = excluded.per;
  return private.did('done', format('%s: %s for %s', v_item, p_args ->> 'p_price', coalesce(p_args ->> 'p_per', '1')), 'rate ' || v_item, v_before,
    (select to_jsonb(r) - 'updated_at' from public.cost_rates r where r.item = v_item));
end
$$;

create or replace function private.do_switch_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_as_seen(p_args ->> 'p_source');
  v_on boolean := (p_args ->> 'p_on')::boolean;
begin
  if v_on is null then
    raise exception 'say whether it is to be on or off' using errcode = '22023';
  end if;
  if p_args ->> 'p_seen' <> v.lifecycle then
    return private.source_changed(v);
  end if;
  if v.is_active = v_on then
    return private.did('nothing_to_do', format('%s is %s already', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug);
  end if;
  update public.scrape_sources set is_active = v_on, updated_at = now() where id = v.id;
  return private.did('done', format('%s is %s now', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug,
    jsonb_build_object('is_active', v.is_active), jsonb_build_object('is_active', v_on));
end
$$;

create or replace function private.money_panel(p_range text) returns jsonb
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

create or replace function private.rate_seen(p_item text) returns text
language sql stable
set search_path = ''
return coalesce(
  (select format('%s for %s', trim_scale(r.price), trim_scale(r.per)) from public.cost_rates r where r.item = p_item),
  'no rate');

create or replace function private.sources_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with drift as materialized (
      select d.key as host, d.value as drift from jsonb_each(private.part_state('drift') -> 'by_host') d
    ),
    -- As source_candidates_to_review has them: passed its probe, and waits for a person.
    asked_for as materialized (
      select r.id, r.why, r.read, r.addresses, r.feeds, r.to_approve
      from public.source_candidates_to_review r
      where r.id = any (array(select p.source_id from public.source_probes p where p.status = 'passed'))
      limit 50
    ),
    counts as (
      select
        count(*) as sources,
        count(*) filter (where not s.is_active) as off,
        count(*) filter (where s.is_active and s.lifecycle = 'active') as active,
        count(*) filter (where s.is_active and s.lifecycle = 'probation') as probation,
        count(*) filter (where s.is_active and s.lifecycle = 'degraded') as degraded,
        count(*) filter (where s.is_active and s.lifecycle = 'retired') as retired,
        count(*) filter (where s.is_active and s.lifecycle in ('candidate', 'probing')) as candidates,
        count(*) filter (where s.lifecycle = 'rejected') as rejected,
        (select count(*) from asked_for) as to_review,
        (select count(*) from drift) as drifting
      from public.scrape_sources s
    ),
    listed as materialized (
      select s.*, coalesce(s.hosts[1], s.slug) as host, a.id is not null as is_asked_for, a.why as asked_why, a.read, a.addresses, a.to_approve,
        d.drift,
        row_number() over (order by
          a.id is null, d.drift is null, s.is_active is false,
          array_position('{degraded,probation,active,probing,candidate,retired,rejected}'::text[], s.lifecycle),
          s.lifecycle_at desc, s.slug) as n
      from public.scrape_sources s
      left join asked_for a on a.id = s.id
      left join lateral (select d.drift from drift d where d.host = any (s.hosts) limit 1) d on true
    ),
    shown as materialized (
      select l.*, h.success_rate, h.baseline_success_rate, h.avg_quality_score, h.baseline_quality_score, h.status as health, h.why as health_why,
        h.last_checked, v.vehicles_count, v.mean_score, v.complete_count
      from listed l
      left join lateral (
        select * from public.source_health h where h.source_id = l.id order by h.last_checked desc limit 1
      ) h on true
      left join lateral (
        select * from public.vehicle_score_history v where v.source_id = l.id order by v.day desc limit 1
      ) v on true
      where l.n <= 50
    ),
    days as materialized (
      select l.subject, l.today, l.yesterday from private.last_days('{vehicles_added}', array(select s.host from shown s)) l
    )
    select jsonb_build_object(
      'at', null,
      'state', case when c.drifting > 0 then 'bad' when c.degraded + c.to_review > 0 then 'warn' when c.sources = 0 then 'idle' else 'ok' end,
      'says', format('%s in service%s%s%s', private.counted_words(c.active + c.probation + c.degraded, 'source', 'sources'),
        case when c.drifting > 0 then format('; pages of %s can no longer be read', private.counted_words(c.drifting, 'site', 'sites')) else '' end,
        case when c.degraded > 0 then format('; %s degraded', c.degraded) else '' end,
        case when c.to_review > 0 then format('; %s for you to approve', private.counted_words(c.to_review, 'waits', 'wait')) else '' end),
      'summary', to_jsonb(c),
      'rows', coalesce((
        select jsonb_agg(private.panel_row(
          s.id::text,
          case when s.drift is not null then 'bad' when s.is_asked_for or s.lifecycle = 'degraded' or s.health in ('degraded', 'failing') then 'warn'
            when not s.is_active or s.lifecycle in ('retired', 'rejected', 'candidate', 'probing') then 'idle' else 'ok' end,
          case when not s.is_active then 'off' when s.is_asked_for then 'to approve' when s.drift is not null then 'drifting' else s.lifecycle end,
          s.host,
          case
            when s.is_asked_for then s.asked_why
            when s.drift is not null then format('%s of %s pages of seven days came and could not be read', s.drift ->> 'unreadable', s.drift ->> 'pages_read')
            when s.health is not null then format('%s%s', coalesce(round(100 * s.success_rate) || ' of 100 readings work', 'no readings'),
              coalesce(', usually ' || round(100 * s.baseline_success_rate), ''))
            else coalesce(s.lifecycle_reason, case s.found_by when 'code' then 'it has an adapter' else 'found by ' || replace(s.found_by, '_', ' ') end)
          end,
          jsonb_build_object(
            'source_id', s.id, 'slug', s.slug, 'host', s.host, 'kind', s.kind, 'lifecycle', s.lifecycle, 'is_active', s.is_active,
            'vehicles', s.vehicles_count, 'mean_score', s.mean_score,
            'complete_share', round(s.complete_count / nullif(s.vehicles_count, 0)::numeric, 3),
            'success_rate', s.success_rate, 'baseline_success_rate', s.baseline_success_rate,
            'quality', s.avg_quality_score, 'baseline_quality', s.baseline_quality_score, 'health', s.health,
            'vehicles_today', d.today, 'vehicles_yesterday', d.yesterday,
            'drift', s.drift, 'confidence_cap', s.confidence_cap, 'read', s.read, 'addresses', to_jsonb(s.addresses)),
          case when not s.is_active then 'switched off by an operator'
            else coalesce(s.drift ->> 'example_reason', s.health_why, s.lifecycle_reason) end,
          s.lifecycle_at, s.next_look_at,
          case
            when not s.is_active then format('update scrape_sources set is_active = true where slug = %L;', s.slug)
            when s.is_asked_for then s.to_approve
            when s.drift is not null then format('npx -y deno@2.9.5 task extract PAGE.html --url %s', s.drift ->> 'example_url')
            when s.lifecycle in ('rejected', 'retired') then format('select approve_source(%L);', s.host)
            when s.lifecycle = 'degraded' then format('select * from source_host_status where host = %L;', s.host)
          end,
          case
            when not s.is_active then jsonb_build_array(
              private.panel_action('Switch it on', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', true, 'p_seen', s.lifecycle)))
            when s.is_asked_for then jsonb_build_array(
              private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle)),
              private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle), 'p_reason'))
            when s.lifecycle in ('rejected', 'retired', 'candidate') then jsonb_build_array(
              private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle)))
            else jsonb_build_array(
              private.panel_action('Switch it off', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', false, 'p_seen', s.lifecycle)),
              private.panel_action('Learn its pages', 'operator_learn_map', jsonb_build_object('p_host', s.host)),
              private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle), 'p_reason'))
          end,
          case when s.hosts[1] is not null then jsonb_build_object('url', 'https://' || s.hosts[1]) end
        ) order by s.n)
        from shown s
        left join days d on d.subject = s.host), '[]'),
      'rows_left', greatest(c.sources - 50, 0),
      'series', jsonb_build_array(private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
      'empty', case when c.sources = 0 then 'The first run of discover-listings writes the sources that have an adapter.' end)
    from counts c
  );
end
$$;

create or replace function public.operator_set_cost_rate(p_item text, p_price numeric, p_per numeric default 1, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_cost_rate', jsonb_build_object('p_item', p_item, 'p_price', p_price, 'p_per', p_per, 'p_seen', p_seen));

create or replace function public.operator_switch_source(p_source text, p_on boolean, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('switch_source', jsonb_build_object('p_source', p_source, 'p_on', p_on, 'p_seen', p_seen));

comment on function private.rate_seen(text) is 'The rate of an item as an operator sees it: 2 for 1000000, or no rate.';

comment on function public.operator_set_cost_rate(text, numeric, numeric, text) is
  'An operator says what a request, a gigabyte or an invocation costs.';

comment on function public.operator_switch_source(text, boolean, text) is 'An operator switches a source on or off.';

revoke all on function private.rate_seen(text) from public;

grant execute on function private.rate_seen(text) to authenticated, postgres, service_role;

revoke all on function public.operator_set_cost_rate(text, numeric, numeric, text) from public;

grant execute
  on function public.operator_set_cost_rate(text, numeric, numeric, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_switch_source(text, boolean, text) from public;

grant execute
  on function public.operator_switch_source(text, boolean, text)
  to authenticated, postgres, service_role;
