-- Feeds of a source that is off.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.due_listing_feeds(p_limit integer, p_ids uuid[] default null)
returns setof public.listing_feeds
language sql stable
set search_path = ''
as $$
  select f.*
  from public.listing_feeds f
  where (f.lease_token is null or f.lease_expires_at <= now())
    and case
      when p_ids is not null then f.id = any (p_ids) -- somebody asks for these: due or not, switched off or not
      else f.enabled
        and f.next_check_at <= now()
        and not exists (
          select
          from public.scrape_sources s
          -- One that names no source is of that of its host.
          where (s.slug = f.source or f.source is null and s.id = private.source_of_host(private.url_host(f.url)))
            and (
              not s.is_active
              or not private.is_in_service(s.lifecycle)
              or s.next_look_at > now()
              or private.listings_still_allowed(s) = 0))
    end
  order by f.next_check_at, f.id
  limit p_limit
$$;

create or replace function private.prune_history() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.prune_queues();
  -- Oldest first, found by the index: never one delete that holds up everything else.
  delete from public.scrape_steps
  where id in (
    select id
    from public.scrape_steps
    where created_at < now() - interval '90 days'
    order by created_at
    limit 10000
  );
  delete from public.worker_invocations
  where id in (
    select id
    from public.worker_invocations
    where invoked_at < now() - interval '3 days'
    order by id
    limit 10000
  );
  delete from public.fill_decisions
  where id in (
    select id
    from public.fill_decisions
    where decided_at < now() - interval '90 days'
    order by decided_at
    limit 10000
  );
  delete from private.host_metrics
  where (host, began_at) in (
    select host, began_at
    from private.host_metrics
    where began_at < now() - interval '14 days'
    order by began_at
    limit 10000
  );
  delete from private.leases_to_release where created_at < now() - interval '1 day'; -- of rows that are gone
  delete from public.listing_looks
  where id in (
    select id
    from public.listing_looks
    where at < now() - interval '14 days'
    order by at
    limit 10000
  );
  delete from cron.job_run_details
  where runid in (
    select runid
    from cron.job_run_details
    where end_time < now() - interval '7 days'
    order by runid
    limit 10000
  );
end
$$;
