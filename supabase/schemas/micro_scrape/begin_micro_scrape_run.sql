create function public.begin_micro_scrape_run(
  p_triggered_by text,
  p_limit integer default 20,
  p_vehicle_ids uuid[] default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_run_id uuid;
begin
  insert into public.micro_scrape_runs (triggered_by) values (p_triggered_by) returning id into v_run_id;
  return jsonb_build_object(
    'run_id', v_run_id,
    'pictures', public.pictures_wanted(),
    'work', public.claim_micro_scrape(p_limit, p_vehicle_ids));
end
$$;
comment on function public.begin_micro_scrape_run(text, integer, uuid[]) is
  'Opens the record of a run and leases its vehicles, as claim_micro_scrape(). Gives {run_id, pictures, work}; pictures: as pictures_wanted().';
revoke execute on function public.begin_micro_scrape_run(text, integer, uuid[]) from public, anon, authenticated;
grant execute on function public.begin_micro_scrape_run(text, integer, uuid[]) to service_role;
