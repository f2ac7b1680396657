-- One reading of one page, applied to its vehicle: its facts, its image URLs, its auction, each on its own.

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
