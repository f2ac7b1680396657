-- Which steps a reading made and how each ended: decided here, written down, and told to who asked.

create function private.unwritten_part(p_item jsonb, p_part text, p_message text, p_detail text) returns jsonb
language sql immutable parallel safe
set search_path = ''
as $$
  with asked as (
    select s
    from jsonb_array_elements_text(coalesce(p_item -> 'steps', '[]')) s
    where case p_part
      when 'facts' then s in ('extract_data', 'read_again')
        or (s = 'extract_vin' and p_item -> 'facts' ? 'vin')
        or (s = 'generate_description' and p_item -> 'facts' ? 'description')
      when 'images' then s in ('extract_images', 'backfill_images')
      when 'auction' then s = 'extract_comments'
    end
  ),
  failed as (
    select s from asked
    union
    -- Also what nobody asked for by its name.
    select case p_part when 'facts' then 'extract_data' when 'images' then 'extract_images' else 'extract_comments' end
    where not exists (select from asked)
  )
  select jsonb_object_agg(s, concat_ws(': ', p_message, nullif(p_detail, ''))) from failed
$$;
comment on function private.unwritten_part(jsonb, text, text, text) is
  'The steps that failed because a part of a reading (facts, images, auction) could not be written, and why.';
grant execute on function private.unwritten_part(jsonb, text, text, text) to service_role;

create function private.note_steps(
  p_vehicle_ids uuid[], p_items jsonb[], p_outcomes text[], p_errors text[], p_unwritten jsonb[], p_retried_by text[]
) returns jsonb[]
language plpgsql
set search_path = ''
as $$
declare
  v_steps jsonb[];
begin
  with made as materialized (
    select * from private.reading_steps(p_items, p_outcomes, p_errors, p_unwritten)
  ),
  noted as (
    insert into public.scrape_steps
      (vehicle_id, step_name, status, error_message, metadata, completed_at, source, url, outcome_code, duration_ms)
    select
      r.vehicle_id,
      m.step_name,
      m.status,
      m.error_message,
      m.metadata || case
        -- A step that is tried again alone is not queued a second time, also when it has failed for good.
        when m.place = 1 and r.queue = 'scrape_retry_queue' then '{"retried_by": "scrape_retry_queue"}'
        when m.status = 'failed' and r.retried_by is not null then jsonb_build_object('retried_by', r.retried_by)
        else '{}'
      end,
      now(),
      r.source,
      nullif(r.url, ''),
      m.outcome_code,
      m.duration_ms
    from (
      select
        u.vehicle_id, u.retried_by, u.reading,
        u.item -> 'request' ->> 'queue' as queue, u.item ->> 'source_url' as url,
        private.url_host(u.item ->> 'source_url') as source
      from unnest(p_vehicle_ids, p_items, p_retried_by) with ordinality u(vehicle_id, item, retried_by, reading)
      offset 0 -- once a reading, not once a step
    ) r
    join made m on m.reading = r.reading
    order by r.reading, m.place
  ),
  told as (
    select m.reading, jsonb_agg(
      jsonb_build_object(
        'step_name', m.step_name, 'status', m.status, 'outcome_code', m.outcome_code,
        'error_message', m.error_message, 'duration_ms', m.duration_ms)
      order by m.place) as steps
    from made m
    group by m.reading
  )
  select array_agg(coalesce(t.steps, '[]') order by r.reading)
  into v_steps
  from generate_subscripts(p_items, 1) r(reading)
  left join told t on t.reading = r.reading;
  return v_steps;
end
$$;
comment on function private.note_steps(uuid[], jsonb[], text[], text[], jsonb[], text[]) is
  'Writes the steps of readings down, each of a vehicle, an item, its outcome and error, what could not be written, and the queue that tries again by itself what failed. Gives for each [{step_name, status, outcome_code, error_message, duration_ms}].';
grant execute on function private.note_steps(uuid[], jsonb[], text[], text[], jsonb[], text[]) to service_role;
