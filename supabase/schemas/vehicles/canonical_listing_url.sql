create function public.canonical_listing_url(p_url text) returns text
language plpgsql immutable parallel safe -- twenty times cheaper than a query, and an insert calls it four times
set search_path = ''
as $$
declare
  v_part text[];
  v_host text;
  v_path text;
  v_query text;
begin
  -- Nearly all are spelt so: nothing is looked for in them that is not there.
  if p_url ~ '^https://[a-z0-9.-]*[a-z0-9](?:/[^?#\s]*)?$' then
    v_host := split_part(p_url, '/', 3);
    v_path := substr(p_url, length('https://') + 1 + length(v_host));
    if left(v_host, 4) = 'www.' then
      v_host := substr(v_host, 5);
    end if;
    return 'https://' || v_host
      || rtrim(case when v_host = 'bringatrailer.com' and v_path ~* '^/listing/' then lower(v_path) else v_path end, '/');
  end if;

  v_part := regexp_match(
    btrim(p_url),
    '^https?://(?:[^/@?#]*@)?([^/:?#\s]+)(?::\d+)?([^?#\s]*)(?:\?([^#\s]*))?(?:#.*)?$',
    'i'
  );
  v_host := regexp_replace(rtrim(lower(v_part[1]), '.'), '^www\.', '');
  -- Bring a Trailer names a listing by its path alone, in lower case; what else stands in a link to one is tracking.
  if v_host = 'bringatrailer.com' and v_part[2] ~* '^/listing/' then
    return 'https://bringatrailer.com' || rtrim(lower(v_part[2]), '/');
  end if;
  if v_part[3] <> '' then
    v_query := (
      select string_agg(parameter, '&' order by position)
      from unnest(string_to_array(v_part[3], '&')) with ordinality as q(parameter, position)
      where parameter <> ''
        and parameter !~* '^(utm_[a-z_]+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|cmpid)(=|$)'
        -- "ref" is a tracking word on some sites and the listing's own number on others.
        and parameter !~* '^(ref|referrer)(=[^0-9]*)?$'
    );
  end if;
  return 'https://'
    || v_host
    || rtrim(v_part[2], '/')
    || coalesce('?' || v_query, '');
end
$$;
comment on function public.canonical_listing_url(text) is
  'One spelling for one listing: https, lower-case host without www or port, path without trailing slash, no tracking parameters, no fragment. Null for what is not http(s).';
grant execute on function public.canonical_listing_url(text) to authenticated, service_role;

create function private.url_host(p_url text) returns text
language sql immutable parallel safe
return regexp_replace(
  rtrim(lower((regexp_match(p_url, '^\s*[a-z][a-z0-9+.-]*://(?:[^/@?#]*@)?([^/:?#\s]+)', 'i'))[1]), '.'),
  '^(www\.)+(?=.)',
  ''
);
comment on function private.url_host(text) is
  'The host of a URL as source_hosts names it: lower case, without www, port and final dot. Null for what is no URL. The workers have the same rule in domain/host.ts.';
grant execute on function private.url_host(text) to authenticated, service_role;
