-- What the page calls: everything at once, or a panel alone.

create function public.dashboard(p_panels text[] default null, p_range text default '2d') returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_panel text;
  v_panels jsonb := '{}';
  v_sampled timestamptz;
begin
  perform private.require_operator();
  if cardinality(p_panels) > 20 then
    raise exception 'that are % panels: at most 20', cardinality(p_panels) using errcode = '22023';
  end if;
  foreach v_panel in array coalesce(p_panels, private.dashboard_panels()) loop
    v_panels := v_panels || jsonb_build_object(v_panel, private.panel(v_panel, p_range));
  end loop;
  select made_at into v_sampled from public.dashboard_parts where part = 'sampler';
  return jsonb_build_object(
    'now', clock_timestamp(),
    'sampled_at', v_sampled,
    'sample_age_s', round(extract(epoch from clock_timestamp() - v_sampled)),
    'range', p_range,
    'operator', jsonb_build_object('id', auth.uid(), 'email', auth.jwt() ->> 'email'),
    'panels', v_panels);
end
$$;
comment on function public.dashboard(text[], text) is
  'The panels of the dashboard in one answer: all, or those that are named; over 3h, 2d, 7d, 60d or all. A panel that cannot be made has an error in its place. For operators.';

create function public.dashboard_running(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('running', p_range);
create function public.dashboard_cycle(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('cycle', p_range);
create function public.dashboard_supply(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('supply', p_range);
create function public.dashboard_queues(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('queues', p_range);
create function public.dashboard_hosts(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('hosts', p_range);
create function public.dashboard_sources(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('sources', p_range);
create function public.dashboard_coverage(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('coverage', p_range);
create function public.dashboard_truth(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('truth', p_range);
create function public.dashboard_maps(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('maps', p_range);
create function public.dashboard_money(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('money', p_range);
create function public.dashboard_activity(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('activity', p_range);

comment on function public.dashboard_running(text) is 'The panel of what is wrong first: is it running, why not, what to type.';
comment on function public.dashboard_cycle(text) is 'The panel of this cycle of filling.';
comment on function public.dashboard_supply(text) is 'The panel of new listings and vehicles by site.';
comment on function public.dashboard_queues(text) is 'The panel of the queues and dead letters.';
comment on function public.dashboard_hosts(text) is 'The panel of hosts: pace, breaker, until when.';
comment on function public.dashboard_sources(text) is 'The panel of sources: lifecycle, yield, drift, what waits for approval.';
comment on function public.dashboard_coverage(text) is 'The panel of coverage by field, against its baseline.';
comment on function public.dashboard_truth(text) is 'The panel of audited accuracy, reliability and conflicts.';
comment on function public.dashboard_maps(text) is 'The panel of extraction maps.';
comment on function public.dashboard_money(text) is 'The panel of what it costs.';
comment on function public.dashboard_activity(text) is 'The panel of what operators did last.';

grant execute on function
  public.dashboard(text[], text),
  public.dashboard_running(text),
  public.dashboard_cycle(text),
  public.dashboard_supply(text),
  public.dashboard_queues(text),
  public.dashboard_hosts(text),
  public.dashboard_sources(text),
  public.dashboard_coverage(text),
  public.dashboard_truth(text),
  public.dashboard_maps(text),
  public.dashboard_money(text),
  public.dashboard_activity(text)
to authenticated, service_role;
