-- Every image URL that was ever seen for a vehicle, and how its download stands.

create function private.image_url_list(p_image_urls jsonb) returns jsonb
language sql immutable parallel safe
return case
  when jsonb_typeof(p_image_urls) = 'array' then p_image_urls
  when p_image_urls is null or p_image_urls = 'null' then '[]'::jsonb
  else jsonb_build_array(p_image_urls) -- one URL, or something else that must not be lost
end;

create function private.union_image_urls(p_held jsonb, p_new text[]) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept, which matters at one call a vehicle
set search_path = ''
as $$
begin
  return (
    select private.image_url_list(p_held) || coalesce(jsonb_agg(n.url order by n.first_seen), '[]')
    from (
      select btrim(u.url) as url, min(u.place) as first_seen
      from unnest(p_new) with ordinality as u(url, place)
      where btrim(u.url) <> ''
      group by 1
    ) n
    where n.url not in (
      select h.value #>> '{}'
      from jsonb_array_elements(private.image_url_list(p_held)) as h(value)
      where jsonb_typeof(h.value) = 'string'
    )
  );
end
$$;
comment on function private.union_image_urls(jsonb, text[]) is
  'The held origin_metadata.image_urls with the new URLs behind them: order kept, nothing twice, nothing lost.';

create function private.try_next_cover(p_vehicle_ids uuid[]) returns void
language plpgsql -- its plan is kept, which matters at one call a vehicle
set search_path = ''
set enable_seqscan = off -- also for a plan made while the table was small
as $$
declare
  v_id uuid;
begin
  foreach v_id in array p_vehicle_ids loop
    continue when exists (
      select
      from (
        select wave, status, attempts from public.image_downloads where vehicle_id = v_id
        offset 0 -- by the vehicle, never through all the covers that wait
      ) d
      where d.wave = 0 and d.status = 'pending' and d.attempts = 0
    ) or exists (
      select from public.vehicle_images i where i.vehicle_id = v_id
    );
    update public.image_downloads d
    set wave = 0
    from (
      select c.url
      from (select url, position, status, attempts from public.image_downloads where vehicle_id = v_id offset 0) c
      where c.status = 'pending' and c.attempts = 0
      order by c.position, c.url
      limit 1
    ) next_url
    where d.vehicle_id = v_id and d.url = next_url.url;
  end loop;
end
$$;
comment on function private.try_next_cover(uuid[]) is
  'Moves the first untried URL of each vehicle that has no picture to the front of the work.';

create function private.register_images(p_vehicle_ids uuid[], p_image_urls jsonb[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
declare
  v_without_cover uuid[];
begin
  with seen as materialized (
    select t.vehicle_id, t.url, (min(t.place) - 1)::integer as position, t.url ~* '^https?://[^\s/]' as fetchable
    from (
      select v.id as vehicle_id, btrim(e.value #>> '{}') as url, e.place
      from unnest(p_vehicle_ids, p_image_urls) v(id, urls)
      cross join lateral jsonb_array_elements(private.image_url_list(v.urls)) with ordinality as e(value, place)
      where jsonb_typeof(e.value) = 'string'
      offset 0 -- trimmed once
    ) t
    where octet_length(t.url) between 1 and 2048
    group by t.vehicle_id, t.url
  ),
  added as (
    insert into public.image_downloads
      (vehicle_id, url, position, wave, status, next_attempt_at, outcome, last_error)
    select
      s.vehicle_id,
      s.url,
      s.position,
      private.image_wave(s.position),
      case when s.fetchable then 'pending' else 'failed' end,
      case when s.fetchable then now() end,
      case when not s.fetchable then 'invalid' end,
      case when not s.fetchable then 'not an http(s) URL' end
    from seen s
    order by s.vehicle_id, s.position
    on conflict (vehicle_id, url) do nothing
    returning vehicle_id, wave, status
  )
  select array_agg(v.id)
  into v_without_cover
  from unnest(p_vehicle_ids) v(id)
  where not exists (
    select from added a where a.vehicle_id = v.id and a.wave = 0 and a.status = 'pending'
  );

  if v_without_cover is not null then
    perform private.try_next_cover(v_without_cover);
  end if;
end
$$;
comment on function private.register_images(uuid[], jsonb[]) is
  'Gives every URL of the image_urls of these vehicles its row in image_downloads.';
grant execute on function private.register_images(uuid[], jsonb[]) to service_role;

create function private.register_image_urls_of_new() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_urls jsonb[];
begin
  select array_agg(v.id), array_agg(v.origin_metadata -> 'image_urls')
  into v_ids, v_urls
  from added v
  where v.origin_metadata ? 'image_urls';
  if v_ids is not null then
    perform private.register_images(v_ids, v_urls);
  end if;
  return null;
end
$$;
comment on function private.register_image_urls_of_new() is
  'Gives every URL in origin_metadata.image_urls of new vehicles its row, once a statement.';

create trigger register_image_urls_of_new
  after insert on public.vehicles
  referencing new table as added
  for each statement execute function private.register_image_urls_of_new();

create function private.register_image_urls() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.register_images(array[new.id], array[new.origin_metadata -> 'image_urls']);
  return null;
end
$$;
comment on function private.register_image_urls() is
  'Gives every URL in origin_metadata.image_urls its row, however it came there: a scrape or a hand in Studio.';

create trigger register_image_urls_of_changed
  after update of origin_metadata on public.vehicles
  for each row
  when (new.origin_metadata -> 'image_urls' is distinct from old.origin_metadata -> 'image_urls')
  execute function private.register_image_urls();

create function private.image_urls_added(p_held jsonb, p_urls text[]) returns jsonb
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
comment on function private.image_urls_added(jsonb, text[]) is
  'What these image URLs, behind those held, make of image_urls and image_count in origin_metadata; nothing where all are held.';
grant execute on function private.image_urls_added(jsonb, text[]) to service_role;

create function private.image_urls_of(p_item jsonb) returns text[]
language sql immutable parallel safe
return array(select jsonb_array_elements_text(coalesce(p_item -> 'images', '[]')))
  || array(
    select r ->> 'url'
    from jsonb_array_elements(coalesce(p_item -> 'image_results', '[]')) r
    where not coalesce(p_item -> 'images', '[]') ? (r ->> 'url'));
comment on function private.image_urls_of(jsonb) is
  'The image URLs of a reading, and those of what it downloaded beside them.';
grant execute on function private.image_urls_of(jsonb) to service_role;

create function private.remember_image_urls(p_vehicle_id uuid, p_urls text[]) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_held jsonb;
  v_added jsonb;
begin
  -- Under the row's lock, so that the URLs of a concurrent writer are in the union.
  select v.origin_metadata into v_held
  from public.vehicles v
  where v.id = p_vehicle_id
  for no key update;

  v_added := private.image_urls_added(v_held -> 'image_urls', p_urls);
  if v_held is null or v_added = '{}' then
    return false;
  end if;

  update public.vehicles v
  set origin_metadata = v.origin_metadata || v_added
  where v.id = p_vehicle_id;
  return true;
end
$$;
comment on function private.remember_image_urls(uuid, text[]) is
  'Adds URLs to a vehicle''s origin_metadata.image_urls, which registers their downloads. True when there was something new.';

create function public.remember_image_urls(p_items jsonb)
returns table (vehicle_id uuid, urls_known integer, changed boolean)
language plpgsql
set search_path = ''
as $$
declare
  v_item record;
begin
  -- Vehicles are written in id order, so two calls cannot wait for each other.
  for v_item in
    select (i.value ->> 'vehicle_id')::uuid as id, array_agg(u.url order by i.place, u.place) as urls
    from jsonb_array_elements(p_items) with ordinality as i(value, place)
    cross join lateral jsonb_array_elements_text(i.value -> 'urls') with ordinality as u(url, place)
    group by 1
    order by 1
  loop
    changed := private.remember_image_urls(v_item.id, v_item.urls);
    select v.id, jsonb_array_length(private.image_url_list(v.origin_metadata -> 'image_urls'))
    into vehicle_id, urls_known
    from public.vehicles v
    where v.id = v_item.id;
    if found then
      return next;
    end if;
  end loop;
end
$$;
comment on function public.remember_image_urls(jsonb) is
  'Takes [{vehicle_id, urls: [text]}]. A vehicle that does not exist is not in the answer. Running it twice changes nothing.';
revoke execute on function public.remember_image_urls(jsonb) from public, anon, authenticated;
grant execute on function public.remember_image_urls(jsonb) to service_role;

grant execute on function
  private.image_url_list(jsonb),
  private.union_image_urls(jsonb, text[]),
  private.try_next_cover(uuid[]),
  private.remember_image_urls(uuid, text[])
to service_role;
