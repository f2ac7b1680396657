-- Work that is to be done again: vehicles, rows of queues, hosts, feeds, maps.

create function private.do_reopen(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := (p_args ->> 'p_vehicle_id')::uuid;
  v_before jsonb := (select jsonb_build_object('state', state, 'due_at', due_at) from public.micro_scrape_state where vehicle_id = v_id);
  v_count integer := public.reopen_micro_scrape(array[v_id]);
begin
  return private.did(
    case when v_count > 0 then 'done' else 'nothing_to_do' end,
    case when v_count > 0 then 'it is looked at again, within a minute'
      when v_before is null then 'it has no listing to look at'
      else 'a worker is looking at it now' end,
    'vehicle ' || v_id, v_before, case when v_count > 0 then '{"state": "due"}'::jsonb end);
end
$$;
comment on function private.do_reopen(jsonb) is 'Looks at a vehicle again, whatever became of it.';

create function private.measure_again(p_parts text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_part text;
begin
  perform set_config('lock_timeout', '1s', true);
  -- The sampler's own lock, so that neither waits for rows that the other holds.
  perform pg_advisory_xact_lock(hashtextextended('sample_dashboard', 16));
  foreach v_part in array p_parts loop
    perform private.sample_part(v_part);
  end loop;
exception when others then
  null; -- what was done stands; the sampler measures it in its turn
end
$$;
comment on function private.measure_again(text[]) is
  'Measures parts now, after what was just done, so that the dashboard shows it at once; never fails what was done.';
grant execute on function private.measure_again(text[]) to service_role;

create function private.do_redrive(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := p_args ->> 'p_queue';
  v_id uuid := (p_args ->> 'p_id')::uuid;
  v_count integer;
  v jsonb;
begin
  if v_id is not null then
    if v_queue is null then
      raise exception 'of which queue is the row %', v_id using errcode = '22023';
    end if;
    v_count := public.redrive_queue((private.queue(v_queue)).table_name, array[v_id], 1);
    v := jsonb_build_object(v_queue, v_count);
  else
    v := public.redrive_dead_letters(v_queue, p_args ->> 'p_outcome', 1000);
    select sum(value::integer) into v_count from jsonb_each_text(v);
  end if;
  perform private.measure_again('{queues,dead_letters}');
  return private.did(
    case when v_count > 0 then 'done' else 'nothing_to_do' end,
    case when v_count > 0 then format('%s put back, with fresh attempts', private.counted_words(v_count, 'row was', 'rows were'))
      when v_id is not null then 'it is not given up any more: somebody or something was first'
      else 'nothing of that stands among the dead letters' end,
    case when v_id is not null then format('%s %s', v_queue, v_id) else coalesce(v_queue, 'all queues') end, null, v);
end
$$;
comment on function private.do_redrive(jsonb) is
  'Puts dead letters back: one row, or those of a queue (or all) and an outcome (or any), a thousand of each queue at most.';

create function private.do_resume_host(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_before jsonb := (
    select jsonb_build_object('breaker', breaker, 'opened_because', opened_because, 'retry_at', retry_at, 'retry_after', retry_after)
    from public.source_hosts where host = coalesce(private.url_host(p_args ->> 'p_host'), p_args ->> 'p_host'));
  v jsonb := public.resume_host(p_args ->> 'p_host');
begin
  perform private.measure_again('{hosts_in_the_way}');
  return private.did('done', format('%s is asked again', p_args ->> 'p_host'), 'host ' || (p_args ->> 'p_host'), v_before, v);
end
$$;
comment on function private.do_resume_host(jsonb) is 'Says that a host serves again: it is asked, and what waited for it goes on.';

create function private.do_switch_feed(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_on boolean := (p_args ->> 'p_on')::boolean;
  f public.listing_feeds;
begin
  select * into f from public.listing_feeds where id = (p_args ->> 'p_feed_id')::uuid for update;
  if not found or v_on is null then
    raise exception 'no feed has the id %, or nothing is said to be on or off', p_args ->> 'p_feed_id' using errcode = '22023';
  end if;
  if f.enabled = v_on then
    return private.did('nothing_to_do', format('%s is %s already', f.url, case when v_on then 'on' else 'off' end), 'feed ' || f.id);
  end if;
  update public.listing_feeds set enabled = v_on where id = f.id;
  return private.did('done', format('%s is %s now', f.url, case when v_on then 'on' else 'off' end), 'feed ' || f.id,
    jsonb_build_object('enabled', f.enabled), jsonb_build_object('enabled', v_on));
end
$$;
comment on function private.do_switch_feed(jsonb) is 'Switches a feed on or off.';

create function private.do_check_feed(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  f public.listing_feeds;
begin
  update public.listing_feeds set next_check_at = now() where id = (p_args ->> 'p_feed_id')::uuid and enabled returning * into f;
  if f.id is null then
    raise exception 'no feed that is on has the id %', p_args ->> 'p_feed_id' using errcode = '22023';
  end if;
  perform private.invoke_worker('discover-listings');
  return private.did('done', format('%s is checked in the next minutes', f.url), 'feed ' || f.id);
end
$$;
comment on function private.do_check_feed(jsonb) is 'Has a feed checked now.';

create function private.do_learn_map(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(private.web_address(p_args ->> 'p_host')), p_args ->> 'p_host');
  v_job uuid;
begin
  if v_host is null or private.source_of_host(v_host) is null then
    raise exception 'no source has the host "%"', left(coalesce(v_host, ''), 200) using errcode = '22023';
  end if;
  v_job := public.learn_extraction_map(v_host);
  return private.did('done', format('the pages of %s are being learned', v_host), 'host ' || v_host, null, jsonb_build_object('job_id', v_job));
end
$$;
comment on function private.do_learn_map(jsonb) is 'Has the pages of a source learned.';

create function private.do_retire_map(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := (p_args ->> 'p_map_id')::uuid;
  v_reason text := nullif(btrim(p_args ->> 'p_reason'), '');
  v_status text := (select status from public.extraction_maps where id = v_id);
begin
  if v_status is null then
    raise exception 'no map has the id %', v_id using errcode = '22023';
  end if;
  if not public.retire_extraction_map(v_id, coalesce(v_reason, 'retired by an operator')) then
    return private.did('nothing_to_do', 'it is retired already', 'map ' || v_id);
  end if;
  return private.did('done', 'it reads no page any more', 'map ' || v_id, jsonb_build_object('status', v_status), '{"status": "retired"}');
end
$$;
comment on function private.do_retire_map(jsonb) is 'Takes an extraction map out of service.';

grant execute on function
  private.do_reopen(jsonb),
  private.do_redrive(jsonb),
  private.do_resume_host(jsonb),
  private.do_switch_feed(jsonb),
  private.do_check_feed(jsonb),
  private.do_learn_map(jsonb),
  private.do_retire_map(jsonb)
to service_role;
