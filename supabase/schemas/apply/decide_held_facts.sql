-- What readings make of vehicles that are held: decide_facts() of a batch, since a statement costs as much for twenty.

create type private.fact_decision as (
  place integer,
  field text,
  new text,
  held text,
  state jsonb,
  decision text,
  confidence numeric,
  evidence text,
  method text,
  way text,
  declared numeric,
  calibration integer,
  is_stronger boolean,
  ends_a_conflict boolean
);
comment on type private.fact_decision is
  'What becomes of one field that a reading speaks of. place: that of the reading in its batch, from 1.';

create function private.fact_decisions(p_decisions jsonb[]) returns private.fact_decision[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    select row(
      r.place, d.field, d.new, d.held, d.state, d.decision, d.confidence, d.evidence, d.method, d.way, d.declared,
      d.calibration, d.is_stronger, d.ends_a_conflict)::private.fact_decision
    from unnest(p_decisions) with ordinality r(decisions, place)
    cross join lateral rows from (jsonb_to_recordset(r.decisions) as (
      field text, new text, held text, state jsonb, decision text, confidence numeric, evidence text, method text,
      way text, declared numeric, calibration integer, is_stronger boolean, ends_a_conflict boolean)) with ordinality
      d(field, new, held, state, decision, confidence, evidence, method, way, declared, calibration, is_stronger,
        ends_a_conflict, n)
    order by r.place, d.n
  );
end
$$;
comment on function private.fact_decisions(jsonb[]) is
  'The decisions of readings, each as decide_facts() gives them, as rows in their order.';
grant execute on function private.fact_decisions(jsonb[]) to service_role;

create function private.meets_plainly(p_item jsonb) returns boolean
language sql immutable parallel safe
return private.has_plain_facts(p_item)
  and coalesce(p_item ->> 'outcome', 'ok') not in ('gone', 'invalid')
  and coalesce(p_item -> 'read_again', '[]') = '[]';
comment on function private.meets_plainly(jsonb) is
  'Whether a reading only states facts of its own listing: nothing is taken back by it, nor by what it no longer reads.';
grant execute on function private.meets_plainly(jsonb) to service_role;

create function private.met_facts(p_vehicles public.vehicles[], p_items jsonb[], p_sources text[])
returns private.fact_decision[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    with items as materialized (
      select
        n.place,
        jsonb_build_object(
          'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim, 'vin', v.vin, 'mileage', v.mileage,
          'color', v.color, 'interior_color', v.interior_color, 'engine', v.engine, 'transmission', v.transmission,
          'drivetrain', v.drivetrain, 'body_style', v.body_style, 'sale_price', v.sale_price, 'high_bid', v.high_bid,
          'asking_price', v.asking_price, 'currency', v.currency, 'sale_status', v.sale_status,
          'sale_date', v.sale_date, 'seller_name', v.seller_name, 'location', v.location,
          'description', v.description) as held,
        v.field_state || '{}' as field_state, -- unpacked once, not at each mention
        n.item -> 'facts' as facts,
        coalesce(n.item ->> 'method', 'unknown') as method,
        n.item ->> 'scraper_version' as version,
        p_sources[n.place] as source,
        coalesce((n.item ->> 'page_at')::timestamptz, now()) as page_at
      from unnest(p_items) with ordinality n(item, place)
      join unnest(p_vehicles) with ordinality v on v.ordinality = n.place
      where private.meets_plainly(n.item)
    )
    select row(
      m.place, m.field, m.new, m.held, m.state,
      case
        -- As nearly all of what is read again, whoever said it before.
        when m.held = m.new and m.state -> 'rejected' is null then 'confirmed'
        else private.merge_decision(
          m.field, m.held, m.state, m.new, m.confidence, m.method, m.version, m.source, m.page_at)
      end,
      m.confidence, m.evidence, m.method, m.way, m.declared, m.calibration,
      -- Another source, or a better reading, says the same: that is worth more than one saying it twice.
      coalesce(m.state ->> 'method', '') not like 'manual%'
        and m.confidence > (m.state ->> 'confidence')::numeric
        and (
          m.state ->> 'source' is distinct from m.source
          or coalesce(private.version_number(m.version) > private.version_number(m.state ->> 'version'), false)
        ),
      m.state -> 'conflict' ->> 'source' = m.source)::private.fact_decision
    from (
      -- Every field that the page speaks of meets the value held.
      select
        i.place, i.version, i.source, i.page_at,
        e.n,
        e.key as field,
        e.value ->> 'value' as new,
        (e.value ->> 'confidence')::numeric as confidence,
        e.value ->> 'evidence' as evidence,
        coalesce(e.value ->> 'method', i.method) as method,
        e.value ->> 'way' as way,
        (e.value ->> 'declared')::numeric as declared,
        (e.value ->> 'calibration')::integer as calibration,
        i.held ->> e.key as held,
        i.field_state -> e.key as state
      from items i
      cross join lateral jsonb_each(i.facts) with ordinality e(key, value, n)
      where e.key = any (private.fact_columns())
        and e.value ->> 'value' is not null
      offset 0 -- read out once, not at each mention
    ) m
    order by m.place, m.n
  );
end
$$;
comment on function private.met_facts(public.vehicles[], jsonb[], text[]) is
  'What becomes of each field that those readings speak of that meet their vehicles plainly; p_sources: the hosts of the readings.';
grant execute on function private.met_facts(public.vehicles[], jsonb[], text[]) to service_role;

create function private.absent_states(v public.vehicles, p_item jsonb) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(v);
begin
  return (
    select coalesce(jsonb_object_agg(t.field, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}')
    from jsonb_array_elements_text(p_item -> 'absent') t(field)
    where t.field = any (private.fact_columns())
      and v_held ->> t.field is null
      and not coalesce(p_item -> 'facts', '{}') ? t.field
      and v_held -> 'field_state' -> t.field is null
  );
end
$$;
comment on function private.absent_states(public.vehicles, jsonb) is
  'The states of the fields of a vehicle of which nothing is held, and for which its page has a place that is empty.';
grant execute on function private.absent_states(public.vehicles, jsonb) to service_role;

create function private.decided_fields(p_decisions private.fact_decision[], p_count integer) returns jsonb[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    select jsonb_build_object(
      'filled', coalesce(w.filled, '[]'), 'corrected', coalesce(w.corrected, '[]'), 'cleared', coalesce(w.cleared, '[]'),
      'confirmed', coalesce(w.confirmed, '[]'), 'conflicts', coalesce(w.conflicts, '[]'))
    from generate_series(1, p_count) r(place)
    left join (
      select
        f.place,
        jsonb_agg(f.field) filter (where f.decision = 'filled') as filled,
        jsonb_agg(f.field) filter (where f.decision = 'replaced') as corrected,
        jsonb_agg(f.field) filter (where f.decision = 'cleared') as cleared,
        jsonb_agg(f.field) filter (where f.decision = 'confirmed') as confirmed,
        jsonb_agg(f.field) filter (where f.decision = 'conflict') as conflicts
      from (
        select u.place, u.field, u.decision
        from unnest(p_decisions) with ordinality u
        order by u.place, u.ordinality
        offset 0
      ) f
      group by f.place
    ) w on w.place = r.place
    order by r.place
  );
end
$$;
comment on function private.decided_fields(private.fact_decision[], integer) is
  'The fields of the decisions of p_count readings, for each by what was decided, as a result names them.';
grant execute on function private.decided_fields(private.fact_decision[], integer) to service_role;

create function private.decide_held_facts(
  p_vehicles public.vehicles[], p_items jsonb[],
  out decisions private.fact_decision[], out new_values jsonb[], out states jsonb[], out changes jsonb[],
  out fields jsonb[]
)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_sources text[] := array(select private.url_host(i ->> 'source_url') from unnest(p_items) i);
  v_replaced jsonb[]; -- what was held where something new comes to stand
  v_each jsonb[]; -- the decisions of readings that do not meet their vehicles plainly
  v_after jsonb;
  d record;
begin
  decisions := private.met_facts(p_vehicles, p_items, v_sources);
  -- What is written of each: few of the fields that a page speaks of are new.
  select
    array_agg(coalesce(w.new_values, '{}') order by r.place),
    array_agg(coalesce(w.replaced, '{}') order by r.place),
    array_agg(coalesce(w.unstated, '{}') || coalesce(w.states, '{}') order by r.place)
  into new_values, v_replaced, states
  from generate_series(1, cardinality(p_items)) r(place)
  left join (
    select
      f.place,
      jsonb_object_agg(f.field, f.new) filter (where f.decision in ('filled', 'replaced')) as new_values,
      jsonb_object_agg(f.field, f.held) filter (where f.decision = 'replaced') as replaced,
      jsonb_object_agg(f.field, case
        when f.decision in ('filled', 'replaced') then private.kept_rejections(f.state) || jsonb_build_object(
          'confidence', f.confidence, 'method', f.method, 'version', f.version,
          'source', f.source, 'at', now(), 'page_at', f.page_at)
          || jsonb_strip_nulls(jsonb_build_object('way', f.way, 'declared', f.declared)) || f.listing
        when f.decision = 'conflict' then coalesce(f.state, '{}') || jsonb_build_object('conflict', jsonb_build_object(
          'value', f.new, 'confidence', f.confidence, 'method', f.method, 'source', f.source, 'at', now()))
        else case when f.ends_a_conflict then f.state - 'conflict' else f.state end
          || case
            when f.is_stronger then jsonb_build_object(
              'confidence', f.confidence, 'version', coalesce(f.version, f.state ->> 'version'))
            else '{}'
          end
      end) filter (where f.decision <> 'confirmed' or f.is_stronger or f.ends_a_conflict) as states,
      -- A value held without state gets one from the page that says the same.
      jsonb_object_agg(f.field, private.kept_rejections(f.state) || jsonb_build_object(
        'confidence', greatest(f.confidence, 0.5), 'method', f.method,
        'version', f.version, 'source', f.source, 'at', now(), 'page_at', f.page_at) || f.listing
      ) filter (where f.decision = 'confirmed' and f.state -> 'confidence' is null) as unstated
    from (
      select
        u.*,
        v_sources[u.place] as source,
        i.item ->> 'scraper_version' as version,
        coalesce((i.item ->> 'page_at')::timestamptz, now()) as page_at,
        case when i.item ? 'listing_id' then jsonb_build_object('listing', i.item -> 'listing_id') else '{}' end as listing
      from unnest(decisions) u
      cross join lateral (select p_items[u.place] as item offset 0) i
      where u.decision in ('filled', 'replaced')
        or (u.decision = 'conflict' and (
          u.state -> 'conflict' ->> 'value' is distinct from u.new
          or (u.state -> 'conflict' ->> 'confidence')::numeric is distinct from u.confidence))
        or (u.decision = 'confirmed' and (u.is_stronger or u.ends_a_conflict or u.state -> 'confidence' is null))
      offset 0
    ) f
    group by f.place
  ) w on w.place = r.place;

  for i in 1 .. cardinality(p_items) loop
    if private.meets_plainly(p_items[i]) then
      -- Why there is nothing: the page has the place, and it is empty.
      if coalesce(p_items[i] -> 'absent', '[]') <> '[]' then
        states[i] := private.absent_states(p_vehicles[i], p_items[i]) || states[i];
      end if;
      changes[i] := '{}';
      if new_values[i] <> '{}' then
        if v_replaced[i] <> '{}' then
          v_replaced[i] := to_jsonb(jsonb_populate_record(null::public.vehicles, v_replaced[i]));
        end if;
        v_after := to_jsonb(jsonb_populate_record(null::public.vehicles, new_values[i]));
        changes[i] := (
          select jsonb_object_agg(f.field, jsonb_build_object('old', v_replaced[i] -> f.field, 'new', v_after -> f.field))
          from jsonb_object_keys(new_values[i]) f(field));
      end if;
    else
      select * into d from private.decide_facts(p_vehicles[i], p_items[i]);
      new_values[i] := d.new_values;
      states[i] := d.states;
      changes[i] := d.changes;
      v_each := coalesce(v_each, array_fill('[]'::jsonb, array[cardinality(p_items)]));
      v_each[i] := d.decisions;
    end if;
  end loop;
  if v_each is not null then
    decisions := decisions || private.fact_decisions(v_each);
  end if;
  fields := private.decided_fields(decisions, cardinality(p_items));
end
$$;
comment on function private.decide_held_facts(public.vehicles[], jsonb[]) is
  'What decide_facts() gives for each of these readings, of the vehicle at the same place; fields: decided_fields() of each.';
grant execute on function private.decide_held_facts(public.vehicles[], jsonb[]) to service_role;
