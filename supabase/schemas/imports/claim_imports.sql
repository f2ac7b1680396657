-- A claim of listings takes some of each host that can be asked. The listings of a feed stand together in the queue: by
-- age alone all runs would read one host at a time, at its pace, while the others wait.

create function private.hosts_to_import(p_priority integer, p_most integer) returns text[]
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set enable_incremental_sort = off
as $$
declare
  v_hosts text[] := '{}';
  v_host text;
  -- Begun anywhere, so that no host is always the last one.
  v_from text := coalesce((
    select h.host
    from public.source_hosts h
    order by h.host
    offset (select floor(random() * count(*)) from public.source_hosts)
    limit 1
  ), '');
begin
  for v_round in 1 .. 2 loop -- from there to the end, then from the beginning
    v_host := case v_round when 1 then v_from else '' end;
    for v_looks in 1 .. 20 * p_most loop
      select private.url_host(i.canonical_url) into v_host
      from public.import_queue i
      where i.status = 'pending'
        and i.next_attempt_at is null
        and i.priority = p_priority
        and private.url_host(i.canonical_url) > v_host
      order by private.url_host(i.canonical_url), i.created_at, i.id
      limit 1;
      exit when v_host is null or (v_round = 2 and v_host > v_from);
      if not exists (
        select from public.source_hosts h
        where h.host = v_host
          and (
            private.may_be_asked_at(h) > now() + interval '30 seconds'
            or (h.budget_until > now() and h.new_pages_used >= h.new_pages_budget)
          )
      ) then
        v_hosts := v_hosts || v_host;
      end if;
      if cardinality(v_hosts) = p_most then
        return v_hosts;
      end if;
    end loop;
  end loop;
  return v_hosts;
end
$$;
comment on function private.hosts_to_import(integer, integer) is
  'Hosts that have listings of this priority due and can be asked within half a minute, under the budget of their new pages: at most so many, from a random one on.';
grant execute on function private.hosts_to_import(integer, integer) to service_role;

do $do$
begin
  execute format(
    $sql$
      create function private.claim_imports(p_limit integer, p_max_attempts integer, p_narrow boolean) returns jsonb
      language plpgsql
      set search_path = ''
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_bitmapscan = off
      set enable_sort = off
      set enable_incremental_sort = off
      as $claim$
      declare
        v_priority integer;
        v_hosts text[];
        v_places tid[] := '{}';
        v_more tid[];
        v_each integer; -- of each host
        v_had integer; -- what it gave before
        v_held jsonb; -- how many listings of each host workers hold
        v_can boolean := false; -- whether some host can be asked
        v_rows jsonb;
        v_walked bigint := -pg_stat_get_xact_tuples_returned('public.import_queue_due_by_host'::regclass);
      begin
        if (select h.by_age_until > now() from private.queue_heads h where h.table_name = 'import_queue') then
          return private.claim_import_queue(p_limit, p_max_attempts, p_narrow);
        end if;
        perform private.rescue_import_queue(2000);
        perform private.promote_due_import_queue(2000);
        for v_looks in 1 .. 5 loop -- priorities, the highest first
          select i.priority into v_priority
          from public.import_queue i
          where i.status = 'pending'
            and i.next_attempt_at is null
            and i.priority <= coalesce(v_priority - 1, 2147483647)
          order by i.priority desc, i.created_at, i.id
          limit 1;
          exit when not found or cardinality(v_places) = p_limit;
          v_hosts := private.hosts_to_import(v_priority, p_limit - cardinality(v_places));
          continue when v_hosts = '{}';
          v_can := true;
          v_held := coalesce(v_held, (
            select coalesce(jsonb_object_agg(l.host, l.held), '{}')
            from (
              select private.url_host(q.canonical_url) as host, count(*) as held
              from public.import_queue q
              where q.lease_token is not null
              group by 1
            ) l
          ));
          v_each := ceil((p_limit - cardinality(v_places))::numeric / cardinality(v_hosts));
          v_had := 0;
          for v_round in 1 .. 2 loop -- an equal share of each, then whatever they have
            v_more := array(
              select r.place
              from unnest(v_hosts) u(host)
              left join public.source_hosts h on h.host = u.host
              cross join lateral (
                select c.ctid as place
                from public.import_queue c
                where c.status = 'pending'
                  and c.next_attempt_at is null
                  and c.priority = v_priority
                  and private.url_host(c.canonical_url) = u.host
                  and c.attempts < coalesce(p_max_attempts, c.max_attempts)
                  and c.ctid <> all (v_places)
                order by private.url_host(c.canonical_url), c.created_at, c.id
                -- With what workers hold already no more than its pace lets them read in ten seconds.
                limit case
                  when h.interval_ms > 0 then least(v_each, greatest(
                    greatest(10000 / h.interval_ms, 1) - v_had - coalesce((v_held ->> u.host)::integer, 0), 0))
                  else v_each
                end
                for update skip locked
              ) r
              limit p_limit - cardinality(v_places)
            );
            v_places := v_places || v_more;
            v_had := v_each;
            v_each := p_limit - cardinality(v_places);
            exit when v_each = 0;
          end loop;
        end loop;
        v_walked := v_walked + pg_stat_get_xact_tuples_returned('public.import_queue_due_by_host'::regclass);
        if v_walked > 2000 + 20 * p_limit then
          -- Much that is dead, and nobody can clear it away: for a while by age, which knows where to begin.
          update private.queue_heads h
          set by_age_until = now() + interval '1 minute'
          where h.table_name in (
            select table_name from private.queue_heads where table_name = 'import_queue' for update skip locked
          );
        end if;
        if v_places = '{}' and v_can then
          return '[]'; -- those at work have enough of it
        elsif v_places = '{}' then
          -- Nothing is due, or only of hosts that cannot be asked: who claims that is told why.
          return private.claim_import_queue(p_limit, p_max_attempts, p_narrow);
        end if;
        with %s
        select g.coalesce into v_rows from given g;
        return v_rows;
      end
      $claim$
    $sql$, private.lease_statement(private.queue('import_queue'), 'v_places'));
end
$do$;
comment on function private.claim_imports(integer, integer, boolean) is
  'What claim_queue() does for import_queue: leases due listings by priority, and of one priority an equal share of each host that can be asked.';
grant execute on function private.claim_imports(integer, integer, boolean) to service_role;
