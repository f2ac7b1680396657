-- A calibration is made of the labels there are, stays a week in shadow, and then serves, unless it proves worse.

create function private.worth_of_labels(p_weight numeric, p_squares numeric, p_accepted numeric)
returns table (n numeric, accepted numeric)
language sql immutable parallel safe
begin atomic
  select w.n, least(w.n, greatest(0, coalesce(round(p_accepted * p_weight / nullif(p_squares, 0), 6), 0)))
  from (select coalesce(round(p_weight ^ 2 / nullif(p_squares, 0), 6), 0) as n) w;
end;
comment on function private.worth_of_labels(numeric, numeric, numeric) is
  'How many labels of one weight a sum of labels is worth, and how many of these were right: the fewer the more their weights differ (Kish, 1965).';

create function private.way_factor(p_weight numeric, p_squares numeric, p_accepted numeric, p_expected numeric)
returns numeric
language sql immutable parallel safe
return coalesce(
  (select round((20 + w.n * p_accepted / nullif(p_expected, 0)) / (20 + w.n), 6)
  from private.worth_of_labels(p_weight, p_squares, p_accepted) w), 1);
comment on function private.way_factor(numeric, numeric, numeric, numeric) is
  'What becomes of a declared confidence by what labels of a way say: 1 without any, accepted / expected with very many.';

create function private.trust_of(p_accepted numeric, p_expected numeric) returns numeric
language sql immutable parallel safe
return (
  select case when r.ratio < 0.8 then r.ratio else 1 end
  from (select round((20 + p_accepted) / (20 + p_expected), 6) as ratio) r
);
comment on function private.trust_of(numeric, numeric) is
  'What is left of a source''s word where so many of its labels were right instead of as many as of other sources: 1 where it is not worse by a fifth, which may be chance, or one field.';

create function private.make_calibration() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_version integer;
  v_labels bigint;
begin
  v_labels := (
    select count(*)
    from private.calibration_labels(now())
    where labelled_at > coalesce((select max(made_at) from public.calibrations), '-infinity')
  );
  if v_labels = 0 then
    return null;
  end if;
  insert into public.calibrations (labels_count)
  select count(*) from private.calibration_labels(now())
  returning version into v_version;

  with own as materialized (
    select
      w.*,
      sum(w.weight) over of_all - w.weight as others_weight,
      sum(w.squares) over of_all - w.squares as others_squares,
      sum(w.accepted) over of_all - w.accepted as others_accepted
    from private.labels_by_way(now()) w
    window of_all as (partition by w.field_name, w.reading_way, w.declared_band)
  ),
  by_field as (
    select field_name, reading_way, declared_band,
      sum(weight) as weight, sum(squares) as squares, sum(accepted) as accepted, sum(expected) as expected
    from own
    group by 1, 2, 3
  ),
  of_ways as (
    select f.*, private.way_factor(
      sum(f.weight) over w - f.weight, sum(f.squares) over w - f.squares,
      sum(f.accepted) over w - f.accepted, sum(f.expected) over w - f.expected) as factor
    from by_field f
    window w as (partition by f.reading_way, f.declared_band)
  ),
  judged as (
    select
      o.*, w.factor, own.n as own_n, own.accepted as own_accepted, others.n as others_n, others.accepted as others_right,
      -- How many would be right if the source were as the others.
      own.n * (20 * least(o.expected / o.weight * w.factor, 0.99) + others.accepted) / (20 + others.n) as expected_right
    from own o
    join of_ways w using (field_name, reading_way, declared_band)
    cross join lateral private.worth_of_labels(o.weight, o.squares, o.accepted) own
    cross join lateral private.worth_of_labels(o.others_weight, o.others_squares, o.others_accepted) others
  ),
  of_fields as (
    -- No field says more of a source than five labels do, so that one field alone does not speak for the others.
    select
      j.source_id, j.field_name,
      sum(j.own_accepted) * least(1, 5 / sum(j.own_n)) as accepted,
      sum(j.expected_right) * least(1, 5 / sum(j.own_n)) as expected
    from judged j
    where j.source_id is not null
    group by 1, 2
  ),
  trust as (
    select
      f.source_id, f.field_name,
      private.trust_of(sum(f.accepted) over s - f.accepted, sum(f.expected) over s - f.expected) as without_own,
      private.trust_of(sum(f.accepted) over s, sum(f.expected) over s) as of_all
    from of_fields f
    window s as (partition by f.source_id)
  )
  insert into public.calibration_rates
    (version, source_id, field_name, reading_way, declared_band, n, accepted, others_n, others_accepted, way_factor, trust)
  select
    v_version, j.source_id, j.field_name, j.reading_way, j.declared_band,
    j.own_n, j.own_accepted, j.others_n, j.others_right, j.factor, t.without_own
  from judged j
  join trust t on t.source_id = j.source_id and t.field_name = j.field_name
  union all
  select v_version, null, f.field_name, f.reading_way, f.declared_band, w.n, w.accepted, 0, 0, f.factor, 1
  from of_ways f
  cross join lateral private.worth_of_labels(f.weight, f.squares, f.accepted) w
  union all
  select v_version, null, null, f.reading_way, f.declared_band, 0, 0, 0, 0,
    private.way_factor(sum(f.weight), sum(f.squares), sum(f.accepted), sum(f.expected)), 1
  from by_field f
  group by f.reading_way, f.declared_band
  union all
  select distinct v_version, t.source_id, null, null, null, 0, 0, 0, 0, 1, t.of_all
  from trust t;
  return v_version;
end
$$;
comment on function private.make_calibration() is
  'Makes a calibration, in shadow, of all labels of the last year. Gives its version; null, and nothing is made, without a label since the last one.';

create function private.brier_of(p_version integer, p_since timestamptz)
returns table (labels bigint, brier numeric)
language sql stable
set search_path = ''
as $$
  select
    count(*),
    sum(w.weight * (coalesce(private.calibrated_by(p_version, l.source_id, l.field_name, l.reading_way, l.declared), l.declared)
      - l.accepted) ^ 2) / nullif(sum(w.weight), 0)
  from private.calibration_labels(now()) l
  cross join lateral (select l.stands_for * l.counts) w(weight)
  where l.labelled_at > p_since
$$;
comment on function private.brier_of(integer, timestamptz) is
  'How far a calibration (null: what readers declare) is from the labels that came in since a time: the mean square (Brier, 1950), and of how many.';

create function private.judge_shadow() returns text
language plpgsql
set search_path = ''
as $$
declare
  v_shadow public.calibrations;
  v_serving integer := (select version from public.calibrations where status = 'serving');
  v_labels bigint;
  v_brier numeric;
  v_brier_before numeric;
begin
  select * into v_shadow from public.calibrations
  where status = 'shadow' and made_at <= now() - interval '7 days'
  for update;
  if not found then
    return null;
  end if;
  select labels, brier into v_labels, v_brier from private.brier_of(v_shadow.version, v_shadow.made_at);
  select brier into v_brier_before from private.brier_of(v_serving, v_shadow.made_at);
  if v_labels >= 20 and v_brier > v_brier_before then
    update public.calibrations
    set status = 'retired',
        retired_at = now(),
        why = format('worse than %s on the %s labels of its time in shadow: Brier %s, not %s',
          coalesce('version ' || v_serving, 'what readers declare'), v_labels, round(v_brier, 4), round(v_brier_before, 4))
    where version = v_shadow.version;
    return 'retired';
  end if;
  update public.calibrations
  set status = 'retired', retired_at = now(), why = format('replaced by version %s', v_shadow.version)
  where version = v_serving;
  update public.calibrations
  set status = 'serving',
      serving_since = now(),
      why = case when v_labels > 0 then format('Brier %s on the %s labels of its time in shadow, before %s',
        round(v_brier, 4), v_labels, round(v_brier_before, 4)) end
  where version = v_shadow.version;
  return 'serving';
end
$$;
comment on function private.judge_shadow() is
  'Lets a calibration serve after a week in shadow, unless it is further than the one before from at least 20 labels that came in meanwhile. Gives what became of it; null where none is a week old.';

create function private.calibrate() returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_judged text;
  v_version integer;
begin
  lock table public.calibrations in share row exclusive mode; -- one at a time; readers go on
  v_judged := private.judge_shadow();
  if not exists (select from public.calibrations where status = 'shadow') then
    v_version := private.make_calibration();
  end if;
  delete from public.calibrations where retired_at < now() - interval '1 year';
  return jsonb_build_object('judged', v_judged, 'made', v_version);
end
$$;
comment on function private.calibrate() is
  'Once a day: what has been a week in shadow serves or is retired, and the next calibration is made when there are new labels. Gives {judged, made}.';
grant execute on function
  private.worth_of_labels(numeric, numeric, numeric),
  private.way_factor(numeric, numeric, numeric, numeric),
  private.trust_of(numeric, numeric),
  private.make_calibration(),
  private.brier_of(integer, timestamptz),
  private.judge_shadow(),
  private.calibrate()
to service_role;
