-- Gap filling runs by itself: every five minutes, and again within 20 seconds while work is due.

create function private.invoke_micro_scrape() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_micro_scrape_state(10000);
  perform private.promote_due_micro_scrape_state(10000);
  perform private.reopen_for_new_versions(10000);
  perform private.close_dead_runs();
  if exists (select from public.micro_scrape_state where state = 'due') then
    perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}');
  end if;
end
$$;
comment on function private.invoke_micro_scrape() is
  'Rescues what workers that died held, promotes what has waited, reopens what has a better scraper, and invokes micro-scrape-bandaid when a vehicle is due.';
revoke execute on function private.invoke_micro_scrape() from public;

create function private.invoke_due_images() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_image_downloads(1000);
  if private.image_downloads_are_due() then
    perform private.invoke_worker('backfill-images');
  end if;
end
$$;
comment on function private.invoke_due_images() is
  'Rescues the images of workers that died, and invokes backfill-images when one is due.';
revoke execute on function private.invoke_due_images() from public;

create function private.prune_history() returns void
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

select cron.schedule('micro-scrape-bandaid', '*/5 * * * *', $$select private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "cron", "background": true}')$$);

-- The 20-second watch: a worker that died is replaced within a minute, a backlog drains without waiting for
-- the next five minutes. A job each, so that one that fails takes no other with it, and its own log says so.
select cron.schedule('look-after-micro-scrape', '20 seconds', 'select private.invoke_micro_scrape()');
select cron.schedule('look-after-queues', '20 seconds', 'select private.invoke_due_queues()');
select cron.schedule('look-after-images', '20 seconds', 'select private.invoke_due_images()');
select cron.schedule('collect-invocation-answers', '20 seconds', 'select private.collect_invocation_answers()');
select cron.schedule('prune-history', '7-59/10 * * * *', 'select private.prune_history()');
