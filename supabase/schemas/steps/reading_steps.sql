create function private.reading_steps(p_item jsonb, p_outcome text, p_error text, p_unwritten jsonb)
returns table (
  place bigint, step_name text, status text, outcome_code text, error_message text, duration_ms integer, metadata jsonb
)
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with asked as (
      select
        a.step_name,
        a.place,
        coalesce(p_item ->> 'outcome' in ('ok', 'not_modified'), false) as page_was_read,
        jsonb_array_length(coalesce(p_item -> 'images', '[]')) as images,
        jsonb_array_length(coalesce(p_item -> 'bids', '[]')) as bids,
        jsonb_array_length(coalesce(p_item -> 'comments', '[]')) as comments,
        p_item -> 'image_results' -> -1 as last_image,
        coalesce(p_item -> 'cover', '{}') as cover
      from jsonb_array_elements_text(coalesce(p_item -> 'steps', '[]')) with ordinality a(step_name, place)
    ),
    made as (
      -- The picture has an end of its own. It was tried, whether the page could be read or not.
      select
        a.place,
        a.step_name,
        case a.last_image ->> 'kind' when 'stored' then 'success' when 'failed' then 'failed' else 'skipped' end as status,
        case a.last_image ->> 'kind' when 'stored' then 'ok' when 'failed' then a.last_image ->> 'code' end as outcome_code,
        case when a.last_image ->> 'kind' is distinct from 'stored' then a.cover ->> 'message' end as error_message,
        (a.cover ->> 'duration_ms')::integer as duration_ms,
        jsonb_build_object(
          'tried', jsonb_array_length(coalesce(p_item -> 'image_results', '[]')), 'known', a.cover -> 'known') as metadata
      from asked a
      where a.step_name = 'backfill_images'
      union all
      -- A page that could not be read fails the step that it was asked for; nothing else was begun.
      select a.place, a.step_name, 'failed', p_outcome, p_error, (p_item ->> 'duration_ms')::integer, '{}'
      from asked a
      where a.step_name <> 'backfill_images'
        and not a.page_was_read
        and a.place = 1
      union all
      -- Of a page that was read each step took what was there. They share one fetch, and its time.
      select
        a.place,
        a.step_name,
        case when found.something then 'success' else 'skipped' end,
        case when found.something then case a.step_name when 'extract_data' then p_item ->> 'outcome' else 'ok' end end,
        case when a.step_name = 'generate_description' and not found.something then 'too little is known' end,
        (p_item ->> 'duration_ms')::integer,
        case a.step_name
          when 'extract_images' then jsonb_build_object('count', a.images)
          when 'extract_comments' then jsonb_build_object('bids', a.bids, 'comments', a.comments)
          else '{}'
        end
      from asked a
      cross join lateral (
        select case a.step_name
          when 'extract_vin' then coalesce(p_item -> 'facts' ? 'vin', false)
          when 'extract_images' then a.images > 0
          when 'extract_comments' then a.bids + a.comments > 0
          when 'generate_description' then coalesce(p_item -> 'facts' ? 'description', false)
          else true
        end as something
      ) found
      where a.step_name <> 'backfill_images'
        and a.page_was_read
        and (a.step_name <> 'extract_comments' or jsonb_typeof(p_item -> 'auction') = 'object') -- no auction, no comments
    )
    select
      m.place,
      m.step_name,
      case when p_unwritten ? m.step_name then 'failed' else m.status end,
      case when p_unwritten ? m.step_name then 'server_error' else m.outcome_code end,
      coalesce(p_unwritten ->> m.step_name, m.error_message),
      m.duration_ms,
      m.metadata || case when m.place = 1 then coalesce(p_item -> 'step_metadata', '{}') else '{}' end
    from made m
    union all
    -- Nobody asked for it, and it could not be written.
    select null, f.key, 'failed', 'server_error', f.value, null, '{}'
    from jsonb_each_text(p_unwritten) f
    where not exists (select from made m where m.step_name = f.key);
end
$$;
comment on function private.reading_steps(jsonb, text, text, jsonb) is
  'The steps of a reading as it ended: p_item -> steps are the names of those that were asked for, p_unwritten says of which the database did not take what was read. The first one stands for the whole.';
grant execute on function private.reading_steps(jsonb, text, text, jsonb) to service_role;
