-- Which source a host belongs to.

create function private.parent_domains(p_host text) returns text[]
language sql immutable parallel safe
return (
  select array_agg(array_to_string(part[n:], '.') order by n)
  from (select string_to_array(p_host, '.') as part) p
  cross join lateral generate_subscripts(part, 1) n
);
comment on function private.parent_domains(text) is
  'A host and the domains that it stands under, the longest first: {a.cars.example, cars.example, example}.';
grant execute on function private.parent_domains(text) to authenticated, service_role;

create function private.source_of_host(p_host text) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select s.id
    from public.scrape_sources s
    cross join lateral unnest(s.hosts) own
    where s.hosts && private.parent_domains(p_host)
      and (p_host = own or p_host like '%.' || own)
    order by length(own) desc, s.found_by = 'code' desc, s.created_at
    limit 1
  );
end
$$;
comment on function private.source_of_host(text) is
  'The source that a host, as source_hosts names it, belongs to: the one that names it or a parent domain of it, one with an adapter first. Null where there is none.';
grant execute on function private.source_of_host(text) to authenticated, service_role;

create function private.is_in_service(p_lifecycle text) returns boolean
language sql immutable parallel safe
return p_lifecycle in ('probation', 'active', 'degraded');
comment on function private.is_in_service(text) is 'Whether listings are taken from a source that has come so far.';
grant execute on function private.is_in_service(text) to authenticated, service_role;
