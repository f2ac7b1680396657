-- Pass over refused probes.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function public.claim_source_probes(p_limit integer, p_cycle_id text default null) returns jsonb
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

create or replace function public.review_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  s public.scrape_sources;
  v_to text;
  v_moved jsonb := '{}';
begin
  for s in -- those of which something may be to say: a source that is active and has no open breaker and no bad health is none
    select *
    from public.scrape_sources c
    where c.is_active
      and (
        c.lifecycle in ('probation', 'degraded')
        or c.lifecycle = 'retired' and coalesce(c.next_look_at, c.lifecycle_at + interval '1 month') <= now()
        or c.lifecycle = 'active' and c.hosts <> '{}' and (
          c.found_by <> 'code' and exists (
            select from public.scrape_sources k where k.found_by = 'code' and k.hosts && private.parent_domains(c.hosts[1]))
          or exists (select from public.source_hosts h where h.host = any (c.hosts) and h.breaker <> 'closed')
          or exists (
            select from public.source_health h
            where h.source_id = c.id and h.status <> 'healthy' and h.last_checked > now() - interval '4 hours')))
    order by c.slug
  loop
    v_to := case s.lifecycle
      when 'probation' then private.end_probation(s, p_cycle_id)
      when 'retired' then private.review_retired(s, p_cycle_id)
      else private.review_service(s, p_cycle_id)
    end;
    if v_to is not null then
      v_moved := jsonb_set(v_moved, array[v_to], coalesce(v_moved -> v_to, '[]') || to_jsonb(s.slug));
    end if;
  end loop;
  return v_moved || jsonb_build_object('listings_held', private.hold_listings(5000), 'listings_let_go', private.let_listings_go(5000));
end
$$;
