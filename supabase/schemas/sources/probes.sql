-- Candidates are tried by a few requests. What a probe asked and was told are rows, so that anybody can go on with it.

create function private.rescue_source_probes(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select id
    from public.source_probes
    where lease_token is not null and lease_expires_at <= now()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  ),
  rescued as (
    update public.source_probes p
    set status = 'pending',
        lease_token = null,
        lease_expires_at = null
    from expired
    where p.id = expired.id
    returning 1
  )
  select count(*)::integer from rescued
$$;
comment on function private.rescue_source_probes(integer) is
  'Takes back the probes of workers that died: they go on where their requests stand. Gives how many.';
grant execute on function private.rescue_source_probes(integer) to service_role;

create function private.candidates_due(p_limit integer) returns setof public.scrape_sources
language sql stable
set search_path = ''
as $$
  select s.*
  from public.scrape_sources s
  where s.lifecycle = 'candidate'
    and s.is_active
    and coalesce(s.next_look_at, '-infinity') <= now()
  order by array_position('{operator,page_link,feed_link,sitemap,known_list,code}'::text[], s.found_by), s.lifecycle_at, s.slug
  limit greatest(p_limit, 0)
$$;
comment on function private.candidates_due(integer) is
  'The candidates to probe next: those that an operator named first, then those that pages lead to, then those of the list.';
grant execute on function private.candidates_due(integer) to service_role;

create function private.probes_left(p_cycle_id text, p_limit integer) returns integer
language sql stable
set search_path = ''
as $$
  select case
    when p_cycle_id is null then p_limit
    else least(p_limit, (select new_sources_ceiling from public.fill_policy) - (
      select count(*)::integer from public.source_probes where cycle_id = p_cycle_id))
  end
$$;
comment on function private.probes_left(text, integer) is 'How many sources may still be probed in a cycle, by fill_policy; a person may probe any number.';
grant execute on function private.probes_left(text, integer) to service_role;

create function private.probe_with_requests(p public.source_probes) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', p.id,
    'lease_token', p.lease_token,
    'source_id', s.id,
    'slug', s.slug,
    'host', s.hosts[1],
    'start_url', s.start_url,
    'requests', (
      select coalesce(jsonb_agg(to_jsonb(r) - 'probe_id' order by r.id), '[]')
      from public.source_probe_requests r
      where r.probe_id = p.id))
  from public.scrape_sources s
  where s.id = p.source_id
$$;
comment on function private.probe_with_requests(public.source_probes) is
  'A probe as who goes on with it needs it: {id, lease_token, source_id, slug, host, start_url, requests}.';
grant execute on function private.probe_with_requests(public.source_probes) to service_role;

create function public.claim_source_probes(p_limit integer, p_cycle_id text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_open integer;
  v_id uuid;
  v_probes jsonb;
begin
  -- One at a time: two that count the probes of a cycle at once would both find room.
  perform pg_advisory_xact_lock(hashtextextended('source_probes', 0));
  perform private.rescue_source_probes(1000);
  select count(*) into v_open
  from public.source_probes p
  join public.scrape_sources s on s.id = p.source_id and s.is_active and s.lifecycle = 'probing'
  where p.status = 'pending' and coalesce(p.next_attempt_at, '-infinity') <= now();
  for v_id in select id from private.candidates_due(private.probes_left(p_cycle_id, p_limit - v_open)) loop
    insert into public.source_probes (source_id, cycle_id) values (v_id, p_cycle_id) on conflict do nothing;
    perform private.set_lifecycle(v_id, 'probing', 'its turn has come', p_cycle_id);
  end loop;
  with next as (
    select p.id
    from public.source_probes p
    join public.scrape_sources s on s.id = p.source_id and s.is_active and s.lifecycle = 'probing'
    where p.status = 'pending' and coalesce(p.next_attempt_at, '-infinity') <= now()
    order by p.created_at, p.id
    limit greatest(p_limit, 0)
    for update of p skip locked
  ),
  claimed as (
    update public.source_probes p
    set status = 'processing',
        attempts = p.attempts + 1,
        lease_token = gen_random_uuid(),
        lease_expires_at = now() + private.lease_of('source_probes')
    from next
    where p.id = next.id
    returning p.*
  )
  select coalesce(jsonb_agg(private.probe_with_requests(c) order by c.created_at, c.id), '[]')
  into v_probes
  from claimed c;
  return v_probes;
end
$$;
comment on function public.claim_source_probes(integer, text) is
  'Leases probes: those that somebody began and did not end, then new ones of candidates, in a cycle no more than fill_policy.new_sources_ceiling. Gives [{id, lease_token, source_id, slug, host, start_url, requests}].';

create function public.preview_source_probes(p_limit integer, p_cycle_id text default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(host), '[]')
  from (
    (
      select s.hosts[1] as host
      from public.source_probes p
      join public.scrape_sources s on s.id = p.source_id and s.is_active and s.lifecycle = 'probing'
      where p.completed_at is null and coalesce(p.next_attempt_at, '-infinity') <= now()
      order by p.created_at, p.id
      limit p_limit
    )
    union all
    (select hosts[1] from private.candidates_due(private.probes_left(p_cycle_id, p_limit)))
    limit p_limit
  ) h
$$;
comment on function public.preview_source_probes(integer, text) is
  'The hosts that claim_source_probes() would take now. Changes nothing.';

create function public.heartbeat_source_probes(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases('source_probes', p_tokens)
$$;
comment on function public.heartbeat_source_probes(uuid[]) is 'Extends the leases that are still held; gives how many.';

create function public.release_source_probes(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  with mine as (
    select p.id, private.bounded(i.retry_at) as retry_at
    from jsonb_to_recordset(p_items) as i(id uuid, lease_token uuid, retry_at timestamptz)
    join public.source_probes p on p.id = i.id and p.lease_token = i.lease_token
    order by p.id
    for update of p
  ),
  released as (
    update public.source_probes p
    set status = 'pending',
        next_attempt_at = mine.retry_at,
        lease_token = null,
        lease_expires_at = null
    from mine
    where p.id = mine.id
    returning 1
  )
  select count(*)::integer from released
$$;
comment on function public.release_source_probes(jsonb) is
  'Hands back probes that are not over, as [{id, lease_token, retry_at}]: they go on where their requests stand.';

create function public.record_source_probe(p_id uuid, p_lease_token uuid, p_answer jsonb, p_next jsonb) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.source_probes
  set lease_expires_at = now() + private.lease_of('source_probes')
  where id = p_id and lease_token = p_lease_token;
  if not found then
    return false;
  end if;
  if p_answer ->> 'outcome' is null then -- it was not made: nothing is counted
    delete from public.source_probe_requests where probe_id = p_id and url = p_answer ->> 'url' and times_asked = 1;
    update public.source_probe_requests
    set times_asked = times_asked - 1
    where probe_id = p_id and url = p_answer ->> 'url';
  end if;
  update public.source_probe_requests
  set outcome = p_answer ->> 'outcome',
      result = coalesce(p_answer -> 'result', '{}')
  where probe_id = p_id and url = p_answer ->> 'url' and p_answer ->> 'outcome' is not null;
  insert into public.source_probe_requests as held (probe_id, role, url, result)
  select p_id, p_next ->> 'role', p_next ->> 'url', jsonb_strip_nulls(jsonb_build_object('pattern', p_next -> 'pattern'))
  where jsonb_typeof(p_next) = 'object'
  on conflict (probe_id, url) do update
  set times_asked = held.times_asked + 1,
      asked_at = now();
  return true;
end
$$;
comment on function public.record_source_probe(uuid, uuid, jsonb, jsonb) is
  'Writes what a request of a probe brought, as {url, outcome, result} (no outcome: it was not made), and which is made next, as {role, url, pattern}, before it is made. Gives whether the lease still holds.';

grant execute on function
  public.claim_source_probes(integer, text),
  public.preview_source_probes(integer, text),
  public.heartbeat_source_probes(uuid[]),
  public.release_source_probes(jsonb),
  public.record_source_probe(uuid, uuid, jsonb, jsonb)
to service_role;
revoke execute on function
  public.claim_source_probes(integer, text),
  public.preview_source_probes(integer, text),
  public.heartbeat_source_probes(uuid[]),
  public.release_source_probes(jsonb),
  public.record_source_probe(uuid, uuid, jsonb, jsonb)
from public, anon, authenticated;
