create function public.resume_host(p_host text, p_limit integer default 10000) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(p_host), lower(regexp_replace(btrim(p_host), '^www\.', '')));
  v_vehicles integer;
  v_queued integer;
  v_images integer;
  v_feeds integer;
  v_more integer;
  v_most integer := 0;
  q private.queues;
begin
  update public.source_hosts
  set breaker = 'closed',
      opened_at = null,
      opened_because = null,
      retry_at = null,
      probe_holder = null,
      probe_until = null,
      times_opened = 0,
      consecutive_refusals = 0,
      consecutive_errors = 0,
      retry_after = null,
      robots_fresh_until = case when robots_error is not null then now() else robots_fresh_until end
  where host = v_host;
  if not found and not exists (select from public.vehicles where source_host = v_host) then
    raise exception 'no host "%" was ever asked, and no vehicle is listed there', v_host
      using errcode = '22023', hint = 'select host from source_host_status;';
  end if;

  -- As an array: joined, what is limited and locked could be run again for each row.
  update public.micro_scrape_state
  set due_at = now()
  where vehicle_id = any (array(
    select w.vehicle_id
    from public.vehicles v
    join public.micro_scrape_state w on w.vehicle_id = v.id
    where v.source_host = v_host
      and w.state = 'waiting'
      and w.due_at > now()
      -- What was read waits for another reason, unless a claim put it off for the host.
      and (w.last_outcome is null or w.last_outcome not in ('ok', 'not_modified') or w.due_at <= now() + interval '1 hour')
    limit p_limit
    for update of w skip locked
  ));
  get diagnostics v_vehicles = row_count;

  v_queued := 0;
  for q in select * from private.queues loop -- one statement a queue table
    execute format(
      $sql$
        update public.%1$I
        set %2$I = null
        where id = any (array(
          select id
          from public.%1$I
          where status = 'pending' and %2$I > now() and %2$I < 'infinity' and outcome_code is not null and %3$s
          limit $2
          for update skip locked
        ))
      $sql$, q.table_name, q.due_column,
      case q.table_name
        when 'import_queue' then 'private.url_host(listing_url) = $1'
        when 'listing_checks' then 'source_host = $1'
        else 'vehicle_id in (select v.id from public.vehicles v where v.source_host = $1)' end)
    using v_host, p_limit;
    get diagnostics v_more = row_count;
    v_queued := v_queued + v_more;
    v_most := greatest(v_most, v_more);
    if v_more > 0 then
      perform private.invoke_worker(q.function_name);
    end if;
  end loop;

  with late as materialized (
    select w.vehicle_id, w.url
    from public.image_downloads w
    where w.host = v_host and w.status = 'pending' and w.next_attempt_at > now()
    limit p_limit
    for update skip locked
  )
  update public.image_downloads d
  set next_attempt_at = now()
  from late
  where (d.vehicle_id, d.url) = (late.vehicle_id, late.url);
  get diagnostics v_images = row_count;

  update public.listing_feeds
  set next_check_at = now()
  where private.url_host(url) = v_host and enabled and failures > 0 and next_check_at > now();
  get diagnostics v_feeds = row_count;

  perform private.promote_due_micro_scrape_state(10000);
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "resume_host", "background": true}');
  perform private.invoke_worker('backfill-images');
  return jsonb_build_object(
    'host', v_host, 'vehicles', v_vehicles, 'queued', v_queued, 'images', v_images, 'feeds', v_feeds,
    'more', greatest(v_vehicles, v_images, v_most) >= p_limit);
end
$$;
comment on function public.resume_host(text, integer) is
  'For a host that serves again: closes its breaker, and makes due what waited because of it, up to p_limit of a kind. Gives {host, vehicles, queued, images, feeds, more}; call it again while more is true.';
revoke execute on function public.resume_host(text, integer) from public, anon, authenticated;
grant execute on function public.resume_host(text, integer) to service_role;
