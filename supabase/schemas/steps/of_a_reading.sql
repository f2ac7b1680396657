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
  p_vehicle_id uuid, p_item jsonb, p_outcome text, p_error text, p_unwritten jsonb, p_retried_by text
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_steps jsonb;
begin
  with made as materialized (
    select * from private.reading_steps(p_item, p_outcome, p_error, p_unwritten)
  ),
  noted as (
    insert into public.scrape_steps
      (vehicle_id, step_name, status, error_message, metadata, completed_at, source, url, outcome_code, duration_ms)
    select
      p_vehicle_id,
      m.step_name,
      m.status,
      m.error_message,
      m.metadata || case
        -- A step that is tried again alone is not queued a second time, also when it has failed for good.
        when m.place = 1 and p_item -> 'request' ->> 'queue' = 'scrape_retry_queue'
          then '{"retried_by": "scrape_retry_queue"}'
        when m.status = 'failed' and p_retried_by is not null then jsonb_build_object('retried_by', p_retried_by)
        else '{}'
      end,
      now(),
      private.url_host(p_item ->> 'source_url'),
      nullif(p_item ->> 'source_url', ''),
      m.outcome_code,
      m.duration_ms
    from made m
    order by m.place
  )
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'step_name', m.step_name, 'status', m.status, 'outcome_code', m.outcome_code,
        'error_message', m.error_message, 'duration_ms', m.duration_ms)
      order by m.place),
    '[]')
  into v_steps
  from made m;
  return v_steps;
end
$$;
comment on function private.note_steps(uuid, jsonb, text, text, jsonb, text) is
  'Writes the steps of a reading down; p_retried_by names the queue that tries again by itself what failed. Gives them as [{step_name, status, outcome_code, error_message, duration_ms}].';
grant execute on function private.note_steps(uuid, jsonb, text, text, jsonb, text) to service_role;
