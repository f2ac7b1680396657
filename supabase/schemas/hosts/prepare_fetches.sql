create function public.prepare_fetches(p_worker uuid, p_requests jsonb, p_horizon_ms integer, p_urls text[])
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_snapshots jsonb := public.newest_page_snapshots(p_urls); -- before any host is locked
begin
  return jsonb_build_object(
    'snapshots', v_snapshots, 'slots', public.reserve_host_slots(p_worker, p_requests, p_horizon_ms));
end
$$;
comment on function public.prepare_fetches(uuid, jsonb, integer, text[]) is
  'What a worker needs to know before it fetches, in one call: the newest snapshot of each URL, as newest_page_snapshots(), and slots of hosts, as reserve_host_slots(). Gives {snapshots, slots}.';
revoke execute on function public.prepare_fetches(uuid, jsonb, integer, text[]) from public, anon, authenticated;
grant execute on function public.prepare_fetches(uuid, jsonb, integer, text[]) to service_role;
