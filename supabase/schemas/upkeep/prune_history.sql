create function private.prune_history() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.prune_queues();
  -- Oldest first, found by the index: never one delete that holds up everything else.
  delete from public.worker_invocations
  where id in (
    -- Ids grow with the time, so the first are the oldest: without an old one no more than these are read.
    select id
    from (select id, invoked_at from public.worker_invocations order by id limit 10000) oldest
    where invoked_at < now() - interval '3 days'
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
  delete from public.outside_workers where seen_at < now() - interval '1 day';
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
comment on function private.prune_history() is
  'Forgets what is old, at most 10,000 rows of a table: called every ten minutes.';
revoke execute on function private.prune_history() from public;
