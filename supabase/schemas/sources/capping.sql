-- No fact of a source is held with more confidence than its source has earned.

create function private.with_capped_confidence(p_items jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_caps jsonb;
begin
  if not exists (select from public.scrape_sources where confidence_cap is not null) then
    return p_items;
  end if;
  select jsonb_object_agg(h.host, s.confidence_cap)
  into v_caps
  from (
    select distinct private.url_host(i ->> 'source_url') as host
    from jsonb_array_elements(p_items) i
    where jsonb_typeof(i -> 'facts') = 'object' or jsonb_typeof(i -> 'retractions') = 'object'
  ) h
  join public.scrape_sources s on s.id = private.source_of_host(h.host)
  where h.host is not null and s.confidence_cap is not null;
  if v_caps is null then
    return p_items;
  end if;
  return (
    select jsonb_agg(
      i || coalesce((
        select jsonb_object_agg(part.name, (
          select jsonb_object_agg(f.key, case
            when (f.value ->> 'confidence')::numeric > c.cap then jsonb_build_object('declared', f.value -> 'confidence') || f.value || jsonb_build_object('confidence', c.cap)
            else f.value
          end)
          from jsonb_each(i -> part.name) f))
        from (values ('facts'), ('retractions')) part(name)
        where c.cap is not null and jsonb_typeof(i -> part.name) = 'object' and i -> part.name <> '{}'), '{}')
      order by n)
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
    cross join lateral (select (v_caps ->> private.url_host(i ->> 'source_url'))::numeric) c(cap)
  );
end
$$;
comment on function private.with_capped_confidence(jsonb) is
  'The readings of a batch, with no confidence above the cap of the source that the page is of (scrape_sources.confidence_cap). Sources are looked up once a host.';
grant execute on function private.with_capped_confidence(jsonb) to service_role;
