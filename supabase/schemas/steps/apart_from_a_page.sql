-- Steps that no reading is written with: images, and what is tried again.

create function public.image_steps(p_vehicle_ids uuid[], p_tried_anew uuid[] default '{}')
returns table (vehicle_id uuid, status text, outcome_code text, error_message text, retry_at timestamptz)
language sql stable
set search_path = ''
as $$
  select
    b.vehicle_id,
    s.status,
    case s.status when 'success' then 'ok' when 'failed' then coalesce(worst.outcome, 'server_error') end,
    case s.status
      when 'skipped' then 'no image URL is known: the step extract_images finds them'
      when 'pending'
        then format('%s of %s images wait for their turn', b.open, b.urls) || coalesce(' (' || b.last_error || ')', '')
      when 'failed'
        then format('%s of %s images could not be downloaded: ', b.failed + b.open, b.urls)
          || coalesce(worst.last_error, b.last_error, 'no reason is on record')
    end,
    case s.status when 'pending' then coalesce(b.next_attempt_at, now() + interval '30 seconds') end
  from (
    select *, due + waiting + leased as open from public.image_backlog(p_vehicle_ids)
  ) b
  cross join lateral (
    select case
      when b.urls = 0 and b.images = 0 then 'skipped'
      when b.failed + b.open = 0 then 'success'
      -- What only waits for its own time has not failed; what was given new attempts and waits again has.
      when b.due > 0 or b.leased > 0 or (b.waiting > 0 and not b.vehicle_id = any (p_tried_anew)) then 'pending'
      else 'failed'
    end as status
  ) s
  left join lateral (
    select d.outcome, d.last_error
    from public.image_downloads d
    where d.vehicle_id = b.vehicle_id
      and d.status in ('failed', 'pending')
      and d.outcome is not null
    order by private.can_heal(d.outcome) desc, d.position
    limit 1
  ) worst on s.status = 'failed'
$$;
comment on function public.image_steps(uuid[], uuid[]) is
  'How the step backfill_images of these vehicles stands: skipped, success, pending (until retry_at) or failed, and why. Of those in p_tried_anew all images were given new attempts by this run.';

create function public.note_image_steps(p_items jsonb, p_duration_ms integer) returns jsonb
language sql
set search_path = ''
as $$
  with made as materialized (
    select s.*, i.url
    from jsonb_to_recordset(p_items) as i(vehicle_id uuid, url text)
    join public.image_steps(array(select (e ->> 'vehicle_id')::uuid from jsonb_array_elements(p_items) e)) s
      on s.vehicle_id = i.vehicle_id
  ),
  noted as (
    insert into public.scrape_steps
      (vehicle_id, step_name, status, error_message, metadata, completed_at, source, url, outcome_code, duration_ms)
    select
      m.vehicle_id, 'backfill_images', m.status, m.error_message,
      -- What the image queue has still to try is not queued as a failed step.
      case when m.status = 'pending' then '{"retried_by": "image_downloads"}'::jsonb else '{}' end,
      case when m.status <> 'pending' then now() end,
      private.url_host(m.url), m.url, m.outcome_code, p_duration_ms
    from made m
  )
  select coalesce(
    jsonb_agg(jsonb_build_object(
      'vehicle_id', m.vehicle_id, 'step_name', 'backfill_images', 'status', m.status,
      'outcome_code', m.outcome_code, 'error_message', m.error_message, 'duration_ms', p_duration_ms)),
    '[]')
  from made m
$$;
comment on function public.note_image_steps(jsonb, integer) is
  'Writes down how the images of vehicles stand after a download, as [{vehicle_id, url}], and gives their steps.';

create function public.settle_retries(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_settled jsonb := public.settle_queue('scrape_retry_queue', p_items);
begin
  -- After the rows: a step that is noted as done would settle its row, and the lease would seem lost.
  insert into public.scrape_steps
    (vehicle_id, step_name, status, error_message, metadata, completed_at, source, url, outcome_code)
  select
    r.vehicle_id, r.step_name, case i.outcome when 'ok' then 'success' else 'failed' end, i.error,
    '{"retried_by": "scrape_retry_queue"}', now(), private.url_host(v.discovery_url), v.discovery_url, i.outcome
  from jsonb_to_recordset(p_items) as i(id uuid, outcome text, error text)
  join public.scrape_retry_queue r on r.id = i.id
  join public.vehicles v on v.id = r.vehicle_id
  where exists (
    select from jsonb_to_recordset(v_settled) as s(id uuid, status text)
    where s.id = i.id and s.status is not null);
  return v_settled;
end
$$;
comment on function public.settle_retries(jsonb) is
  'Ends attempts on steps that no reading was written with, as settle_queue(), and writes down how they ended.';

revoke execute on function
  public.image_steps(uuid[], uuid[]), public.note_image_steps(jsonb, integer), public.settle_retries(jsonb)
from public, anon, authenticated;
grant execute on function
  public.image_steps(uuid[], uuid[]), public.note_image_steps(jsonb, integer), public.settle_retries(jsonb)
to service_role;
