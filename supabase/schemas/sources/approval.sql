-- What an operator says of a source: yes, or no.

create function private.source_named(p_source text) returns public.scrape_sources
language plpgsql stable
set search_path = ''
as $$
declare
  v_source public.scrape_sources;
  v_id uuid := coalesce(
    private.as_uuid(p_source),
    (select id from public.scrape_sources where slug = p_source),
    private.source_of_host(coalesce(private.url_host(private.web_address(p_source)), p_source)));
begin
  select * into v_source from public.scrape_sources where id = v_id;
  if v_source.id is null then
    raise exception 'no source "%"', left(p_source, 200)
      using errcode = '22023', hint = 'select host, state, why from source_lifecycle; or add it: select add_source_candidate(''https://…'');';
  end if;
  return v_source;
end
$$;
comment on function private.source_named(text) is 'A source by its id, its slug, its host or any address on it. Raises where there is none.';
grant execute on function private.source_named(text) to service_role;

create function public.approve_source(p_source text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_source public.scrape_sources := private.source_named(p_source);
  v_to text := case
    when private.is_in_service(v_source.lifecycle) then v_source.lifecycle
    when v_source.found_by = 'code' then 'active'
    when exists (select from public.listing_feeds where source = v_source.slug) then 'probation'
    else 'candidate'
  end;
begin
  perform private.set_lifecycle(v_source.id, v_to, 'approved by an operator', null, '{}', 'operator');
  update public.scrape_sources set next_look_at = null where id = v_source.id;
  return v_to;
end
$$;
comment on function public.approve_source(text) is
  'An operator takes a source in, by id, slug or host: one that passed its probe goes into probation, another is probed in the next cycle, also when it had been rejected. Gives its lifecycle.';

create function public.reject_source(p_source text, p_reason text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_source public.scrape_sources := private.source_named(p_source);
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception 'say why: select reject_source(%, ''reason'')', quote_literal(p_source) using errcode = '22023';
  end if;
  perform private.set_lifecycle(v_source.id, 'rejected', p_reason, null, '{}', 'operator');
  return 'rejected';
end
$$;
comment on function public.reject_source(text, text) is
  'An operator refuses a source, by id, slug or host: nothing is taken from it until approve_source(). Its vehicles stay.';
grant execute on function public.approve_source(text), public.reject_source(text, text) to service_role;
revoke execute on function public.approve_source(text), public.reject_source(text, text) from public, anon, authenticated;
