-- How many vehicles each source has given, and how complete they are, day after day.

create function private.count_scores(p_cycle_id text, p_portion integer, p_host text, p_after uuid, p_limit integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_last jsonb;
begin
  delete from private.fill_quality_portions where cycle_id = p_cycle_id and part = 'history' and portion = p_portion;
  with next as materialized (
    -- Of the wide row only what stands in the index.
    select v.source_host, v.id
    from public.vehicles v
    where v.source_host is not null
      and (p_host is null or (v.source_host, v.id) > (p_host, p_after))
    order by v.source_host, v.id
    limit p_limit
  ),
  written as (
    insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
    select
      p_cycle_id, 'history', p_portion, n.source_host,
      jsonb_build_object(
        'count', count(*), 'score', sum(s.score), 'complete', count(*) filter (where s.state = 'complete'))
    from next n
    join public.micro_scrape_state s on s.vehicle_id = n.id
    group by n.source_host
    order by n.source_host
    on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
  )
  select jsonb_build_object('from', n.source_host, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.source_host desc, n.id desc
  limit 1;
  return v_last;
end
$$;
comment on function private.count_scores(text, integer, text, uuid, integer) is
  'Counts the next vehicles, by host, with their scores. Gives where to go on, as {from, after}; null after the last.';

create function private.finish_score_history(p_cycle_id text, p_day date) returns void
language sql
set search_path = ''
as $$
  insert into public.vehicle_score_history as held (day, source_id, vehicles_count, mean_score, complete_count)
  select
    p_day, s.id,
    sum((p.counts ->> 'count')::integer),
    round(sum((p.counts ->> 'score')::numeric) / sum((p.counts ->> 'count')::integer), 1),
    sum((p.counts ->> 'complete')::integer)
  from private.fill_quality_portions p
  cross join lateral private.source_that_reads(p.host) s(id)
  where p.cycle_id = p_cycle_id and p.part = 'history' and s.id is not null
  group by s.id
  on conflict (day, source_id) do update
  set vehicles_count = excluded.vehicles_count,
      mean_score = excluded.mean_score,
      complete_count = excluded.complete_count,
      measured_at = now()
$$;
comment on function private.finish_score_history(text, date) is 'Writes vehicle_score_history of a day from what was counted.';

grant execute on function
  private.count_scores(text, integer, text, uuid, integer),
  private.finish_score_history(text, date)
to service_role;
