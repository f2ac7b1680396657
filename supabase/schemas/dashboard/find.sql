create index if not exists vehicles_by_make on public.vehicles (lower(make), year) where make is not null;

create function private.vehicle_title(v public.vehicles) returns text
language sql immutable parallel safe
return coalesce(
  nullif(concat_ws(' ', v.year, v.make, v.model,
    case when right(lower(v.model), length(v.trim)) is distinct from lower(v.trim) then v.trim end), ''),
  'a vehicle of which nothing is known yet');
comment on function private.vehicle_title(public.vehicles) is
  'Year, make, model and trim, as far as they are held; a trim with which the model ends is said once.';

create function private.found_by_vin(p_vin text, p_limit integer) returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform private.require_operator();
  return array(
    select v.id
    from public.vehicles v
    where v.vin >= p_vin and v.vin <= p_vin || 'ZZZZZZZZZZZZZ' and starts_with(v.vin, p_vin)
    order by v.vin
    limit p_limit
  );
end
$$;
comment on function private.found_by_vin(text, integer) is
  'Vehicles whose VIN begins so, for operators. Runs as its owner: under a policy of the table an order of text uses no index.';

create function private.found_by_words(p_words text[], p_limit integer) returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_year integer;
  v_makes text[];
begin
  perform private.require_operator();
  v_year := (select w.word::integer from unnest(p_words) w(word) where w.word ~ '^(18|19|20)\d\d$' limit 1);
  -- Makes have one word, or two.
  v_makes := array(
    select n.word
    from (
      select w.word from unnest(p_words) w(word)
      union
      select p_words[n] || ' ' || p_words[n + 1] from generate_subscripts(p_words, 1) n where n < cardinality(p_words)
    ) n
    where exists (select from public.vehicles v where lower(v.make) = n.word)
  );
  return array(
    with looked_at as (
      select v.*
      from unnest(v_makes) n(make)
      cross join lateral (
        (
          select v.id, v.year, v.make, v.model, v.trim, v.created_at
          from public.vehicles v
          where v_year is not null and lower(v.make) = n.make and v.year = v_year
          limit 5000
        )
        union all
        (
          select v.id, v.year, v.make, v.model, v.trim, v.created_at
          from public.vehicles v
          where v_year is null and lower(v.make) = n.make
          limit 5000
        )
      ) v
      union all
      select v.id, v.year, v.make, v.model, v.trim, v.created_at
      from (
        select v.id, v.year, v.make, v.model, v.trim, v.created_at
        from public.vehicles v
        where v_makes = '{}'
        order by v.created_at desc
        limit 5000
      ) v
    )
    select l.id
    from looked_at l
    where not exists (
      select from unnest(p_words) w(word)
      where strpos(lower(concat_ws(' ', l.year, l.make, l.model, l.trim)), w.word) = 0
    )
    order by l.created_at desc, l.id
    limit p_limit
  );
end
$$;
comment on function private.found_by_words(text[], integer) is
  'Vehicles whose year, make, model and trim have all these words (small letters), the newest first: of 5,000 of a make that is named (and of that year), or else of the newest 5,000. For operators; runs as its owner: under a policy of the table lower() uses no index.';

create function public.dashboard_find(p_text text, p_limit integer default 20) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_text text := btrim(left(p_text, 2048));
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_vin text := upper(regexp_replace(v_text, '[\s-]', '', 'g'));
  v_words text[];
  v_ids uuid[];
  v_by text;
  v_says text;
begin
  perform private.require_operator();
  if private.as_uuid(v_text) is not null then
    v_by := 'id';
    v_ids := array(select v.id from public.vehicles v where v.id = v_text::uuid);
    if v_ids = '{}' then
      v_ids := array_remove(array[(
        select m.kept_vehicle_id from public.vehicle_merges m
        where m.merged_vehicle_id = v_text::uuid and m.unmerged_at is null order by m.created_at desc limit 1)], null);
    end if;
  elsif v_text ~ '^(https?://|www\.)' or v_text ~ '^[a-z0-9.-]+\.[a-z]{2,}/' then
    v_by := 'url';
    v_ids := array_remove(array[private.vehicle_of_listing(private.web_address(v_text))], null);
  end if;
  if v_by is null and v_vin ~ '^[A-Z0-9]{5,17}$' and v_vin ~ '\d' then
    v_ids := private.found_by_vin(v_vin, v_limit);
    v_by := case when v_ids <> '{}' then 'vin' end;
  end if;
  if v_by is null and v_text <> '' then
    v_by := 'words';
    v_words := (regexp_split_to_array(lower(v_text), '\s+'))[1:8];
    v_ids := private.found_by_words(v_words, v_limit);
    v_says := 'sought among 5,000 of a make that is named, or else the newest 5,000';
  end if;
  return jsonb_build_object(
    'by', v_by,
    'says', case
      when v_by is null then 'Type a VIN, an id, the address of a listing, or year, make and model.'
      when coalesce(v_ids, '{}') = '{}' then 'Nothing fits' || coalesce(': ' || v_says, '') || '.'
      else private.counted_words(cardinality(v_ids), 'vehicle', 'vehicles') || coalesce(', ' || v_says, '') || '.'
    end,
    'bounded', v_by = 'words',
    'rows', coalesce((
      select jsonb_agg(jsonb_build_object(
        'vehicle_id', v.id, 'title', private.vehicle_title(v), 'vin', v.vin, 'score', q.overall_score, 'state', s.state,
        'host', v.source_host, 'created_at', v.created_at, 'link', coalesce(v.listing_url, v.discovery_url),
        'image', (
          select jsonb_build_object('bucket', 'vehicle-images', 'path', i.storage_path)
          from public.vehicle_images i where i.vehicle_id = v.id order by i.is_primary desc, i.position limit 1)
      ) order by u.n)
      from unnest(v_ids) with ordinality u(id, n)
      join public.vehicles v on v.id = u.id
      left join public.vehicle_quality_scores q on q.vehicle_id = v.id
      left join public.micro_scrape_state s on s.vehicle_id = v.id), '[]'));
end
$$;
comment on function public.dashboard_find(text, integer) is
  'Finds vehicles by VIN (or its beginning), id, address of a listing, or words of year, make, model and trim; fifty at most, and words among a bounded number. For operators.';

grant execute on function
  private.vehicle_title(public.vehicles),
  private.found_by_vin(text, integer),
  private.found_by_words(text[], integer),
  public.dashboard_find(text, integer)
to authenticated, service_role;
