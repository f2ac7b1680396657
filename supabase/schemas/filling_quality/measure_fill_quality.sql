create function private.prune_fill_quality(p_limit integer) returns void
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
comment on function private.prune_fill_quality(integer) is 'Forgets what was measured 90 days ago, a portion at a time.';
grant execute on function private.prune_fill_quality(integer) to service_role;

create function public.measure_fill_quality(p_cycle_id text, p_cursor jsonb default null) returns jsonb
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
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  if v_part not in ('vehicles', 'counts', 'history', 'sources', 'fields') then
    raise exception 'a cursor of measure_fill_quality has no part "%"', v_part using errcode = '22023';
  end if;
  v_day := (c.slot at time zone 'UTC')::date;
  v_until := least(c.slot + interval '2 hours', now());
  if p_cursor is null then -- from its beginning, whatever was left of another time
    delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  end if;

  while v_part in ('vehicles', 'counts', 'history') and clock_timestamp() < v_enough loop
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
        else 'sources'
      end;
      v_portion := 0;
    end if;
  end loop;

  if v_part = 'sources' and p_cursor ->> 'part' = 'sources' then -- a call of its own
    perform private.finish_source_health(p_cycle_id);
    v_part := 'fields';
  end if;
  if p_cursor ->> 'part' is distinct from 'fields' then
    return jsonb_build_object('done', false, 'cursor', jsonb_strip_nulls(jsonb_build_object(
      'part', v_part, 'portion', v_portion, 'from', v_from, 'after', v_after)));
  end if;

  perform private.finish_quality_metrics(p_cycle_id, v_until);
  perform private.finish_score_history(p_cycle_id, v_day);
  delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  perform private.prune_fill_quality(10000);
  return jsonb_build_object('done', true, 'cursor', null) || (
    select jsonb_build_object(
      'sources', count(h.id),
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
comment on function public.measure_fill_quality(text, jsonb) is
  'Measures what came in during a cycle: source_health, quality_metrics and fill_cycles.data_quality_score, and once a day vehicle_score_history; a portion a call. Call it with null, then with the cursor that it gave, until done: {done, cursor, sources, vehicles, data_quality_score, healthy, degraded, failing}. Measuring again writes the same rows again.';
revoke execute on function public.measure_fill_quality(text, jsonb) from public, anon, authenticated;
grant execute on function public.measure_fill_quality(text, jsonb) to service_role;
