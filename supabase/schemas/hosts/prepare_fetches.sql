create function public.prepare_fetches(
  p_worker uuid, p_requests jsonb, p_horizon_ms integer, p_urls text[], p_known_maps text default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- Before any host is locked.
  v_read jsonb := jsonb_build_object('snapshots', public.newest_page_snapshots(p_urls))
    || case when p_known_maps is null then '{}'
      else jsonb_build_object('maps', public.serving_extraction_maps(p_known_maps)) end;
begin
  return v_read || jsonb_build_object('slots', public.reserve_host_slots(p_worker, p_requests, p_horizon_ms));
end
$$;
comment on function public.prepare_fetches(uuid, jsonb, integer, text[], text) is
  'What a worker needs to know before it fetches, in one call: the newest snapshot of each URL, as newest_page_snapshots(), slots of hosts, as reserve_host_slots(), and, with p_known_maps, what reads the pages, as serving_extraction_maps(). Gives {snapshots, slots, maps}.';
revoke execute on function public.prepare_fetches(uuid, jsonb, integer, text[], text) from public, anon, authenticated;
grant execute on function public.prepare_fetches(uuid, jsonb, integer, text[], text) to service_role;
