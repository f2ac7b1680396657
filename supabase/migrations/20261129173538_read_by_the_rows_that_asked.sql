-- Read by the rows that asked.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.image_urls_added(p_held jsonb, p_urls text[]) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
declare
  v_urls jsonb;
begin
  -- As nearly always when a page is read again.
  if jsonb_typeof(p_held) = 'array' and p_held ?& p_urls and position(' ' in array_to_string(p_urls, '')) = 0 then
    return '{}';
  end if;
  v_urls := private.union_image_urls(p_held, p_urls);
  if v_urls = '[]' or v_urls = p_held then
    return '{}';
  end if;
  return jsonb_build_object('image_urls', v_urls, 'image_count', jsonb_array_length(v_urls));
end
$$;

create or replace function private.read_by_older(p_items jsonb[], p_outcomes text[]) returns text[]
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  return array(
    with asked as materialized (
      select b.id, v.scraper_name, v.version
      from (
        -- On its own, by its ids: by its version, a row is one of all that this version has queued.
        select q.id, q.scraper_version_id
        from public.backfill_queue q
        where q.id = any (array(
          select private.as_uuid(i -> 'request' ->> 'id')
          from unnest(p_items) i
          where i -> 'request' ->> 'queue' = 'backfill_queue'))
        offset 0
      ) b
      join public.scraper_versions v on v.id = b.scraper_version_id
    )
    select case
      when private.was_read(r.outcome)
        and private.version_number(r.item ->> 'scraper_version') < private.version_number(a.version)
        then private.waits_for_deployment(a.scraper_name, a.version, r.item ->> 'scraper_version')
    end
    from unnest(p_items, p_outcomes) with ordinality r(item, outcome, place)
    left join asked a
      on r.item -> 'request' ->> 'queue' = 'backfill_queue'
      and a.id = private.as_uuid(r.item -> 'request' ->> 'id')
      and a.scraper_name = r.item ->> 'method'
    order by r.place
  );
end
$$;
