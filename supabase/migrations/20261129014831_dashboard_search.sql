-- Dashboard search.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.measured_drift();

create or replace function private.add_samples(p_rows jsonb) returns integer
language sql
set search_path = ''
as $$
  with given as materialized (
    select
      r.series, coalesce(r.subject, '') as subject, date_trunc('minute', r.at, 'UTC') as at, sum(r.value) as value,
      coalesce(bool_or(r.by_minute), false) as by_minute, coalesce(bool_or(r.is_gauge), false) as is_gauge
    from jsonb_to_recordset(p_rows) as r(
      series text, subject text, at timestamptz, value double precision, by_minute boolean, is_gauge boolean)
    group by 1, 2, 3
  ),
  minutes as (
    insert into public.dashboard_samples (series, subject, step, at, value)
    select g.series, g.subject, 'minute', g.at, g.value from given g where g.by_minute
    on conflict (series, subject, step, at) do nothing
  ),
  longer as (
    select
      g.series, g.subject, s.step, date_trunc(s.step, g.at, 'UTC') as at, bool_or(g.is_gauge) as is_gauge,
      case when bool_or(g.is_gauge) then avg(g.value) else sum(g.value) end as value,
      count(*)::integer as samples
    from given g
    cross join (values ('hour'), ('day')) s(step)
    group by 1, 2, 3, 4
  ),
  added as (
    insert into public.dashboard_samples as held (series, subject, step, at, value, samples)
    select l.series, l.subject, l.step, l.at, l.value, l.samples from longer l where not l.is_gauge
    on conflict (series, subject, step, at) do update
    set value = held.value + excluded.value,
        samples = held.samples + excluded.samples
    returning 1
  ),
  averaged as (
    insert into public.dashboard_samples as held (series, subject, step, at, value, samples)
    select l.series, l.subject, l.step, l.at, l.value, l.samples from longer l where l.is_gauge
    on conflict (series, subject, step, at) do update
    set value = held.value + (excluded.value - held.value) * excluded.samples / (held.samples + excluded.samples),
        samples = held.samples + excluded.samples
    returning 1
  )
  select (select count(*) from added)::integer + (select count(*) from averaged)::integer
$$;

create or replace function private.found_by_vin(p_vin text, p_limit integer) returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform private.require_operator();
  return array(
    select v.id
    from public.vehicles v
    where v.vin >= p_vin and v.vin <= p_vin || 'ZZZZZZZZZZZZZ' and starts_with(v.vin, p_vin)
    order by v.vin
    limit p_limit
  );
end
$$;

create or replace function private.found_by_words(p_words text[], p_limit integer) returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_year integer;
  v_makes text[];
begin
  perform private.require_operator();
  v_year := (select w.word::integer from unnest(p_words) w(word) where w.word ~ '^(18|19|20)\d\d$' limit 1);
  -- Makes have one word, or two.
  v_makes := array(
    select n.word
    from (
      select w.word from unnest(p_words) w(word)
      union
      select p_words[n] || ' ' || p_words[n + 1] from generate_subscripts(p_words, 1) n where n < cardinality(p_words)
    ) n
    where exists (select from public.vehicles v where lower(v.make) = n.word)
  );
  return array(
    with looked_at as (
      select v.*
      from unnest(v_makes) n(make)
      cross join lateral (
        (
          select v.id, v.year, v.make, v.model, v.trim, v.created_at
          from public.vehicles v
          where v_year is not null and lower(v.make) = n.make and v.year = v_year
          limit 5000
        )
        union all
        (
          select v.id, v.year, v.make, v.model, v.trim, v.created_at
          from public.vehicles v
          where v_year is null and lower(v.make) = n.make
          limit 5000
        )
      ) v
      union all
      select v.id, v.year, v.make, v.model, v.trim, v.created_at
      from (
        select v.id, v.year, v.make, v.model, v.trim, v.created_at
        from public.vehicles v
        where v_makes = '{}'
        order by v.created_at desc
        limit 5000
      ) v
    )
    select l.id
    from looked_at l
    where not exists (
      select from unnest(p_words) w(word)
      where strpos(lower(concat_ws(' ', l.year, l.make, l.model, l.trim)), w.word) = 0
    )
    order by l.created_at desc, l.id
    limit p_limit
  );
end
$$;

create or replace function private.measured_drift() returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  -- Of a healthy week nothing but its few failures is read.
  if not exists (
    select
    from public.scrape_steps s
    where s.status = 'failed' and s.created_at > now() - interval '7 days' and s.outcome_code = 'unreadable' and s.step_name = 'extract_data'
    group by s.source
    having count(*) >= 5
  ) then
    return '{"parts": [], "by_host": {}}';
  end if;
  return jsonb_build_object(
    'parts', (select coalesce(jsonb_agg(to_jsonb(p) || '{"place": 6}'), '[]') from private.drift_parts() p),
    'by_host', (
      select coalesce(jsonb_object_agg(d.source_host, jsonb_build_object(
        'unreadable', d.unreadable, 'pages_read', d.pages_read, 'example_url', d.example_url, 'example_reason', d.example_reason)), '{}')
      from public.source_drift d
      where d.is_drifting and d.source_host is not null));
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
      select s.subject as host, round((sum(s.value) / 14)::numeric, 1) as listings
      from public.dashboard_samples s
      where s.series = 'listings_found'
        and s.subject = any (array(select h.host from hosts h))
        and s.step = 'day'
        and s.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      group by s.subject
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
        'feeds', m.feeds -> 'enabled', 'feeds_failing', m.feeds -> 'failing', 'feeds_overdue', m.feeds -> 'overdue',
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

create or replace function public.dashboard_find(p_text text, p_limit integer default 20) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_text text := btrim(left(p_text, 2048));
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_vin text := upper(regexp_replace(v_text, '[\s-]', '', 'g'));
  v_words text[];
  v_ids uuid[];
  v_by text;
  v_says text;
begin
  perform private.require_operator();
  if private.as_uuid(v_text) is not null then
    v_by := 'id';
    v_ids := array(select v.id from public.vehicles v where v.id = v_text::uuid);
    if v_ids = '{}' then
      v_ids := array_remove(array[(
        select m.kept_vehicle_id from public.vehicle_merges m
        where m.merged_vehicle_id = v_text::uuid and m.unmerged_at is null order by m.created_at desc limit 1)], null);
    end if;
  elsif v_text ~ '^(https?://|www\.)' or v_text ~ '^[a-z0-9.-]+\.[a-z]{2,}/' then
    v_by := 'url';
    v_ids := array_remove(array[private.vehicle_of_listing(private.web_address(v_text))], null);
  end if;
  if v_by is null and v_vin ~ '^[A-Z0-9]{5,17}$' and v_vin ~ '\d' then
    v_ids := private.found_by_vin(v_vin, v_limit);
    v_by := case when v_ids <> '{}' then 'vin' end;
  end if;
  if v_by is null and v_text <> '' then
    v_by := 'words';
    v_words := (regexp_split_to_array(lower(v_text), '\s+'))[1:8];
    v_ids := private.found_by_words(v_words, v_limit);
    v_says := 'sought among 5,000 of a make that is named, or else the newest 5,000';
  end if;
  return jsonb_build_object(
    'by', v_by,
    'says', case
      when v_by is null then 'Type a VIN, an id, the address of a listing, or year, make and model.'
      when coalesce(v_ids, '{}') = '{}' then 'Nothing fits' || coalesce(': ' || v_says, '') || '.'
      else private.counted_words(cardinality(v_ids), 'vehicle', 'vehicles') || coalesce(', ' || v_says, '') || '.'
    end,
    'bounded', v_by = 'words',
    'rows', coalesce((
      select jsonb_agg(jsonb_build_object(
        'vehicle_id', v.id, 'title', private.vehicle_title(v), 'vin', v.vin, 'score', q.overall_score, 'state', s.state,
        'host', v.source_host, 'created_at', v.created_at, 'link', coalesce(v.listing_url, v.discovery_url),
        'image', (
          select jsonb_build_object('bucket', 'vehicle-images', 'path', i.storage_path)
          from public.vehicle_images i where i.vehicle_id = v.id order by i.is_primary desc, i.position limit 1)
      ) order by u.n)
      from unnest(v_ids) with ordinality u(id, n)
      join public.vehicles v on v.id = u.id
      left join public.vehicle_quality_scores q on q.vehicle_id = v.id
      left join public.micro_scrape_state s on s.vehicle_id = v.id), '[]'));
end
$$;

comment on function private.found_by_vin(text, integer) is 'Vehicles whose VIN begins so, for operators. Runs as its owner: under a policy of the table an order of text uses no index.';

comment on function private.found_by_words(text[], integer) is 'Vehicles whose year, make, model and trim have all these words (small letters), the newest first: of 5,000 of a make that is named (and of that year), or else of the newest 5,000. For operators; runs as its owner: under a policy of the table lower() uses no index.';

comment on function private.measured_drift() is 'Sites whose pages come and are not understood any more.';

revoke all on function private.found_by_vin(text, integer) from public;

grant execute
  on function private.found_by_vin(text, integer)
  to authenticated, postgres, service_role;

revoke all on function private.measured_drift() from public;

grant execute on function private.measured_drift() to postgres, service_role;
