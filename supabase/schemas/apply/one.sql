-- One reading of one page, applied to its vehicle: its facts, its image URLs, its auction, each on its own.

create function private.note_steps(
  v public.vehicles, p_item jsonb, p_outcome text, p_failed jsonb, p_retried_by text
) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.scrape_steps
    (vehicle_id, step_name, status, error_message, metadata, completed_at, source, url, outcome_code, duration_ms)
  select
    v.id,
    s.step_name,
    case when p_failed ? s.step_name then 'failed' else s.status end,
    coalesce(p_failed ->> s.step_name, s.error_message),
    coalesce(s.metadata, '{}') || case
      when p_retried_by is not null and (p_failed ? s.step_name or s.status = 'failed')
        then jsonb_build_object('retried_by', p_retried_by)
      else '{}'
    end,
    now(),
    private.url_host(p_item ->> 'source_url'),
    nullif(p_item ->> 'source_url', ''),
    case
      when p_failed ? s.step_name then 'server_error'
      else coalesce(s.outcome_code, case s.status
        when 'success' then 'ok'
        when 'failed' then nullif(nullif(p_outcome, 'ok'), 'not_modified')
      end)
    end,
    s.duration_ms
  from (
    select step_name, status, error_message, metadata, outcome_code, duration_ms
    from jsonb_to_recordset(coalesce(p_item -> 'steps', '[]')) as s(
      step_name text, status text, error_message text, metadata jsonb, outcome_code text, duration_ms integer)
    union all
    -- A step that nobody announced and that broke here.
    select f, 'failed', null, null, null, null
    from jsonb_object_keys(p_failed) f
    where not exists (
      select from jsonb_array_elements(coalesce(p_item -> 'steps', '[]')) a where a ->> 'step_name' = f)
  ) s;
end
$$;
comment on function private.note_steps(public.vehicles, jsonb, text, jsonb, text) is
  'Writes the steps of a reading down; those that could not be written to the database count as failed.';
grant execute on function private.note_steps(public.vehicles, jsonb, text, jsonb, text) to service_role;

create function private.settle_request(p_item jsonb, p_outcome text, p_error text, p_changes jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_request jsonb := p_item -> 'request';
  v_state text := private.settle_queue_row(
    v_request ->> 'queue', (v_request ->> 'id')::uuid, (v_request ->> 'lease_token')::uuid,
    p_outcome, p_error, (p_item ->> 'retry_at')::timestamptz);
begin
  if v_request ->> 'queue' = 'backfill_queue' then
    update public.backfill_queue
    set changes_detected = p_changes,
        fields_updated = array(select k from jsonb_object_keys(p_changes) k order by k)
    where id = (v_request ->> 'id')::uuid;
  end if;
  return v_state;
end
$$;
comment on function private.settle_request(jsonb, text, text, jsonb) is
  'Settles the queue row that asked for a reading. Gives its new status.';
grant execute on function private.settle_request(jsonb, text, text, jsonb) to service_role;
