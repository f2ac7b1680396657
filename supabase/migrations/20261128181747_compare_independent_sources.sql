-- Compare independent sources.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.audits_of_fields(timestamp with time zone);

create table public.source_comparisons (
  vehicle_id uuid not null,
  field_name text not null,
  host text not null,
  other_host text not null,
  agrees boolean not null,
  compared_at timestamp with time zone not null default now(),
  constraint source_comparisons_check check ((other_host <> host)),
  constraint source_comparisons_field_name_check check ((field_name <> ''::text)),
  constraint source_comparisons_host_check check ((host <> ''::text)),
  constraint source_comparisons_pkey primary key (vehicle_id, field_name, host, other_host)
);

alter table public.source_comparisons
  enable row level security;

create or replace function private.audits_of_fields(p_until timestamptz)
returns table (field text, reviewed bigint, rejected bigint, compared bigint, disagreed bigint)
language sql stable
set search_path = ''
as $$
  select field, coalesce(r.reviewed, 0), coalesce(r.rejected, 0), coalesce(c.compared, 0), coalesce(c.disagreed, 0)
  from (
    -- Of readings only: what a person said of a person's value proves nothing of a page.
    select
      m.field_name as field,
      count(*) as reviewed,
      count(*) filter (where m.validation_status = 'rejected') as rejected
    from public.extraction_metadata m
    where m.reviewed_at >= p_until - interval '14 days'
      and m.reviewed_at < p_until
      and m.extraction_method not like 'manual%'
    group by 1
  ) r
  full join (
    select s.field_name as field, count(*) as compared, count(*) filter (where not s.agrees) as disagreed
    from public.source_comparisons s
    where s.compared_at >= p_until - interval '14 days' and s.compared_at < p_until
    group by 1
  ) c using (field)
$$;

create or replace function private.audits_of_sources()
returns table (source_id uuid, audited bigint, wrong bigint, witnesses bigint)
language sql stable
set search_path = ''
as $$
  with judged as (
    -- A person's word is one witness, and enough.
    select private.url_host(m.source_url) as host, m.validation_status = 'rejected' as is_wrong, null as other_host
    from public.extraction_metadata m
    where m.reviewed_at > now() - interval '14 days' and m.extraction_method not like 'manual%'
    union all
    select c.host, not c.agrees, c.other_host from public.source_comparisons c
    where c.compared_at > now() - interval '14 days'
    union all
    select c.other_host, not c.agrees, c.host from public.source_comparisons c
    where c.compared_at > now() - interval '14 days'
  ),
  by_host as materialized ( -- a source is looked up once a host
    select
      host,
      count(*) as audited,
      count(*) filter (where is_wrong) as wrong,
      count(distinct other_host) filter (where is_wrong) + 2 * bool_or(is_wrong and other_host is null)::integer as witnesses
    from judged
    where host is not null
    group by host
  )
  select s.id, sum(h.audited)::bigint, sum(h.wrong)::bigint, sum(h.witnesses)::bigint
  from by_host h
  cross join lateral private.source_of_host(h.host) s(id)
  where s.id is not null
  group by s.id
$$;

create or replace function private.compare_sources(p_vehicle_id uuid, p_host text, p_decisions jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.source_comparisons as held (vehicle_id, field_name, host, other_host, agrees)
  select
    p_vehicle_id, d.field, p_host, d.state ->> 'source',
    -- 911 and 911 Carrera are no contradiction.
    d.decision = 'confirmed' or not private.shares_no_word(d.held, d.new)
  from jsonb_to_recordset(p_decisions) as d(field text, new text, held text, state jsonb, decision text)
  where d.field = any (private.compared_fields())
    and d.decision in ('confirmed', 'replaced', 'conflict')
    and d.state ->> 'source' <> p_host
    and d.state ->> 'method' not like 'manual%'
  on conflict (vehicle_id, field_name, host, other_host) do update
  set agrees = excluded.agrees,
      compared_at = now()
  where held.agrees <> excluded.agrees;
end
$$;

create or replace function private.compare_vehicles(k public.vehicles, o public.vehicles) returns void
language sql
set search_path = ''
as $$
  insert into public.source_comparisons (vehicle_id, field_name, host, other_host, agrees)
  select
    k.id, f, o.field_state -> f ->> 'source', k.field_state -> f ->> 'source',
    not private.shares_no_word(to_jsonb(k) ->> f, to_jsonb(o) ->> f)
  from unnest(private.compared_fields()) f
  where to_jsonb(k) ->> f is not null
    and to_jsonb(o) ->> f is not null
    and k.field_state -> f ->> 'source' <> o.field_state -> f ->> 'source'
    and k.field_state -> f ->> 'method' not like 'manual%'
    and o.field_state -> f ->> 'method' not like 'manual%'
  on conflict do nothing
$$;

create or replace function private.compared_fields() returns text[]
language sql immutable parallel safe
return array['model', 'color', 'engine', 'transmission', 'drivetrain', 'body_style'];

create or replace function private.finish_quality_metrics(p_cycle_id text, p_until timestamptz) returns numeric
language plpgsql
set search_path = ''
as $$
declare
  v_score numeric;
begin
  delete from public.quality_metrics where cycle_id = p_cycle_id;
  with of_field as (
    select
      f.key as field,
      sum((f.value ->> 'of')::integer)::integer as of,
      sum((f.value ->> 'held')::integer)::integer as held,
      sum((f.value ->> 'unsure')::integer)::integer as unsure
    from public.source_health h
    cross join lateral jsonb_each(h.fields) f
    where h.cycle_id = p_cycle_id
    group by 1
  )
  insert into public.quality_metrics (
    cycle_id, field_name, completeness, accuracy, sample_size, accuracy_sample_size, issues, measured_at
  )
  select
    p_cycle_id, field, round(c.held / c.of::numeric, 4),
    -- A comparison looks at two readings; of two that disagree one is wrong at least.
    round(1 - (a.rejected + a.disagreed) / nullif(a.reviewed + 2 * a.compared, 0)::numeric, 4),
    coalesce(c.of, 0), coalesce(a.reviewed + 2 * a.compared, 0),
    array_remove(array[
      case when c.of > c.held + c.unsure then format('%s of %s vehicles lack it', c.of - c.held - c.unsure, c.of) end,
      case when c.unsure > 0 then format('%s of %s hold it with too little confidence', c.unsure, c.of) end,
      case when a.rejected > 0 then format('persons found %s of %s readings wrong', a.rejected, a.reviewed) end,
      case when a.disagreed > 0
        then format('sources disagree on %s of %s cars: select * from source_agreement', a.disagreed, a.compared) end
    ], null),
    now()
  from of_field c
  full join private.audits_of_fields(p_until) a using (field);

  v_score := (
    select round(
      sum(m.completeness * m.sample_size * private.field_points(m.field_name))
        / nullif(sum(m.sample_size * private.field_points(m.field_name)), 0), 4)
    from public.quality_metrics m
    where m.cycle_id = p_cycle_id and m.completeness is not null
  );
  update public.fill_cycles set data_quality_score = v_score where cycle_id = p_cycle_id;
  return v_score;
end
$$;

create or replace function private.move_confidence_caps(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_moved jsonb;
begin
  with wanted as (
    select
      s.id, s.slug, s.confidence_cap as from_cap, a.audited, a.wrong, a.witnesses,
      case
        -- One that disagrees with a single other site may be the one that is right.
        when a.wrong > 0.2 * a.audited and a.witnesses >= 2 then greatest(0.5, coalesce(s.confidence_cap, 0.89) - 0.1)
        when s.confidence_cap is null or a.wrong > 0.05 * a.audited then s.confidence_cap
        when l.to_value is distinct from s.confidence_cap::text then s.confidence_cap -- somebody else set it
        when s.confidence_cap < 0.79 then s.confidence_cap + 0.1
      end as to_cap
    from private.audits_of_sources() a
    join public.scrape_sources s on s.id = a.source_id
    left join lateral (
      select d.to_value, d.decided_at
      from public.fill_decisions d
      where d.lever = 'confidence_cap' and d.subject = s.slug
      order by d.id desc
      limit 1
    ) l on true
    where a.audited >= 20
      and s.lifecycle in ('active', 'degraded') -- in probation it is the probation's
      and coalesce(l.decided_at < now() - interval '1 day', true)
  ),
  moved as (
    update public.scrape_sources s
    set confidence_cap = w.to_cap
    from wanted w
    where s.id = w.id and w.to_cap is distinct from w.from_cap
    returning s.confidence_cap, w.*
  ),
  noted as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select
      p_cycle_id, 'confidence_cap', m.slug, m.from_cap::text, m.confidence_cap::text,
      format('%s of %s audited readings of %s are wrong or disagree with other sites', m.wrong, m.audited, m.slug),
      jsonb_build_object('audited', m.audited, 'wrong', m.wrong, 'witnesses', m.witnesses)
    from moved m
    order by m.slug
  )
  select jsonb_build_object(
    'caps_lowered', count(*) filter (where coalesce(m.confidence_cap, 1) < coalesce(m.from_cap, 1)),
    'caps_raised', count(*) filter (where coalesce(m.confidence_cap, 1) > coalesce(m.from_cap, 1)))
  into v_moved
  from moved m;
  return v_moved;
end
$$;

create or replace function private.note_provenance(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb, p_values jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.url_host(p_item ->> 'source_url');
  v_version text := p_item ->> 'scraper_version';
begin
  -- What is no longer held or no longer disputed, what is confirmed, then what was read.
  if p_values <> '{}' then
    update public.extraction_metadata m
    set validation_status = case when p_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    where m.vehicle_id = p_vehicle_id
      and m.validation_status = 'accepted'
      and p_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from jsonb_to_recordset(p_decisions) as d(field text, new text, decision text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = v_source
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end)
  from jsonb_to_recordset(p_decisions)
    as d(field text, confidence numeric, decision text, is_stronger boolean)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id
  )
  select
    p_vehicle_id, d.field, d.new, d.held, d.method, v_version, d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, p_item ->> 'source_url', (p_item ->> 'snapshot_id')::uuid
  from jsonb_to_recordset(p_decisions)
    as d(field text, new text, held text, method text, confidence numeric, evidence text, decision text)
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = p_vehicle_id and m.field_name = d.field and m.validation_status = 'accepted'))
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set last_confirmed_at = now(),
      -- What a person found wrong stays so, however often it is read.
      validation_status = case
        when held.validation_status = 'rejected' and excluded.validation_status = 'conflict' then 'rejected'
        else excluded.validation_status
      end,
      confidence_score = excluded.confidence_score,
      evidence = excluded.evidence,
      source_url = excluded.source_url,
      snapshot_id = excluded.snapshot_id,
      -- What was read before and comes to stand now has come now.
      extracted_at = case
        when held.validation_status = excluded.validation_status then held.extracted_at
        else excluded.extracted_at
      end,
      previous_value = case
        when held.validation_status = excluded.validation_status then held.previous_value
        else excluded.previous_value
      end;
  perform private.compare_sources(p_vehicle_id, v_source, p_decisions);
end
$$;

create or replace function private.prune_fill_quality(p_limit integer) returns void
language sql
set search_path = ''
as $$
  delete from public.source_health
  where id in (
    select id from public.source_health where last_checked < now() - interval '90 days' limit p_limit
  );
  delete from public.source_comparisons
  where ctid in (
    select ctid from public.source_comparisons where compared_at < now() - interval '90 days' limit p_limit
  );
$$;

create or replace function public.act_on_quality(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_again jsonb;
  v_caps jsonb;
  v_joined integer;
begin
  if not exists (select from public.fill_cycles where cycle_id = p_cycle_id) then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  v_again := private.read_again_what_fell(p_cycle_id);
  v_caps := private.move_confidence_caps(p_cycle_id);
  v_joined := private.join_proven_vehicles(20);
  if v_joined > 0 then
    insert into public.fill_decisions (cycle_id, lever, to_value, reason)
    values (p_cycle_id, 'join', v_joined::text,
      'proved to be one car by their VINs: vehicle_merges says why, unmerge_vehicle() takes it back');
  end if;
  return v_again || v_caps || jsonb_build_object('joined', v_joined);
end
$$;

create or replace function public.measure_fill_quality(p_cycle_id text, p_cursor jsonb default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_part text := coalesce(p_cursor ->> 'part', 'vehicles');
  v_portion integer := coalesce((p_cursor ->> 'portion')::integer, 0);
  v_from text := p_cursor ->> 'from';
  v_after uuid := (p_cursor ->> 'after')::uuid;
  v_enough timestamptz := clock_timestamp() + interval '300 milliseconds';
  v_until timestamptz;
  v_start timestamptz;
  v_day date;
  v_last jsonb;
  v_sources integer;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  if v_part not in ('vehicles', 'counts', 'history', 'finish') then
    raise exception 'a cursor of measure_fill_quality has no part "%"', v_part using errcode = '22023';
  end if;
  v_day := (c.slot at time zone 'UTC')::date;
  v_until := least(c.slot + interval '2 hours', now());
  if p_cursor is null then -- from its beginning, whatever was left of another time
    delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  end if;

  while v_part <> 'finish' and clock_timestamp() < v_enough loop
    if v_part = 'counts' then -- five minutes of the slot at a time
      v_start := c.slot + v_portion * interval '5 minutes';
      perform private.count_requests_of_cycle(p_cycle_id, v_portion, v_start, least(v_start + interval '5 minutes', v_until));
      perform private.count_readings_of_cycle(p_cycle_id, v_portion, v_start, least(v_start + interval '5 minutes', v_until));
      v_last := case when v_portion < 23 then '{}' end;
    elsif v_part = 'vehicles' then
      v_last := private.count_quality_of_vehicles(
        p_cycle_id, v_portion, coalesce(v_from::timestamptz, c.slot), v_until, v_after, 5000);
    else
      v_last := private.count_scores(p_cycle_id, v_portion, v_from, v_after, 10000);
    end if;
    v_from := v_last ->> 'from';
    v_after := (v_last ->> 'after')::uuid;
    v_portion := v_portion + 1;
    if v_last is null then
      v_part := case
        when v_part = 'vehicles' then 'counts'
        when v_part = 'counts' and not exists (select from public.vehicle_score_history where day = v_day) then 'history'
        else 'finish'
      end;
      v_portion := 0;
    end if;
  end loop;

  if v_part <> 'finish' then
    return jsonb_build_object('done', false, 'cursor', jsonb_strip_nulls(jsonb_build_object(
      'part', v_part, 'portion', v_portion,
      'from', v_from, 'after', v_after)));
  elsif p_cursor ->> 'part' is distinct from 'finish' then
    return jsonb_build_object('done', false, 'cursor', jsonb_build_object('part', 'finish'));
  end if;

  v_sources := private.finish_source_health(p_cycle_id);
  perform private.finish_quality_metrics(p_cycle_id, v_until);
  perform private.finish_score_history(p_cycle_id, v_day);
  delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  perform private.prune_fill_quality(10000);
  return jsonb_build_object('done', true, 'cursor', null, 'sources', v_sources) || (
    select jsonb_build_object(
      'data_quality_score', k.data_quality_score,
      'vehicles', (select coalesce(sum(vehicles_extracted), 0) from public.source_health where cycle_id = p_cycle_id),
      'healthy', count(*) filter (where h.status = 'healthy'),
      'degraded', count(*) filter (where h.status = 'degraded'),
      'failing', count(*) filter (where h.status = 'failing'))
    from public.fill_cycles k
    left join public.source_health h using (cycle_id)
    where k.cycle_id = p_cycle_id
    group by k.data_quality_score
  );
end
$$;

create or replace function public.merge_vehicles(p_keep uuid, p_other uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
as $$
declare
  k public.vehicles;
  o public.vehicles;
  v_order text;
  v_taken text[];
  v_before jsonb;
begin
  if p_keep = p_other then
    raise exception 'a vehicle is not merged with itself' using errcode = '22023';
  end if;
  perform from public.vehicles where id in (p_keep, p_other) order by id for update;
  select * into k from public.vehicles where id = p_keep;
  select * into o from public.vehicles where id = p_other;
  if k.id is null or o.id is null then
    raise exception 'one of the two vehicles is gone: somebody may have merged them just now' using errcode = '55006';
  end if;
  if private.is_leased(k.id) or private.is_leased(o.id) then
    raise exception 'a worker holds one of the two under lease: try again in a minute' using errcode = '55006';
  end if;

  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.add_listings(array[k.id, o.id]);
  v_order := private.order_of_offers(k, o);
  v_before := private.before_merge(k, o, v_order);
  if coalesce(current_setting('vehicles.merged_by_itself', true) = 'on', false) then
    perform private.compare_vehicles(k, o);
  end if;
  v_taken := private.facts_to_take(k, o, v_order, private.fact_columns());
  if v_taken <> '{}' then
    perform private.write_facts(k.id, private.with_facts(to_jsonb(k), to_jsonb(o), v_taken));
  end if;
  perform private.take_provenance(k, v_before, v_taken, private.fact_columns());
  update public.vehicle_listings set vehicle_id = k.id where vehicle_id = o.id;
  update public.auction_events set vehicle_id = k.id where vehicle_id = o.id;
  update public.scrape_steps set vehicle_id = k.id where vehicle_id = o.id;
  update public.import_queue set vehicle_id = k.id where vehicle_id = o.id;
  v_before := v_before || jsonb_build_object('kept_downloads', private.take_images(k.id, v_before));
  insert into public.vehicle_merges
    (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note, before, by_itself)
  values (
    k.id, o.id, to_jsonb(o), v_taken, private.who_asks(), p_note, v_before,
    coalesce(current_setting('vehicles.merged_by_itself', true) = 'on', false));
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.merged_into', k.id::text, true);
  perform set_config('vehicles.reason', coalesce(p_note, 'merged'), true);
  delete from public.vehicles where id = o.id;
  perform set_config('vehicles.merged_into', '', true);
  perform set_config('vehicles.reason', '', true);
  perform private.sync_addresses(k.id);
  update public.vehicles
  set listing_ended_at = o.listing_ended_at
  where id = k.id and listing_url = o.listing_url and listing_ended_at is distinct from o.listing_ended_at;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;

alter table public.source_comparisons
  add constraint source_comparisons_vehicle_id_fkey foreign key (vehicle_id) references public.vehicles(id)
    on delete cascade;

create view public.source_agreement with (security_invoker = true) as
with sides as (
  select c.host as host, c.other_host as other_host, c.field_name, c.agrees from public.source_comparisons c
  where c.compared_at > now() - interval '14 days'
  union all
  select c.other_host, c.host, c.field_name, c.agrees from public.source_comparisons c
  where c.compared_at > now() - interval '14 days'
)
select
  s.host,
  s.field_name,
  count(*) as compared,
  count(*) filter (where s.agrees) as agreed,
  count(distinct s.other_host) as hosts,
  count(distinct s.other_host) filter (where not s.agrees) as hosts_that_disagree
from sides s
group by s.host, s.field_name
order by s.host, s.field_name;

create index if not exists extraction_metadata_reviewed on public.extraction_metadata using btree (reviewed_at)
  where (reviewed_at is not null);

create index if not exists source_comparisons_by_time on public.source_comparisons using btree (compared_at);

create policy operators_read on public.source_comparisons
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.quality_metrics.accuracy is 'Readings found right in the audits of the last 14 days (accuracy_sample_size): persons'' reviews, and comparisons of independent sources, in each of which two readings are looked at and of two that disagree one counts as wrong. Null where there were none.';

comment on function private.audits_of_fields(timestamp with time zone) is 'By field, in the 14 days before a time: readings that persons reviewed and rejected, and pairs of independent sources that were compared and disagreed.';

comment on function private.audits_of_sources() is 'By source, in the last 14 days: readings that persons reviewed or that were compared with another site''s, how many were wrong or disagreed, and how many speak against it: each other site that disagrees is one witness, a person counts as two.';

comment on function private.compare_sources(uuid, text, jsonb) is 'Notes where the page of a host speaks of what another host''s page said before: p_decisions as apply_facts() made them.';

comment on function private.compare_vehicles(public.vehicles, public.vehicles) is
  'Notes what two vehicles that are proved to be one car, and are about to become one, say of it.';

comment on function private.compared_fields() is 'What two pages of one car should agree on. Not VIN, year and make: by these it is known that they are of one car.';

comment on function private.move_confidence_caps(text) is 'Believes a source less of which more than a fifth of at least 20 audited readings are wrong, by a tenth a day, and again more where fewer than one in twenty are and the agent had lowered it. Gives {caps_lowered, caps_raised}.';

comment on function private.prune_fill_quality(integer) is 'Forgets what was measured 90 days ago, a portion at a time.';

comment on function public.act_on_quality(text) is 'After measure_fill_quality(): has read again what fell below the floor and below what is usual for its source, believes sources less or more by what audits say, and joins vehicles that are proved to be one car. Gives how many of each: {micro_scrape, backfill, caps_lowered, caps_raised, joined}. Every action is a row of fill_decisions; a person''s value is never touched.';

comment on table public.source_comparisons is 'One row a vehicle, field and pair of sites that both state it: whether the page of host agrees with what was held from other_host. Only fields that do not change with time or offer. Kept 90 days.';

comment on view public.source_agreement is 'The last 14 days, by site and field: how often another site''s page of the same car was compared, and how often the two agreed. A site with which several disagree is the one to look at.';

revoke all on function private.audits_of_fields(timestamp with time zone) from public;

grant execute on function private.audits_of_fields(timestamp with time zone) to postgres, service_role;

revoke all on function private.audits_of_sources() from public;

grant execute on function private.audits_of_sources() to postgres, service_role;

revoke all on function private.compare_sources(uuid, text, jsonb) from public;

grant execute on function private.compare_sources(uuid, text, jsonb) to postgres, service_role;

revoke all on function private.compare_vehicles(public.vehicles, public.vehicles) from public;

grant execute
  on function private.compare_vehicles(public.vehicles, public.vehicles)
  to postgres, service_role;

revoke all on function private.compared_fields() from public;

grant execute on function private.compared_fields() to postgres, service_role;

revoke all on function private.move_confidence_caps(text) from public;

grant execute on function private.move_confidence_caps(text) to postgres, service_role;

revoke all on function private.prune_fill_quality(integer) from public;

grant execute on function private.prune_fill_quality(integer) to postgres, service_role;

grant select on table public.source_comparisons to authenticated;

grant all on table public.source_comparisons to postgres, service_role;

grant select on table public.source_agreement to authenticated;

grant all on table public.source_agreement to postgres, service_role;
