-- Pictures downloaded beside the queue, while the listing was read: recorded with the reading.

create function private.store_image_results(p_vehicle_id uuid, p_urls text[], p_results jsonb)
returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- see the file before
as $$
declare
  v_results private.image_result[];
  v_new_urls boolean;
  v_images_before integer;
  v_recorded integer := 0;
begin
  v_new_urls := private.remember_image_urls(p_vehicle_id, p_urls || array(
    select r ->> 'url' from jsonb_array_elements(p_results) r
    where not coalesce(r ->> 'url' = any (p_urls), false)
  ));
  select count(*) into v_images_before from public.vehicle_images i where i.vehicle_id = p_vehicle_id;

  -- A download made beside the queue is a lease and its settlement in one transaction. A URL that
  -- another worker holds, or that is stored already, is left as it is.
  v_results := array(
    select r
    from jsonb_populate_recordset(
      null::private.image_result,
      (
        select jsonb_agg(e || jsonb_build_object('vehicle_id', p_vehicle_id, 'lease_token', gen_random_uuid()))
        from jsonb_array_elements(p_results) e
      )
    ) r
    where private.why_image_result_is_refused(r) is null
  );
  if cardinality(v_results) > 0 then
    update public.image_downloads d
    set status = 'leased',
        attempts = d.attempts + 1,
        next_attempt_at = null,
        lease_token = r.lease_token,
        lease_expires_at = now()
    from unnest(v_results) r
    where d.vehicle_id = p_vehicle_id
      and d.url = r.url
      and d.status in ('pending', 'failed', 'gone');
    get diagnostics v_recorded = row_count;
    perform private.settle_images(v_results);
  end if;

  return (
    select jsonb_build_object(
      'new_urls', v_new_urls,
      'recorded', v_recorded,
      'stored', i.count - v_images_before,
      'images', i.count
    )
    from (select count(*) from public.vehicle_images i where i.vehicle_id = p_vehicle_id) i
  );
end
$$;
comment on function private.store_image_results(uuid, text[], jsonb) is
  'For apply_extractions, which holds the vehicle''s lock: remembers the URLs of a listing and records downloads made beside the queue, as items of settle_image_downloads without vehicle_id and token. Running it twice changes nothing.';

grant execute on function private.store_image_results(uuid, text[], jsonb) to service_role;
