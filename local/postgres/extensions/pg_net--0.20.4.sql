-- Stand-in for pg_net 0.20: the same tables, functions, arguments and defaults.
-- local/workers/net.ts sends the requests, which it sees only after their transaction has committed.
\echo Use "create extension pg_net" to load this file. \quit

create schema if not exists net;

create domain net.http_method as text
  check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');

create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);
comment on table net.http_request_queue is 'Requests not yet sent, as in pg_net.';

create unlogged table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
create index on net._http_response (id);
create index on net._http_response (created);
comment on table net._http_response is 'Answers of the last six hours, as in pg_net.';

create function net._urlencode_string(string text) returns text
language sql immutable strict set search_path = '' as $$
  select coalesce(string_agg(
    case when c ~ '[A-Za-z0-9_.~-]' then c
      else regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') end,
    '' order by n), '')
  from regexp_split_to_table(string, '') with ordinality as s(c, n)
$$;

create function net._with_params(url text, params jsonb) returns text
language sql immutable set search_path = '' as $$
  select case when p.query is null then url
    else url || case when position('?' in url) > 0 then '&' else '?' end || p.query end
  from (
    select string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&') as query
    from jsonb_each_text(coalesce(params, '{}'::jsonb))
  ) p
$$;

create function net.wake() returns void
language sql set search_path = '' as $$ select pg_notify('_local_net', '') $$;

create function net._queue(
  method text, url text, headers jsonb, body bytea, timeout_milliseconds integer
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  request_id bigint;
begin
  insert into net.http_request_queue as q (method, url, headers, body, timeout_milliseconds)
  values (_queue.method, _queue.url, _queue.headers, _queue.body, _queue.timeout_milliseconds)
  returning q.id into request_id;
  perform net.wake();
  return request_id;
end $$;

create function net.http_get(
  url text, params jsonb default '{}'::jsonb, headers jsonb default '{}'::jsonb,
  timeout_milliseconds integer default 5000
) returns bigint
language sql as $$
  select net._queue('GET', net._with_params($1, $2), $3, null, $4)
$$;

create function net.http_post(
  url text, body jsonb default '{}'::jsonb, params jsonb default '{}'::jsonb,
  headers jsonb default '{"Content-Type": "application/json"}'::jsonb,
  timeout_milliseconds integer default 5000
) returns bigint
language plpgsql as $$
declare
  content_type text;
begin
  select h.value into content_type
  from jsonb_each_text(coalesce(headers, '{}'::jsonb)) h
  where lower(h.key) = 'content-type'
  limit 1;
  if content_type is null then
    headers := coalesce(headers, '{}'::jsonb) || '{"Content-Type": "application/json"}'::jsonb;
  elsif content_type not ilike 'application/json%' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  return net._queue(
    'POST', net._with_params(url, params), headers,
    convert_to(body::text, 'UTF8'), timeout_milliseconds
  );
end $$;

create function net.http_delete(
  url text, params jsonb default '{}'::jsonb, headers jsonb default '{}'::jsonb,
  timeout_milliseconds integer default 5000, body jsonb default null
) returns bigint
language sql as $$
  select net._queue(
    'DELETE', net._with_params($1, $2), $3, convert_to($5::text, 'UTF8'), $4
  )
$$;

-- Whoever sends the requests is told to look.
create function net.worker_restart() returns boolean
language plpgsql as $$
begin
  notify _local_net;
  return true;
end $$;

grant usage on schema net to public;
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;
revoke execute on all functions in schema net from public;
grant execute on all functions in schema net to postgres, anon, authenticated, service_role;
