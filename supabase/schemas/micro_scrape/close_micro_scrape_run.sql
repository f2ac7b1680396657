create function public.close_micro_scrape_run(p_run_id uuid, p_report jsonb, p_invokes_next boolean)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.micro_scrape_runs r
  set status = n.status,
      runtime_ms = n.runtime_ms,
      completed_at = now(),
      error_message = n.error_message,
      vehicles_analyzed = n.vehicles_analyzed,
      vehicles_improved = n.vehicles_improved,
      vehicles_marked_complete = n.vehicles_marked_complete,
      vehicles_exhausted = n.vehicles_exhausted,
      actions_executed = n.actions_executed,
      actions_succeeded = n.actions_succeeded,
      actions_failed = n.actions_failed
  from jsonb_populate_record(null::public.micro_scrape_runs, p_report) n
  where r.id = p_run_id;
  return p_invokes_next and public.invoke_micro_scrape_if_due();
end
$$;
comment on function public.close_micro_scrape_run(uuid, jsonb, boolean) is
  'Writes what a run came to: its status, counts and error. With p_invokes_next the next run is invoked when there are still vehicles to claim; gives whether there are any.';
revoke execute on function public.close_micro_scrape_run(uuid, jsonb, boolean) from public, anon, authenticated;
grant execute on function public.close_micro_scrape_run(uuid, jsonb, boolean) to service_role;
