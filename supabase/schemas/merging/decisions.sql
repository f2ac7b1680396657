-- The merge table (docs/architecture.md): what becomes of a fact that meets the value held.

create function private.normal_value(p_field text, p_value text) returns text
language sql immutable parallel safe
return case
  when p_value is null then null
  when p_field in ('year', 'mileage', 'sale_price', 'high_bid', 'asking_price')
    then trim_scale(p_value::numeric)::text
  when p_field = 'vin' then upper(regexp_replace(p_value, '[^A-Za-z0-9]', '', 'g'))
  else lower(btrim(regexp_replace(p_value, '\s+', ' ', 'g')))
end;
comment on function private.normal_value(text, text) is
  'A value without what does not matter when two readings are compared: case, spacing, trailing zeros.';
grant execute on function private.normal_value(text, text) to service_role;

create function private.is_rejected(p_field text, p_state jsonb, p_new text) returns boolean
language sql immutable parallel safe
return p_state ? 'rejected' and exists (
  select from jsonb_array_elements_text(p_state -> 'rejected') r
  where private.normal_value(p_field, r) = private.normal_value(p_field, p_new)
);
comment on function private.is_rejected(text, jsonb, text) is
  'Whether a person took this value away, in whatever spelling it comes back.';
grant execute on function private.is_rejected(text, jsonb, text) to service_role;

create function private.merge_decision(
  p_field text,
  p_held text,
  p_state jsonb,
  p_new text,
  p_new_confidence numeric,
  p_new_method text,
  p_new_version text,
  p_source text,
  p_page_at timestamptz
) returns text
language plpgsql immutable parallel safe -- cheaper than a query, and called for every fact of a page
set search_path = ''
as $$
begin
  return case
    -- A person's word stands; a difference is shown.
    when coalesce(p_state ->> 'method', '') like 'manual%' and p_held is not null then
      case
        when p_new is not null
          and (p_held = p_new or private.normal_value(p_field, p_held) = private.normal_value(p_field, p_new))
          then 'confirmed'
        else 'conflict'
      end
    -- What a person took away does not come back by itself.
    when p_new is not null and p_state -> 'rejected' is not null and private.is_rejected(p_field, p_state, p_new) then 'conflict'
    -- Taken back by the page itself.
    when p_new is null then case when p_held is null then 'nothing' else 'cleared' end
    when p_held is null then 'filled'
    when p_held = p_new then 'confirmed' -- as nearly all of what is read again
    when private.normal_value(p_field, p_held) = private.normal_value(p_field, p_new) then 'confirmed'
    -- Words of our own never stand against the source's, in either direction.
    when p_new_method like 'generated%' and coalesce(p_state ->> 'method', '') not like 'generated%' then 'nothing'
    when coalesce(p_state ->> 'method', '') like 'generated%' then 'replaced'
    when p_new_confidence >= coalesce((p_state ->> 'confidence')::numeric, 0.5) + 0.15 then 'replaced'
    when p_state ->> 'source' = p_source
      and p_new_confidence >= coalesce((p_state ->> 'confidence')::numeric, 0.5)
      and (
        p_page_at > (p_state ->> 'page_at')::timestamptz
        or coalesce(private.version_number(p_new_version) > private.version_number(p_state ->> 'version'), false)
      )
      then 'replaced'
    else 'conflict'
  end;
end
$$;
comment on function private.merge_decision(text, text, jsonb, text, numeric, text, text, text, timestamptz) is
  'The merge table of docs/architecture.md, one row a branch: cleared, filled, confirmed, replaced, conflict, or nothing. A null p_new is a retraction with evidence.';
grant execute on function private.merge_decision(text, text, jsonb, text, numeric, text, text, text, timestamptz) to service_role;
