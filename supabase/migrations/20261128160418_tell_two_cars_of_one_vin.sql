-- Tell two cars of one vin.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.merge_without(
  l public.vehicle_merges, m public.vehicle_merges, p_fields text[], p_urls jsonb, p_rows text[]
) returns public.vehicle_merges
language plpgsql stable
set search_path = ''
as $$
declare
  v_fields text[] := array(
    select f
    from unnest(p_fields) f
    where private.is_as_given(f, l.before -> 'kept', m.merged_vehicle));
  v_kept jsonb := private.with_facts(l.before -> 'kept', m.before -> 'kept', v_fields);
begin
  v_kept := v_kept || jsonb_build_object('origin_metadata', private.without_image_urls(
    v_kept -> 'origin_metadata', p_urls, m.before -> 'kept' -> 'origin_metadata'));
  if v_kept -> 'listing_url' = m.merged_vehicle -> 'listing_url' then
    v_kept := v_kept || jsonb_build_object(
      'listing_url', m.before -> 'kept' -> 'listing_url', 'listing_ended_at', m.before -> 'kept' -> 'listing_ended_at');
  end if;
  l.before := l.before || jsonb_build_object(
    'kept', v_kept,
    'kept_urls', (l.before -> 'kept_urls') - array(select jsonb_array_elements_text(p_urls)),
    'kept_metadata', ((l.before -> 'kept_metadata') - p_rows) || (
      select coalesce(jsonb_object_agg(h.key, h.value), '{}')
      from jsonb_each(m.before -> 'kept_metadata') h
      join public.extraction_metadata r on r.id = h.key::bigint
      where r.field_name = any (v_fields) and l.before -> 'kept_metadata' ? h.key));
  return l;
end
$$;

create or replace function private.why_same_car(a public.vehicles, b public.vehicles) returns text
language plpgsql stable -- whose plans are kept
set search_path = ''
as $$
begin
  return (
    with others as materialized ( -- else all vehicles are asked
      select o as other
      from private.vehicles_of_vins(array[a.vin]) i
      join public.vehicles o on o.id = i.id
      where o.id not in (a.id, b.id)
    )
    select p.proof
    from private.proof_of_same_car(a, b) p(proof)
    where p.proof is not null
      -- A third that is one of them and not the other leaves open which of them is what.
      and not exists (
        select
        from others
        where (private.proof_of_same_car(a, other) is null) <> (private.proof_of_same_car(b, other) is null)
          -- Or shows that the VIN is two cars'.
          or ((other).year = a.year and lower((other).make) = lower(a.make)
            and (private.is_known_apart(a.id, (other).id) or private.is_known_apart(b.id, (other).id)))
      )
  );
end
$$;
