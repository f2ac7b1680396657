-- Dashboard after review.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function public.operator_approve_source(text);

drop function public.operator_reject_source(text, text);

drop function public.operator_release_field(uuid, text);

create or replace function private.do_approve_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_as_seen(p_args ->> 'p_source');
  v_to text;
begin
  if p_args ->> 'p_seen' <> v.lifecycle then
    return private.source_changed(v);
  end if;
  v_to := public.approve_source(v.id::text);
  return private.did(
    case when v.lifecycle = v_to then 'nothing_to_do' else 'done' end,
    case when v.lifecycle <> v_to then format('%s is in %s now', coalesce(v.hosts[1], v.slug), v_to)
      else format('%s is in %s already', coalesce(v.hosts[1], v.slug), v_to) end,
    'source ' || v.slug, jsonb_build_object('lifecycle', v.lifecycle), jsonb_build_object('lifecycle', v_to));
end
$$;

create or replace function private.do_redrive(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := p_args ->> 'p_queue';
  v_id uuid := (p_args ->> 'p_id')::uuid;
  v_count integer;
  v jsonb;
begin
  if v_id is not null then
    if v_queue is null then
      raise exception 'of which queue is the row %', v_id using errcode = '22023';
    end if;
    v_count := public.redrive_queue((private.queue(v_queue)).table_name, array[v_id], 1);
    v := jsonb_build_object(v_queue, v_count);
  else
    v := public.redrive_dead_letters(v_queue, p_args ->> 'p_outcome', 1000);
    select sum(value::integer) into v_count from jsonb_each_text(v);
  end if;
  perform private.measure_again('{queues,dead_letters}');
  return private.did(
    case when v_count > 0 then 'done' else 'nothing_to_do' end,
    case when v_count > 0 then format('%s put back, with fresh attempts', private.counted_words(v_count, 'row was', 'rows were'))
      when v_id is not null then 'it is not given up any more: somebody or something was first'
      else 'nothing of that stands among the dead letters' end,
    case when v_id is not null then format('%s %s', v_queue, v_id) else coalesce(v_queue, 'all queues') end, null, v);
end
$$;

create or replace function private.do_reject_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_as_seen(p_args ->> 'p_source');
begin
  if p_args ->> 'p_seen' <> v.lifecycle then
    return private.source_changed(v);
  end if;
  if v.lifecycle = 'rejected' then
    return private.did('nothing_to_do', format('%s is rejected already', coalesce(v.hosts[1], v.slug)), 'source ' || v.slug);
  end if;
  perform public.reject_source(v.id::text, p_args ->> 'p_reason');
  return private.did('done', format('nothing is taken from %s any more', coalesce(v.hosts[1], v.slug)), 'source ' || v.slug,
    jsonb_build_object('lifecycle', v.lifecycle), jsonb_build_object('lifecycle', 'rejected'));
end
$$;

create or replace function private.do_release_field(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_field text := p_args ->> 'p_field';
  v_subject text := format('vehicle %s %s', p_args ->> 'p_vehicle_id', v_field);
  v_vehicle public.vehicles;
  v_other public.operator_actions;
  v jsonb;
begin
  select * into v_vehicle from public.vehicles where id = (p_args ->> 'p_vehicle_id')::uuid for no key update;
  if p_args ->> 'p_seen' <> private.value_seen(to_jsonb(v_vehicle) ->> v_field, v_vehicle.field_state -> v_field) then
    v_other := private.last_done(v_subject);
    return private.did('changed', format('%s is "%s" now, which is not what you saw: look again', v_field,
      coalesce(to_jsonb(v_vehicle) ->> v_field, 'empty')), v_subject, null, null, v_other.operator_id, v_other.at);
  end if;
  v := public.release_field(v_vehicle.id, v_field);
  return private.did(
    case when (v ->> 'released')::boolean then 'done' else 'nothing_to_do' end,
    case when (v ->> 'released')::boolean then format('%s is the pages'' again: "%s"', p_args ->> 'p_field', coalesce(v ->> 'new', 'empty'))
      else format('no person has set %s', p_args ->> 'p_field') end,
    v_subject, jsonb_build_object('held', v -> 'old'), jsonb_build_object('held', v -> 'new'));
end
$$;

create or replace function private.do_resume_host(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_before jsonb := (
    select jsonb_build_object('breaker', breaker, 'opened_because', opened_because, 'retry_at', retry_at, 'retry_after', retry_after)
    from public.source_hosts where host = coalesce(private.url_host(p_args ->> 'p_host'), p_args ->> 'p_host'));
  v jsonb := public.resume_host(p_args ->> 'p_host');
begin
  perform private.measure_again('{hosts_in_the_way}');
  return private.did('done', format('%s is asked again', p_args ->> 'p_host'), 'host ' || (p_args ->> 'p_host'), v_before, v);
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
  if v.is_active = v_on then
    return private.did('nothing_to_do', format('%s is %s already', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug);
  end if;
  update public.scrape_sources set is_active = v_on, updated_at = now() where id = v.id;
  return private.did('done', format('%s is %s now', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug,
    jsonb_build_object('is_active', v.is_active), jsonb_build_object('is_active', v_on));
end
$$;

create or replace function private.measure_again(p_parts text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_part text;
begin
  perform set_config('lock_timeout', '1s', true);
  -- The sampler's own lock, so that neither waits for rows that the other holds.
  perform pg_advisory_xact_lock(hashtextextended('sample_dashboard', 16));
  foreach v_part in array p_parts loop
    perform private.sample_part(v_part);
  end loop;
exception when others then
  null; -- what was done stands; the sampler measures it in its turn
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
            'rate', private.rate_of(i.item), 'price_yesterday', round(i.n_yesterday * private.rate_of(i.item), 6),
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
        || case when k.rates then jsonb_build_array(jsonb_build_object(
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

create or replace function private.not_measured_since(p_panel text) returns timestamptz
language sql stable
set search_path = ''
as $$
  select min(coalesce(p.counted_to, p.made_at))
  from public.dashboard_parts p
  where p.part = any (case p_panel
      when 'cycle' then array['cycle']
      when 'supply' then array['listings', 'vehicles']
      when 'queues' then array['queues', 'dead_letters']
      when 'coverage' then array['coverage']
      when 'truth' then array['truth', 'reliability']
      when 'money' then array['requests', 'files', 'invocations']
      else '{}'
    end)
    and (p.error_message is not null or p.next_at < now() - interval '4 minutes' or p.counted_to < now() - interval '20 minutes')
$$;

create or replace function private.operate(p_action text, p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  v jsonb;
  v_constraint text;
begin
  perform private.require_acting_operator();
  begin
    execute format('select private.%I($1)', 'do_' || p_action) into v using p_args;
  exception
    when sqlstate '22023' or no_data_found then
      v := jsonb_build_object('outcome', 'refused', 'said', sqlerrm);
    when check_violation then
      get stacked diagnostics v_constraint = constraint_name;
      v := jsonb_build_object('outcome', 'refused', 'said', 'That value cannot be: ' || coalesce(
        (select pg_get_constraintdef(c.oid) from pg_catalog.pg_constraint c where c.conname = v_constraint and c.contype = 'c' limit 1), sqlerrm));
    when invalid_text_representation or numeric_value_out_of_range or datetime_field_overflow
      or invalid_datetime_format or not_null_violation or string_data_right_truncation then
      v := jsonb_build_object('outcome', 'refused', 'said', 'That value cannot be: ' || sqlerrm);
    when insufficient_privilege then
      raise;
    when others then
      v := jsonb_build_object('outcome', 'failed', 'said', private.words_of_error(sqlstate, sqlerrm));
  end;
  return private.note_action(
    p_action, v ->> 'subject', p_args - 'p_seen', nullif(v -> 'before', 'null'), nullif(v -> 'after', 'null'),
    v ->> 'outcome', v ->> 'said', (v ->> 'by')::uuid, (v ->> 'at')::timestamptz);
end
$$;

create or replace function private.panel(p_panel text, p_range text) returns jsonb
language plpgsql stable
set search_path = ''
set lock_timeout = '500ms' -- ten panels one after the other, within what the API allows
set jit = off
as $$
declare
  v_began timestamptz := clock_timestamp();
  v_panel jsonb;
  v_since timestamptz;
begin
  perform private.require_operator();
  if p_range is null or p_range not in ('3h', '2d', '7d', '60d', 'all') then
    raise exception 'a range is 3h, 2d, 7d, 60d or all, not "%"', left(p_range, 20) using errcode = '22023';
  end if;
  begin
    if p_panel is null or p_panel <> all (private.dashboard_panels() || 'activity'::text) then
      raise exception 'no panel is called "%"', left(p_panel, 40)
        using errcode = '22023', hint = array_to_string(private.dashboard_panels(), ', ');
    end if;
    execute format('select private.%I($1)', p_panel || '_panel') into v_panel using p_range;
    v_since := private.not_measured_since(p_panel);
    if v_since is not null then
      v_panel := v_panel || jsonb_build_object(
        'state', case when v_panel ->> 'state' in ('ok', 'idle') then 'unknown' else v_panel ->> 'state' end,
        'says', format('Not measured since %s. Then: %s', private.utc_text(v_since), v_panel ->> 'says'));
    end if;
    return jsonb_build_object('panel', p_panel, 'not_measured_since', v_since) || v_panel
      || jsonb_build_object('took_ms', round((1000 * extract(epoch from clock_timestamp() - v_began))::numeric, 1));
  exception when others then
    return jsonb_build_object('panel', p_panel, 'error', jsonb_build_object(
      'code', sqlstate,
      'message', sqlerrm,
      'says', private.words_of_error(sqlstate, sqlerrm),
      'what_to_type', case when sqlstate in ('42703', '42P01', '42883', '42704') then 'supabase db push' end));
  end;
end
$$;

create or replace function private.queues_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with measured as materialized (
      select private.part_state('queues') as queues, private.part_state('dead_letters') as dead
    ),
    queues as materialized (
      select q.key as name, q.value as m, (q.value ->> 'oldest_due_seconds')::double precision as oldest,
        (q.value ->> 'due')::bigint as due, (q.value ->> 'processing')::bigint as processing,
        (q.value ->> 'waiting')::bigint as waiting, (q.value ->> 'done_last_hour')::bigint as done
      from measured, jsonb_each(measured.queues -> 'queues') q
    ),
    sums as (
      select sum(due) as due, sum(waiting) as waiting, sum(processing) as processing, sum(done) as done_last_hour,
        sum((m ->> 'done_last_day')::bigint) as done_last_day,
        count(*) filter (where oldest > 900 and processing = 0 and done = 0) as stuck
      from queues
    ),
    rows as (
      select 1 as place, q.name as a, 0 as b, private.panel_row(
        q.name,
        case when q.oldest > 900 and q.processing = 0 and q.done = 0 then 'bad' when q.oldest > 3600 then 'warn'
          when q.due + q.processing > 0 then 'ok' else 'idle' end,
        case when q.oldest > 900 and q.processing = 0 and q.done = 0 then 'stuck' when q.due + q.processing > 0 then 'working'
          when q.waiting > 0 then 'waiting' else 'idle' end,
        q.name,
        format('%s done in the last hour; %s due, %s in progress, %s waiting',
          to_char(q.done, 'FM999,999,990'), to_char(q.due, 'FM999,999,990'), to_char(q.processing, 'FM999,999,990'),
          to_char(q.waiting, 'FM999,999,990')),
        jsonb_build_object('kind', 'queue', 'due', q.due, 'waiting', q.waiting, 'processing', q.processing,
          'expired', q.m -> 'expired', 'failed', q.m -> 'failed', 'done_last_hour', q.done, 'done_last_day', q.m -> 'done_last_day',
          'oldest_due_at', q.m -> 'oldest_due_at', 'oldest_due_s', q.oldest, 'next_due_at', q.m -> 'next_due_at',
          'function', q.m -> 'function', 'estimated', q.m -> 'estimated', 'at_least', q.m -> 'at_least'),
        null, (q.m ->> 'oldest_due_at')::timestamptz, (q.m ->> 'next_due_at')::timestamptz,
        'node scripts/invoke.js ' || (q.m ->> 'function')) as row
      from queues q
      union all
      select 2, d.value ->> 'queue', (d.value ->> 'count')::integer, private.panel_row(
        format('dead %s %s', d.value ->> 'queue', d.value ->> 'outcome_code'), 'warn', 'given up',
        format('%s: %s', d.value ->> 'queue', coalesce(d.value ->> 'outcome_code', 'attempts spent')),
        private.counted_words((d.value ->> 'count')::bigint, 'row was given up', 'rows were given up'),
        jsonb_build_object('kind', 'dead_letters', 'queue', d.value -> 'queue', 'outcome_code', d.value -> 'outcome_code', 'count', d.value -> 'count'),
        d.value ->> 'error', (d.value ->> 'last_failed_at')::timestamptz, null,
        -- Without an outcome it would be all of the queue, also what a site refused: those go back one by one.
        case when d.value ->> 'outcome_code' is null
          then format('select * from dead_letters where queue = %L and outcome_code is null;', d.value ->> 'queue')
          else format('select redrive_dead_letters(%L, %L);', d.value ->> 'queue', d.value ->> 'outcome_code') end,
        case when d.value ->> 'outcome_code' is not null then jsonb_build_array(private.panel_action('Put all of them back', 'operator_redrive',
          jsonb_build_object('p_queue', d.value -> 'queue', 'p_outcome', d.value -> 'outcome_code'))) else '[]' end)
      from measured, jsonb_array_elements(measured.dead -> 'by') d
      union all
      select 3, to_char(100000 - extract(epoch from now() - (d.value ->> 'failed_at')::timestamptz) / 60, '000000'), 0, private.panel_row(
        format('dead letter %s', d.value ->> 'id'), 'warn', 'given up',
        coalesce(d.value ->> 'url', d.value ->> 'queue'),
        format('%s: %s after %s', d.value ->> 'queue', coalesce(d.value ->> 'outcome_code', 'failed'),
          private.counted_words((d.value ->> 'attempts')::bigint, 'attempt', 'attempts')),
        jsonb_build_object('kind', 'dead_letter') || d.value,
        d.value ->> 'error', (d.value ->> 'failed_at')::timestamptz, (d.value ->> 'queued_again_at')::timestamptz,
        d.value ->> 'what_to_type',
        jsonb_build_array(private.panel_action('Put it back', 'operator_redrive',
          jsonb_build_object('p_queue', d.value -> 'queue', 'p_id', d.value -> 'id'))),
        case when d.value ->> 'vehicle_id' is not null then jsonb_build_object('vehicle', d.value -> 'vehicle_id')
          when d.value ->> 'url' is not null then jsonb_build_object('url', d.value -> 'url') end)
      from measured, jsonb_array_elements(measured.dead -> 'newest') d
    )
    select jsonb_build_object(
      'at', (select made_at from public.dashboard_parts where part = 'queues'),
      'state', case
        when m.queues is null then 'unknown'
        when s.stuck > 0 then 'bad'
        when (m.dead ->> 'count')::integer > 0 then 'warn'
        else 'ok'
      end,
      'says', case
        when m.queues is null then 'Not measured yet.'
        else format('%s done in the last hour, %s due%s%s',
          private.counted_words(s.done_last_hour::bigint, 'row', 'rows'), to_char(s.due, 'FM999,999,990'),
          case when s.stuck > 0 then format('; %s', private.counted_words(s.stuck, 'queue is stuck', 'queues are stuck')) else '' end,
          case when (m.dead ->> 'count')::integer > 0
            then format('; %s%s for you to decide', case when jsonb_array_length(m.dead -> 'at_least') > 0 then 'at least ' else '' end,
              private.counted_words((m.dead ->> 'count')::bigint, 'dead letter', 'dead letters')) else '' end)
      end,
      'summary', jsonb_build_object(
        'due', s.due, 'waiting', s.waiting, 'processing', s.processing, 'done_last_hour', s.done_last_hour,
        'done_last_day', s.done_last_day, 'stuck', s.stuck,
        'dead_letters', m.dead -> 'count', 'dead_letters_at_least', jsonb_array_length(m.dead -> 'at_least') > 0,
        'images_due', m.queues -> 'images_due', 'vehicles_due', m.queues -> 'micro_scrape_due' -> 'count'),
      'rows', coalesce((
        select jsonb_agg(r.row order by r.place, case when r.place = 3 then r.a end desc, r.b desc, r.a)
        from (select * from rows order by place, case when place = 3 then a end desc, b desc, a limit 50) r), '[]'),
      'rows_left', greatest((select count(*) from rows) - 50, 0),
      'series', jsonb_build_array(
        private.series('queue_done', array(select name from queues order by name), p_range, 'rows', false),
        private.series('queue_due', array(select name from queues order by name), p_range, 'rows', true)),
      'empty', case when m.queues is null then 'Nothing was measured yet.' end)
    from measured m
    cross join sums s
  );
end
$$;

create or replace function private.require_acting_operator() returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_operator();
  -- The token says what its owner was when it was made, up to an hour ago: who acts has to be one now.
  if not exists (
    select
    from auth.users u
    where u.id = auth.uid()
      and u.raw_app_meta_data ->> 'role' = 'operator'
      -- Not every Auth has these columns.
      and coalesce((to_jsonb(u) ->> 'banned_until')::timestamptz, '-infinity') <= now()
      and to_jsonb(u) ->> 'deleted_at' is null
  ) then
    raise exception 'only operators may use the dashboard'
      using errcode = '42501', hint = 'your account is no operator any more: sign in again, or ask who administers the project';
  end if;
end
$$;

create or replace function private.source_as_seen(p_source text) returns public.scrape_sources
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_named(p_source);
begin
  select * into v from public.scrape_sources where id = v.id for update; -- as it is when nobody else is deciding on it
  return v;
end
$$;

create or replace function private.source_changed(v public.scrape_sources) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_other public.operator_actions := private.last_done('source ' || v.slug);
begin
  return private.did('changed', format('%s is %s now, which is not what you saw: look again', coalesce(v.hosts[1], v.slug), v.lifecycle),
    'source ' || v.slug, null, jsonb_build_object('lifecycle', v.lifecycle), v_other.operator_id, v_other.at);
end
$$;

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
              private.panel_action('Switch it on', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', true)))
            when s.is_asked_for then jsonb_build_array(
              private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle)),
              private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle), 'p_reason'))
            when s.lifecycle in ('rejected', 'retired', 'candidate') then jsonb_build_array(
              private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug, 'p_seen', s.lifecycle)))
            else jsonb_build_array(
              private.panel_action('Switch it off', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', false)),
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

create or replace function private.supply_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with hosts as materialized (
      select distinct u.host
      from unnest(private.top_subjects('listings_found', 40) || private.top_subjects('vehicles_added', 40)) u(host)
    ),
    days as materialized (
      select * from private.last_days('{listings_found,vehicles_added}', array(select h.host from hosts h) || ''::text)
    ),
    usual as (
      -- Of the days that were sampled, three at least.
      select s.subject as host, case when d.days >= 3 then round((sum(s.value) / d.days)::numeric, 1) end as listings
      from public.dashboard_samples s
      cross join (
        select count(*) as days
        from public.dashboard_samples a
        where a.series = 'listings_found' and a.subject = '' and a.step = 'day'
          and a.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      ) d
      where s.series = 'listings_found'
        and s.subject = any (array(select h.host from hosts h))
        and s.step = 'day'
        and s.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      group by s.subject, d.days
    ),
    sites as (
      select h.host, l.today as listings_today, l.yesterday as listings_yesterday, u.listings as listings_usual,
        v.today as vehicles_today, v.yesterday as vehicles_yesterday
      from hosts h
      left join days l on l.subject = h.host and l.series = 'listings_found'
      left join days v on v.subject = h.host and v.series = 'vehicles_added'
      left join usual u on u.host = h.host
    ),
    feeds as materialized (
      select s.id, s.url, s.state, s.source, s.failures, s.why, s.what_to_do, s.last_found_at, s.next_check_at, s.last_checked_at
      from public.listing_feed_status s
      where s.id = any (array( -- these alone: what is told of a feed takes a while
        select f.id
        from public.listing_feeds f
        where f.enabled and f.failures > 0 or not f.enabled and f.off_because is null
        order by f.enabled desc, f.failures desc, f.url
        limit 15
      ))
    ),
    metrics as (
      select private.part_state('queues') -> 'feeds' as feeds,
        exists (select from public.dashboard_parts c where c.part = 'listings' and c.counted_to is not null) as is_counted,
        (select l.today from days l where l.subject = '' and l.series = 'listings_found') as found_today,
        (select l.yesterday from days l where l.subject = '' and l.series = 'listings_found') as found_yesterday,
        (select v.today from days v where v.subject = '' and v.series = 'vehicles_added') as added_today,
        (select v.yesterday from days v where v.subject = '' and v.series = 'vehicles_added') as added_yesterday
    ),
    rows as (
      select 1 as place, -coalesce(s.vehicles_today, 0) as a, -coalesce(s.listings_today, 0) as b, s.host as c, private.panel_row(
        'site ' || s.host, 'ok', null, s.host,
        format('%s and %s today; yesterday %s and %s',
          private.counted_words(coalesce(s.listings_today, 0)::bigint, 'new listing', 'new listings'),
          private.counted_words(coalesce(s.vehicles_today, 0)::bigint, 'vehicle', 'vehicles'),
          coalesce(s.listings_yesterday, 0), coalesce(s.vehicles_yesterday, 0)),
        to_jsonb(s), p_link => jsonb_build_object('url', 'https://' || s.host)) as row
      from (select * from sites order by vehicles_today desc nulls last, listings_today desc nulls last, host limit 35) s
      union all
      select 0, case when f.state <> 'off' then 0 else 1 end, 0, f.url, private.panel_row(
        'feed ' || f.id, case when f.state <> 'off' then 'bad' else 'idle' end, f.state, f.url,
        case when f.state <> 'off' then format('failed %s', private.counted_words(f.failures, 'time', 'times')) else 'switched off' end,
        jsonb_build_object('feed_id', f.id, 'url', f.url, 'state', f.state, 'last_found_at', f.last_found_at, 'next_check_at', f.next_check_at,
          'source', f.source),
        f.why, f.last_checked_at, f.next_check_at, f.what_to_do,
        case when f.state <> 'off' then jsonb_build_array(
          private.panel_action('Check it now', 'operator_check_feed', jsonb_build_object('p_feed_id', f.id)),
          private.panel_action('Switch it off', 'operator_switch_feed', jsonb_build_object('p_feed_id', f.id, 'p_on', false)))
        else jsonb_build_array(
          private.panel_action('Switch it on', 'operator_switch_feed', jsonb_build_object('p_feed_id', f.id, 'p_on', true))) end,
        jsonb_build_object('url', f.url))
      from feeds f
    )
    select jsonb_build_object(
      'at', (select counted_to from public.dashboard_parts where part = 'listings'),
      'state', case
        when not m.is_counted then 'unknown'
        when (m.feeds ->> 'failing')::integer > 0 then 'warn'
        else 'ok'
      end,
      'says', case
        when not m.is_counted then 'Not counted yet: the first counts come within minutes.'
        else format('%s and %s today, yesterday %s and %s%s',
          private.counted_words(coalesce(m.found_today, 0)::bigint, 'new listing', 'new listings'),
          private.counted_words(coalesce(m.added_today, 0)::bigint, 'vehicle', 'vehicles'),
          coalesce(to_char(m.found_yesterday, 'FM999,999,990'), 'not counted'), coalesce(to_char(m.added_yesterday, 'FM999,999,990'), 'not counted'),
          case when (m.feeds ->> 'failing')::integer > 0
            then format('; %s', private.counted_words((m.feeds ->> 'failing')::integer, 'list fails', 'lists fail')) else '' end)
      end,
      'summary', jsonb_build_object(
        'new_listings_today', m.found_today, 'new_listings_yesterday', m.found_yesterday,
        'vehicles_added_today', m.added_today, 'vehicles_added_yesterday', m.added_yesterday,
        'feeds', m.feeds -> 'enabled', 'feeds_off', (select count(*) from public.listing_feeds f where not f.enabled), 'feeds_failing', m.feeds -> 'failing', 'feeds_overdue', m.feeds -> 'overdue',
        'day_began_at', date_trunc('day', now(), 'UTC')),
      'rows', coalesce((select jsonb_agg(r.row order by r.place, r.a, r.b, r.c) from rows r), '[]'),
      'rows_left', null,
      'series', jsonb_build_array(
        private.series('listings_found', '{""}' || private.top_subjects('listings_found'), p_range, 'listings'),
        private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
      'empty', case when not exists (select from rows) then 'No site had a new listing today or yesterday, and no list fails.' end)
    from metrics m
  );
end
$$;

create or replace function public.operator_approve_source(p_source text, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('approve_source', jsonb_build_object('p_source', p_source, 'p_seen', p_seen));

create or replace function public.operator_reject_source(p_source text, p_reason text, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('reject_source', jsonb_build_object('p_source', p_source, 'p_reason', p_reason, 'p_seen', p_seen));

create or replace function public.operator_release_field(p_vehicle_id uuid, p_field text, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('release_field', jsonb_build_object('p_vehicle_id', p_vehicle_id, 'p_field', p_field, 'p_seen', p_seen));

comment on function private.measure_again(text[]) is 'Measures parts now, after what was just done, so that the dashboard shows it at once; never fails what was done.';

comment on function private.not_measured_since(text) is 'Since when a panel goes by what was measured before: a part of it fails, is overdue, or is counted no further. Null when all is well.';

comment on function private.require_acting_operator() is 'Raises unless the signed-in user is an operator by his token and, as of now, by Auth. Only owners of functions that act may ask it: it reads Auth''s users.';

comment on function private.source_as_seen(text) is 'A source by id, slug or host, locked until the end of the transaction.';

comment on function private.source_changed(public.scrape_sources) is 'The answer where a source is not any more what an operator saw.';

comment on function public.operator_approve_source(text, text) is 'An operator takes a source in, by id, slug or host.';

comment on function public.operator_reject_source(text, text, text) is 'An operator keeps a source out.';

comment on function public.operator_release_field(uuid, text, text) is 'An operator gives a field back to the pages.';

revoke all on function private.measure_again(text[]) from public;

grant execute on function private.measure_again(text[]) to postgres, service_role;

revoke all on function private.not_measured_since(text) from public;

grant execute on function private.not_measured_since(text) to authenticated, postgres, service_role;

revoke all on function private.require_acting_operator() from public;

grant execute on function private.require_acting_operator() to postgres, service_role;

revoke all on function private.source_as_seen(text) from public;

grant execute on function private.source_as_seen(text) to postgres, service_role;

revoke all on function private.source_changed(public.scrape_sources) from public;

grant execute on function private.source_changed(public.scrape_sources) to postgres, service_role;

revoke all on function public.operator_approve_source(text, text) from public;

grant execute
  on function public.operator_approve_source(text, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_reject_source(text, text, text) from public;

grant execute
  on function public.operator_reject_source(text, text, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_release_field(uuid, text, text) from public;

grant execute
  on function public.operator_release_field(uuid, text, text)
  to authenticated, postgres, service_role;
