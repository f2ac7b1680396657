create function public.preview_fill_cycle(p_steps text[] default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_begun jsonb;
  v_id text;
  v_last bigint := (select coalesce(max(id), 0) from public.fill_decisions);
  v_check jsonb;
  v_would jsonb := '{}';
  v_answer jsonb;
begin
  v_begun := public.begin_fill_cycle('preview');
  v_id := v_begun ->> 'cycle_id';
  v_answer := jsonb_build_object(
    'cycle_id', v_id, 'would_begin', v_begun -> 'begun', 'why', v_begun -> 'why', 'what_to_type', v_begun -> 'what_to_type');
  if exists (select from public.fill_cycles where cycle_id = v_id and status = 'running') then
    v_check := public.check_fill_target(v_id);
    v_answer := v_answer || jsonb_build_object(
      'next_step', (private.next_fill_step(v_id)).step,
      'check', v_check);
    if p_steps is null or 'process_queue' = any (p_steps) then
      v_would := v_would || jsonb_build_object('process_queue', public.scale_workers(v_id));
    end if;
    if p_steps is null and (v_check ->> 'below_target')::boolean or 'activate_sources' = any (p_steps) then
      v_would := v_would || jsonb_build_object(
        'activate_sources', public.review_sources(v_id) || public.activate_sources(v_id));
    end if;
    if p_steps is null or 'monitor_quality' = any (p_steps) then
      v_would := v_would || jsonb_build_object('monitor_quality', public.act_on_quality(v_id));
    end if;
  end if;
  v_answer := v_answer || jsonb_build_object('would', v_would, 'decisions', coalesce((
    select jsonb_agg(to_jsonb(d) - 'id' - 'cycle_id' - 'decided_at' order by d.id)
    from (select * from public.fill_decisions where id > v_last order by id limit 200) d), '[]'));
  raise exception using errcode = 'PT000', message = 'preview'; -- takes back all that was written
exception when sqlstate 'PT000' then
  return v_answer;
end
$$;
comment on function public.preview_fill_cycle(text[]) is
  'What database-fill-agent would do now: the cycle it would begin, its next step, how it stands, the verdict so far, and what each lever would decide (decisions, 200 at most). Changes nothing: all is taken back.';
revoke execute on function public.preview_fill_cycle(text[]) from public, anon, authenticated;
grant execute on function public.preview_fill_cycle(text[]) to service_role;

create function public.assess_fill_state(p_cycle_id text) returns jsonb
language sql stable
set search_path = ''
as $$
  select public.check_fill_target(p_cycle_id) || jsonb_build_object(
    'vehicles', private.counted('from public.vehicles', 'vehicles') -> 'count',
    'queue', private.queue_metrics(private.queue('import_queue')) - 'function',
    'feeds', private.feed_metrics(),
    'hosts_not_asked', (select count(*) from public.source_hosts where breaker <> 'closed' or retry_after > now()),
    'sources', (
      select coalesce(jsonb_object_agg(lifecycle, n), '{}')
      from (select lifecycle, count(*) as n from public.scrape_sources where is_active group by lifecycle) s))
$$;
comment on function public.assess_fill_state(text) is
  'What a cycle begins with: vehicles held, the queue, feeds, hosts, sources by lifecycle, and how it stands. Changes nothing.';
revoke execute on function public.assess_fill_state(text) from public, anon, authenticated;
grant execute on function public.assess_fill_state(text) to service_role;
