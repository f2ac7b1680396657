begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

create function pg_temp.said(f text, n integer) returns jsonb language sql as $$
  select case
    when f = 'sale_date' then '"2026-10-01"'
    when f in ('year', 'mileage', 'sale_price', 'high_bid', 'asking_price') then to_jsonb(1990 + n % 30)
    else to_jsonb(f || ' "' || n || '"')
  end
$$;
-- Readings of every kind, 400 of them: with fields that are no facts, without values, taken back, absent.
select setseed(0.5);
create temp table readings as
select
  n,
  jsonb_strip_nulls(jsonb_build_object(
    'source_url', 'https://www.' || n % 3 || '.example/cars/' || n,
    'method', case when random() < 0.8 then 'general_scraper' end,
    'scraper_version', case when random() < 0.8 then 'v1.' || n % 4 || '.0' end,
    'page_at', case when random() < 0.8 then '2026-11-01T10:00:00Z' end,
    'outcome', case when random() < 0.1 then (array['ok', 'gone', 'invalid'])[1 + n % 3] when random() < 0.5 then 'not_modified' end,
    'listing_id', case when random() < 0.8 then n end,
    'is_followed', case when random() < 0.1 then false when random() < 0.1 then true end,
    'takes_over', case when random() < 0.1 then true end,
    'absent', (select jsonb_agg(f) from unnest(private.fact_columns() || '{wheels}') f where random() < 0.1 and n > 0),
    'read_again', case when random() < 0.2 then (
      select jsonb_agg(f) from unnest(private.fact_columns()) f where random() < 0.2 and n > 0) end,
    'retractions', case when random() < 0.1 then (
      select jsonb_object_agg(f, jsonb_build_object('confidence', 0.9, 'evidence', 'it says so'))
      from unnest(private.fact_columns()) f where random() < 0.1 and n > 0) end
  )) || case when random() < 0.95 then jsonb_build_object('facts', (
    select coalesce(jsonb_object_agg(f, jsonb_build_object(
      'value', case when random() < 0.1 then 'null'::jsonb else pg_temp.said(f, n) end,
      'confidence', round(random()::numeric, 2),
      'evidence', case when random() < 0.8 then 'as ' || f end
    ) || jsonb_strip_nulls(jsonb_build_object(
      'method', case when random() < 0.2 then 'generated_rules' end,
      'way', case when random() < 0.3 then 'json_ld' end,
      'declared', case when random() < 0.2 then 0.75 end,
      'calibration', case when random() < 0.2 then n end
    ))), '{}')
    from unnest(private.fact_columns() || '{wheels,doors}') f
    where random() < 0.6 and n > 0
  )) else '{}' end as item
from generate_series(1, 400) n;

-- What their vehicles hold: much of it the same, some without a state, by a person, in conflict, taken away before.
create temp table held as
select
  r.n,
  jsonb_populate_record(null::vehicles, jsonb_build_object(
    'id', gen_random_uuid(),
    'listing_url', 'https://www.' || r.n % 3 || '.example/cars/' || case when random() < 0.8 then r.n else 0 end,
    'origin_metadata', '{}'::jsonb,
    'field_state', coalesce((
      select jsonb_object_agg(f, case
        when random() < 0.1 then jsonb_build_object('why', 'retracted', 'at', '2026-10-01T00:00:00Z')
        else jsonb_strip_nulls(jsonb_build_object(
          'confidence', case when random() < 0.9 then round(random()::numeric, 2) end,
          'method', case when random() < 0.2 then 'manual' when random() < 0.2 then 'generated_rules' else 'general_scraper' end,
          'version', case when random() < 0.8 then 'v1.' || (random() * 4)::integer || '.0' end,
          'source', (random() * 2)::integer || '.example',
          'page_at', case when random() < 0.9 then '2026-10-0' || 1 + (random() * 8)::integer || 'T00:00:00Z' end,
          'conflict', case when random() < 0.2 then jsonb_build_object(
            'value', pg_temp.said(f, r.n) #>> '{}', 'confidence', round(random()::numeric, 2), 'source', r.n % 3 || '.example') end,
          'rejected', case when random() < 0.2 then jsonb_build_array(pg_temp.said(f, r.n) #>> '{}') end))
      end)
      from unnest(private.fact_columns()) f
      where random() < 0.7 and r.n > 0), '{}')
  ) || coalesce((
    select jsonb_object_agg(f, case
      when random() < 0.6 and r.item -> 'facts' -> f -> 'value' is not null then r.item -> 'facts' -> f -> 'value'
      when f = 'sale_date' then '"2026-09-01"'
      when f = 'sale_status' then '"live"'
      when f in ('year', 'mileage', 'sale_price', 'high_bid', 'asking_price') then '1985'
      else to_jsonb(upper(f) || ' "' || r.n || '"')
    end)
    from unnest(private.fact_columns()) f
    where random() < 0.6 and r.n > 0), '{}')) as v
from readings r;

create temp table each_by_itself as
select r.n as place, d.*
from readings r
join held h using (n)
cross join lateral private.decide_facts(h.v, r.item) d;
create temp table together as
select d.*
from (select array_agg(h.v order by n) as vehicles, array_agg(r.item order by n) as items from readings r join held h using (n)) b
cross join lateral private.decide_held_facts(b.vehicles, b.items) d;

select results_eq(
  'select n.place, n.new_values from together, unnest(new_values) with ordinality n(new_values, place)',
  'select place::bigint, new_values from each_by_itself order by place',
  'of vehicles that are held a batch decides as each reading by itself does: what they hold from now on');
select results_eq(
  'select n.place, n.states from together, unnest(states) with ordinality n(states, place)',
  'select place::bigint, states from each_by_itself order by place', 'the states of these');
select results_eq(
  'select n.place, n.changes from together, unnest(changes) with ordinality n(changes, place)',
  'select place::bigint, changes from each_by_itself order by place', 'what changed');
select results_eq(
  'select n.place, n.fields from together, unnest(fields) with ordinality n(fields, place)',
  'select place::bigint, private.decided_fields(decisions) from each_by_itself order by place', 'the fields, by what was decided');
create function pg_temp.rows_of(p_decisions private.fact_decision[]) returns setof private.fact_decision language sql as $$
  select
    d.place, d.field, d.new, d.held, d.state, d.decision, d.confidence, d.evidence, d.method, d.way, d.declared, d.calibration,
    d.is_stronger, d.ends_a_conflict
  from unnest(p_decisions) with ordinality d
  order by d.place, d.ordinality
$$;
select results_eq(
  'select d.* from together cross join lateral pg_temp.rows_of(decisions) d',
  'select d.* from pg_temp.rows_of(private.fact_decisions(array(select decisions from each_by_itself order by place))) d',
  'and each decision');
select cmp_ok(
  (select count(*) from readings where private.meets_plainly(item)), '>', 200::bigint, 'half of them meet their vehicles plainly');
select is(
  (select count(distinct (d.decision, coalesce(d.is_stronger, false), coalesce(d.ends_a_conflict, false)))
    from together, unnest(decisions) d
    where private.meets_plainly((select item from readings where n = d.place))),
  20::bigint, 'confirmed, replaced, filled, in conflict or nothing, more surely or not, after a conflict or not');

select * from finish();
rollback;
