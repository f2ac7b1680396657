-- What a reading makes of each field that it speaks of: decided here, written by who asks.

create function private.decide_facts(
  v public.vehicles, p_item jsonb, out decisions jsonb, out new_values jsonb, out states jsonb, out changes jsonb
)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(v);
  v_state jsonb := v_held -> 'field_state'; -- unpacked once, not at each mention
  v_after jsonb;
  v_source text := private.url_host(p_item ->> 'source_url');
  v_page_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_method text := coalesce(p_item ->> 'method', 'unknown');
  v_version text := p_item ->> 'scraper_version';
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_retractions jsonb := coalesce(p_item -> 'retractions', '{}');
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_listing jsonb := case when p_item ? 'listing_id' then jsonb_build_object('listing', p_item -> 'listing_id') else '{}' end;
  -- Of several listings one gives the sale fields; where it is another one than before, its fields take over.
  v_followed boolean := coalesce((p_item ->> 'is_followed')::boolean, true);
  v_takes_over boolean := coalesce((p_item ->> 'takes_over')::boolean, false) and v_facts ?| private.sale_columns();
  -- A vehicle that was listed again stands on its newer listing: what becomes of the older one does not end it.
  v_own_listing boolean := coalesce(v_url = public.canonical_listing_url(v.listing_url), true);
begin
  -- What was offered at a listing that was removed is not offered for ever; how it ended nobody says.
  if v_outcome in ('gone', 'invalid')
    and v_followed
    and (v_own_listing or v_listing <> '{}')
    and v.sale_status in ('live', 'for_sale')
  then
    v_retractions := v_retractions || jsonb_build_object('sale_status', jsonb_build_object(
      'confidence', 0.9,
      'evidence', case v_outcome when 'gone' then 'the listing was removed: ' else 'another vehicle stands there now: ' end
        || coalesce(p_item ->> 'error', v_outcome)));
  end if;

  -- A better version no longer reads what an older one took from this very page.
  v_retractions := v_retractions || (
    select coalesce(jsonb_object_agg(f, jsonb_build_object(
      'confidence', 0.9,
      'evidence', format('%s %s does not read what %s read from this page',
        v_method, v_version, v_state -> f ->> 'version'))), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'read_again', '[]')) f
    where v_outcome in ('ok', 'not_modified')
      and f = any (private.fact_columns())
      and not v_facts ? f
      and v_held ->> f is not null
      and v_state -> f ->> 'method' = v_method
      and private.version_number(v_state -> f ->> 'version') < private.version_number(v_version)
      and (v_state -> f ->> 'page_at')::timestamptz >= v_page_at
  );

  if not v_followed then
    v_facts := v_facts - private.sale_columns();
    v_retractions := v_retractions - private.sale_columns();
  elsif v_takes_over then
    v_retractions := (
      select coalesce(jsonb_object_agg(f, jsonb_build_object('confidence', 0.9, 'evidence', 'offered anew at ' || v_url)), '{}')
      from unnest(private.sale_columns()) f
      where v_held ->> f is not null
        and not v_facts ? f
        and coalesce(v_state -> f ->> 'method', '') not like 'manual%'
    ) || v_retractions;
  end if;

  -- Every field that the page speaks of meets the value held.
  with incoming as (
    select
      f.key as field,
      f.value ->> 'value' as new,
      (f.value ->> 'confidence')::numeric as confidence,
      f.value ->> 'evidence' as evidence,
      coalesce(f.value ->> 'method', v_method) as method,
      f.value ->> 'way' as way,
      (f.value ->> 'declared')::numeric as declared,
      (f.value ->> 'calibration')::integer as calibration
    from jsonb_each(v_facts) f
    where f.key = any (private.fact_columns())
      and f.value ->> 'value' is not null
    union all
    select r.key, null, (r.value ->> 'confidence')::numeric, r.value ->> 'evidence', v_method, null, null, null
    from jsonb_each(v_retractions) r
    where r.key = any (private.fact_columns())
      and not v_facts ? r.key
  ),
  met as materialized (
    select i.*, v_held ->> i.field as held, v_state -> i.field as state
    from incoming i
  ),
  decided as materialized ( -- decided once, not once a mention below
    select
      m.*,
      private.merge_decision(
        m.field, m.held,
        case
          when v_takes_over
            and m.field = any (private.sale_columns())
            and coalesce(m.state ->> 'method', '') not like 'manual%'
            then m.state || jsonb_build_object('source', v_source, 'confidence', 0, 'page_at', '-infinity')
          else m.state
        end,
        m.new, m.confidence, m.method, v_version, v_source, v_page_at
      ) as decision,
      -- Another source, or a better reading, says the same: that is worth more than one saying it twice.
      coalesce(m.state ->> 'method', '') not like 'manual%'
        and m.confidence > (m.state ->> 'confidence')::numeric
        and (
          m.state ->> 'source' is distinct from v_source
          or coalesce(
            private.version_number(v_version) > private.version_number(m.state ->> 'version'), false)
        ) as is_stronger,
      m.state -> 'conflict' ->> 'source' = v_source as ends_a_conflict,
      -- The same sum or status, of another offer.
      v_takes_over
        and m.field = any (private.sale_columns())
        and coalesce(m.state ->> 'method', '') not like 'manual%'
        and m.state is not null as moves
    from met m
  )
  select
    coalesce(jsonb_agg(to_jsonb(d)), '[]'),
    coalesce(jsonb_object_agg(d.field, d.new) filter (where d.decision in ('filled', 'replaced', 'cleared')), '{}'),
    coalesce(jsonb_object_agg(d.field, case
      when d.decision in ('filled', 'replaced') then private.kept_rejections(d.state) || jsonb_build_object(
        'confidence', d.confidence, 'method', d.method, 'version', v_version,
        'source', v_source, 'at', now(), 'page_at', v_page_at)
        || jsonb_strip_nulls(jsonb_build_object('way', d.way, 'declared', d.declared)) || v_listing
      when d.decision = 'cleared' then
        private.kept_rejections(d.state) || jsonb_build_object('why', 'retracted', 'at', now()) || v_listing
      when d.decision = 'conflict' then coalesce(d.state, '{}') || jsonb_build_object('conflict', jsonb_build_object(
        'value', d.new, 'confidence', d.confidence, 'method', d.method, 'source', v_source, 'at', now()))
      else case when d.ends_a_conflict then d.state - 'conflict' else d.state end
        || case
          when d.is_stronger then jsonb_build_object(
            'confidence', d.confidence, 'version', coalesce(v_version, d.state ->> 'version'))
          else '{}'
        end
        || case
          when d.moves then v_listing || jsonb_build_object('source', v_source, 'page_at', v_page_at)
          else '{}'
        end
    end) filter (
      where d.decision in ('filled', 'replaced', 'cleared')
        or (d.decision = 'conflict' and (
          d.state -> 'conflict' ->> 'value' is distinct from d.new
          or (d.state -> 'conflict' ->> 'confidence')::numeric is distinct from d.confidence))
        or (d.decision = 'confirmed' and (d.is_stronger or d.ends_a_conflict or d.moves))
    ), '{}')
  into decisions, new_values, states
  from decided d;
  changes := '{}';
  if new_values <> '{}' then
    v_after := to_jsonb(jsonb_populate_record(v, new_values));
    changes := (
      select jsonb_object_agg(f, jsonb_build_object('old', v_held -> f, 'new', v_after -> f))
      from jsonb_object_keys(new_values) f
    );
  end if;

  -- A value held without state gets one from the page that says the same.
  states := (
    select coalesce(jsonb_object_agg(d ->> 'field', private.kept_rejections(d -> 'state') || jsonb_build_object(
      'confidence', greatest((d ->> 'confidence')::numeric, 0.5), 'method', d ->> 'method',
      'version', v_version, 'source', v_source, 'at', now(), 'page_at', v_page_at) || v_listing), '{}')
    from jsonb_array_elements(decisions) d
    where d ->> 'decision' = 'confirmed' and d -> 'state' -> 'confidence' is null
  ) || (
    -- Why there is nothing: the page has the place, and it is empty.
    select coalesce(jsonb_object_agg(f, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'absent', '[]')) f
    where f = any (private.fact_columns())
      and v_held ->> f is null
      and not v_facts ? f
      and v_state -> f is null
  ) || states;
end
$$;
comment on function private.decide_facts(public.vehicles, jsonb) is
  'What becomes of each field that a reading speaks of, when it meets what is held. Gives the decisions, [{field, new, held, decision, confidence, evidence, method, way …}]; new_values, what is held from now on; states, for field_state; changes, {field: {old, new}}. Changes nothing.';
grant execute on function private.decide_facts(public.vehicles, jsonb) to service_role;

create function private.decided_fields(p_decisions jsonb) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'filled', coalesce(jsonb_agg(d.field) filter (where d.decision = 'filled'), '[]'),
      'corrected', coalesce(jsonb_agg(d.field) filter (where d.decision = 'replaced'), '[]'),
      'cleared', coalesce(jsonb_agg(d.field) filter (where d.decision = 'cleared'), '[]'),
      'confirmed', coalesce(jsonb_agg(d.field) filter (where d.decision = 'confirmed'), '[]'),
      'conflicts', coalesce(jsonb_agg(d.field) filter (where d.decision = 'conflict'), '[]'))
    from jsonb_to_recordset(p_decisions) as d(field text, decision text)
  );
end
$$;
comment on function private.decided_fields(jsonb) is 'The fields of decisions, by what was decided, as a result names them.';
grant execute on function private.decided_fields(jsonb) to service_role;
