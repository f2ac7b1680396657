-- One reading of one page, applied to its vehicle: its facts, its image URLs, its auction, each on its own.

create function private.settle_request(p_item jsonb, p_outcome text, p_error text, p_changes jsonb)
returns text
language plpgsql
set search_path = ''
as $$
declare
  v_request jsonb := p_item -> 'request';
  v_waits text := case
    when private.was_read(p_outcome) and v_request ->> 'queue' = 'backfill_queue' then private.read_by_older(p_item) end;
  v_state text;
begin
  if v_waits is not null then
    update public.backfill_queue
    set status = 'pending',
        lease_token = null,
        lease_expires_at = null,
        attempts = greatest(attempts - 1, 0),
        next_attempt_at = 'infinity',
        error_message = v_waits
    where id = (v_request ->> 'id')::uuid
      and lease_token = (v_request ->> 'lease_token')::uuid
    returning status into v_state;
  else
    v_state := private.settle_queue_row(
      v_request ->> 'queue', (v_request ->> 'id')::uuid, (v_request ->> 'lease_token')::uuid,
      p_outcome, p_error, (p_item ->> 'retry_at')::timestamptz);
  end if;
  if v_request ->> 'queue' = 'backfill_queue' then
    update public.backfill_queue
    set changes_detected = p_changes,
        fields_updated = array(select k from jsonb_object_keys(p_changes) k order by k),
        read_by_version = case
          when p_item ->> 'method' = (
            select v.scraper_name from public.scraper_versions v where v.id = scraper_version_id)
          then p_item ->> 'scraper_version' end
    where id = (v_request ->> 'id')::uuid;
  end if;
  return v_state;
end
$$;
comment on function private.settle_request(jsonb, text, text, jsonb) is
  'Settles the queue row that asked for a reading; what a reader older than the version that asked read goes on waiting. Gives its new status.';
grant execute on function private.settle_request(jsonb, text, text, jsonb) to service_role;
