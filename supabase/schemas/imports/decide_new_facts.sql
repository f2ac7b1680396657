-- What readings make of vehicles of which nothing is held yet: decide_facts() of a batch, without what it would meet.

create function private.has_plain_facts(p_item jsonb) returns boolean
language sql immutable parallel safe
return coalesce(p_item -> 'retractions', '{}') = '{}'
  and coalesce((p_item ->> 'is_followed')::boolean, true)
  and not coalesce((p_item ->> 'takes_over')::boolean, false);
comment on function private.has_plain_facts(jsonb) is
  'Whether a reading takes nothing back and speaks of the sale of its own listing, as nearly every one does.';
grant execute on function private.has_plain_facts(jsonb) to service_role;

create function private.decide_new_facts(p_ids uuid[], p_listings bigint[], p_items jsonb[])
returns table (place bigint, decisions jsonb, new_values jsonb, states jsonb, changes jsonb)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return query
  with items as materialized (
    select
      r.place,
      r.id,
      r.listing_id,
      r.item,
      private.has_plain_facts(r.item) as is_plain,
      coalesce(r.item -> 'facts', '{}') as facts,
      coalesce(r.item ->> 'method', 'unknown') as method,
      jsonb_build_object(
        'version', r.item ->> 'scraper_version',
        'source', private.url_host(r.item ->> 'source_url'),
        'at', now(),
        'page_at', coalesce((r.item ->> 'page_at')::timestamptz, now()),
        'listing', r.listing_id
      ) as state
    from unnest(p_ids, p_listings, p_items) with ordinality r(id, listing_id, item, place)
  ),
  plain as (
    select i.place, d.decisions, d.new_values, a.states || d.states as states
    from items i
    -- Every field that the page speaks of is filled.
    cross join lateral (
      select
        coalesce(jsonb_agg('{"held": null, "state": null, "decision": "filled", "is_stronger": null,
            "ends_a_conflict": null, "moves": false}'::jsonb || jsonb_build_object(
          'field', f.field,
          'new', f.new,
          'confidence', f.confidence,
          'evidence', f.evidence,
          'method', f.method,
          'way', f.way,
          'declared', f.declared,
          'calibration', f.calibration
        ) order by f.n), '[]') as decisions,
        coalesce(jsonb_object_agg(f.field, f.new), '{}') as new_values,
        coalesce(jsonb_object_agg(f.field, i.state
          || jsonb_build_object('confidence', f.confidence, 'method', f.method)
          || case when f.way is not null then jsonb_build_object('way', f.way) else '{}' end
          || case when f.declared is not null then jsonb_build_object('declared', f.declared) else '{}' end
        ), '{}') as states
      from (
        select
          e.n,
          e.key as field,
          e.value ->> 'value' as new,
          (e.value ->> 'confidence')::numeric as confidence,
          e.value ->> 'evidence' as evidence,
          coalesce(e.value ->> 'method', i.method) as method,
          e.value ->> 'way' as way,
          (e.value ->> 'declared')::numeric as declared,
          (e.value ->> 'calibration')::integer as calibration
        from jsonb_each(i.facts) with ordinality e(key, value, n)
        where e.key = any (private.fact_columns())
          and e.value ->> 'value' is not null
      ) f
    ) d
    -- Why there is nothing: the page has the place, and it is empty.
    cross join lateral (
      select coalesce(jsonb_object_agg(t.field, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}') as states
      from jsonb_array_elements_text(coalesce(i.item -> 'absent', '[]')) t(field)
      where t.field = any (private.fact_columns())
        and not i.facts ? t.field
    ) a
    where i.is_plain
  ),
  met as (
    select i.place, d.decisions, d.new_values, d.states
    from items i
    cross join lateral private.decide_facts(
      jsonb_populate_record(null::public.vehicles, jsonb_build_object(
        'id', i.id, 'listing_url', i.item -> 'source_url', 'field_state', '{}'::jsonb)),
      i.item || jsonb_build_object('listing_id', i.listing_id)) d
    where not i.is_plain
  )
  select
    t.place, t.decisions, t.new_values, t.states,
    (
      select coalesce(jsonb_object_agg(f.field, jsonb_build_object('old', null, 'new', v.after -> f.field)), '{}')
      from jsonb_object_keys(t.new_values) f(field)
    )
  from (select * from plain union all select * from met) t
  cross join lateral (
    select to_jsonb(jsonb_populate_record(null::public.vehicles, t.new_values)) as after
    offset 0 -- once a vehicle
  ) v
  order by t.place;
end
$$;
comment on function private.decide_new_facts(uuid[], bigint[], jsonb[]) is
  'What decide_facts() gives for each of these readings, of vehicles of which nothing is held: by the ids that they and their listings will have. place: from 1.';
grant execute on function private.decide_new_facts(uuid[], bigint[], jsonb[]) to service_role;
