create function private.reading_steps(
  p_items jsonb[], p_outcomes text[], p_errors text[], p_unwritten jsonb[]
)
returns table (
  reading bigint, place bigint, step_name text, status text, outcome_code text, error_message text,
  duration_ms integer, metadata jsonb
)
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with readings as materialized (
      select
        r.reading,
        r.item -> 'steps' as steps,
        r.outcome,
        r.error,
        r.unwritten,
        r.item ->> 'outcome' as page_outcome,
        coalesce(r.item ->> 'outcome' in ('ok', 'not_modified'), false) as page_was_read,
        coalesce(r.item -> 'facts' ? 'vin', false) as has_vin,
        coalesce(r.item -> 'facts' ? 'description', false) as has_description,
        jsonb_typeof(r.item -> 'auction') = 'object' as has_auction,
        jsonb_array_length(coalesce(r.item -> 'images', '[]')) as images,
        jsonb_array_length(coalesce(r.item -> 'bids', '[]')) as bids,
        jsonb_array_length(coalesce(r.item -> 'comments', '[]')) as comments,
        jsonb_array_length(coalesce(r.item -> 'image_results', '[]')) as images_tried,
        r.item -> 'image_results' -> -1 as last_image,
        coalesce(r.item -> 'cover', '{}') as cover,
        (r.item ->> 'duration_ms')::integer as duration_ms,
        coalesce(r.item -> 'step_metadata', '{}') as step_metadata
      from unnest(p_items, p_outcomes, p_errors, p_unwritten) with ordinality
        r(item, outcome, error, unwritten, reading)
    ),
    asked as (
      select r.*, a.step_name, a.place
      from readings r
      cross join lateral jsonb_array_elements_text(coalesce(r.steps, '[]')) with ordinality a(step_name, place)
    ),
    made as materialized (
      -- The picture has an end of its own. It was tried, whether the page could be read or not.
      select
        a.reading,
        a.place,
        a.step_name,
        case a.last_image ->> 'kind' when 'stored' then 'success' when 'failed' then 'failed' else 'skipped' end as status,
        case a.last_image ->> 'kind' when 'stored' then 'ok' when 'failed' then a.last_image ->> 'code' end as outcome_code,
        case when a.last_image ->> 'kind' is distinct from 'stored' then a.cover ->> 'message' end as error_message,
        (a.cover ->> 'duration_ms')::integer as duration_ms,
        jsonb_build_object('tried', a.images_tried, 'known', a.cover -> 'known') as metadata,
        a.unwritten,
        a.step_metadata
      from asked a
      where a.step_name = 'backfill_images'
      union all
      -- A page that could not be read fails the step that it was asked for; nothing else was begun.
      select a.reading, a.place, a.step_name, 'failed', a.outcome, a.error, a.duration_ms, '{}', a.unwritten, a.step_metadata
      from asked a
      where a.step_name <> 'backfill_images'
        and not a.page_was_read
        and a.place = 1
      union all
      -- Of a page that was read each step took what was there. They share one fetch, and its time.
      select
        a.reading,
        a.place,
        a.step_name,
        case when found.something then 'success' else 'skipped' end,
        case when found.something then case a.step_name when 'extract_data' then a.page_outcome else 'ok' end end,
        case when a.step_name = 'generate_description' and not found.something then 'too little is known' end,
        a.duration_ms,
        case a.step_name
          when 'extract_images' then jsonb_build_object('count', a.images)
          when 'extract_comments' then jsonb_build_object('bids', a.bids, 'comments', a.comments)
          else '{}'
        end,
        a.unwritten,
        a.step_metadata
      from asked a
      cross join lateral (
        select case a.step_name
          when 'extract_vin' then a.has_vin
          when 'extract_images' then a.images > 0
          when 'extract_comments' then a.bids + a.comments > 0
          when 'generate_description' then a.has_description
          else true
        end as something
      ) found
      where a.step_name <> 'backfill_images'
        and a.page_was_read
        and (a.step_name <> 'extract_comments' or a.has_auction) -- no auction, no comments
    )
    select
      m.reading,
      m.place,
      m.step_name,
      case when m.unwritten ? m.step_name then 'failed' else m.status end,
      case when m.unwritten ? m.step_name then 'server_error' else m.outcome_code end,
      coalesce(m.unwritten ->> m.step_name, m.error_message),
      m.duration_ms,
      m.metadata || case when m.place = 1 then m.step_metadata else '{}' end
    from made m
    union all
    -- Nobody asked for it, and it could not be written.
    select r.reading, null, f.key, 'failed', 'server_error', f.value, null, '{}'
    from readings r
    cross join lateral jsonb_each_text(r.unwritten) f
    where not exists (select from made m where m.reading = r.reading and m.step_name = f.key);
end
$$;
comment on function private.reading_steps(jsonb[], text[], text[], jsonb[]) is
  'The steps of readings as they ended: item -> steps are the names of those that were asked for, p_unwritten says of which the database did not take what was read. The first one stands for the whole. reading: the place of the item, from 1.';
grant execute on function private.reading_steps(jsonb[], text[], text[], jsonb[]) to service_role;
