-- Runs that died, the next run for a backlog, and the views that people read.

create function private.close_dead_runs() returns void
language sql
set search_path = ''
as $$
  update public.micro_scrape_runs
  set status = 'timed_out',
      completed_at = now(),
      runtime_ms = extract(epoch from now() - started_at) * 1000,
      error_message = private.worker_died() || '; its leases expired and its vehicles are due again'
  where status = 'running'
    and started_at < now() - interval '5 minutes';

  delete from public.micro_scrape_runs where started_at < now() - interval '90 days';
$$;
comment on function private.close_dead_runs() is
  'A run whose worker was killed ends here: no function may run longer than five minutes.';

create function public.invoke_micro_scrape_if_due() returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_is_claimable boolean := private.has_claimable('micro-scrape-bandaid');
begin
  perform private.note_end('micro-scrape-bandaid');
  if v_is_claimable then
    perform private.invoke_worker(
      'micro-scrape-bandaid', '{"triggered_by": "backlog", "background": true}', '0 seconds', p_is_claimable => true);
  end if;
  return v_is_claimable;
end
$$;
comment on function public.invoke_micro_scrape_if_due() is
  'For a run that ends while vehicles are still to be claimed: the backlog does not wait for cron. Gives whether there are any.';
grant execute on function public.invoke_micro_scrape_if_due() to service_role;

-- Views ------------------------------------------------------------------------------------------

create view public.vehicles_needing_micro_scrape with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  v.source_host,
  s.score as overall_score,
  q.missing_fields,
  q.low_confidence_fields,
  private.recommended_actions(
    v.source_host,
    q.missing_fields || q.low_confidence_fields,
    private.has_image_urls(v.origin_metadata),
    coalesce(v.sale_status = 'live', false)
  ) as recommended_actions,
  s.state,
  s.due_at,
  s.no_gain_passes,
  s.last_checked_at,
  s.last_outcome,
  s.last_error,
  v.created_at
from public.micro_scrape_state s
join public.vehicles v on v.id = s.vehicle_id
join public.vehicle_quality_scores q on q.vehicle_id = s.vehicle_id
where s.state in ('due', 'waiting', 'leased')
order by s.score, s.vehicle_created_at desc, s.vehicle_id;
comment on view public.vehicles_needing_micro_scrape is
  'Vehicles with gaps that are still worked on: what is missing, what will be done, and when. Lowest score first.';

create view public.vehicles_not_improving with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  s.state,
  case s.state
    when 'exhausted' then 'the source does not state ' || array_to_string(q.missing_fields || q.low_confidence_fields, ', ')
    when 'ended' then 'the listing was removed'
    else coalesce(s.last_error, s.last_outcome)
  end as why,
  s.score as overall_score,
  q.missing_fields,
  q.low_confidence_fields,
  s.last_outcome,
  s.last_error,
  s.last_checked_at
from public.micro_scrape_state s
join public.vehicles v on v.id = s.vehicle_id
join public.vehicle_quality_scores q on q.vehicle_id = s.vehicle_id
where s.state in ('exhausted', 'ended', 'failed')
order by s.last_checked_at desc;
comment on view public.vehicles_not_improving is
  'Vehicles that are no longer checked, and why. select reopen_micro_scrape(array[''…'']::uuid[]) looks again.';

grant select on public.vehicles_needing_micro_scrape, public.vehicles_not_improving to authenticated, service_role;
