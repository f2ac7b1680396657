-- What a process outside the edge runtime says of itself, and what it is told.

create function private.outside_places(p_function text) returns integer
language sql stable
set search_path = ''
as $$
  select coalesce(sum(w.places), 0)::integer
  from public.outside_workers w
  where p_function = any (w.functions)
    and w.seen_at > pg_catalog.now() - interval '1 minute'
$$;
comment on function private.outside_places(text) is
  'For how many runs of a worker there is a place outside the edge runtime, in processes that were seen within a minute: the database invokes its edge function only for what is wanted beyond them.';
revoke execute on function private.outside_places(text) from public;
grant execute on function private.outside_places(text) to authenticated, service_role;

create function private.is_outside_worker() returns boolean
language sql stable -- without settings of its own: written into the statement that asks, and not planned at each call
return coalesce(nullif(current_setting('request.headers', true), '')::jsonb ? 'x-outside-worker', false);
comment on function private.is_outside_worker() is
  'Whether the call comes from a process outside the edge runtime, which nobody invoked: what it claims says nothing of an invocation on its way.';
revoke execute on function private.is_outside_worker() from public;
grant execute on function private.is_outside_worker() to service_role;

create function private.why_paused(p_function text) returns text
language sql stable
security definer -- cron.job is its owner's
set search_path = ''
as $$
  select format('cron''s job %s is switched off', w.job)
  from (
    select case p_function
      when 'micro-scrape-bandaid' then 'look-after-micro-scrape'
      when 'backfill-images' then 'look-after-images'
      else 'look-after-queues'
    end as job
  ) w
  where not exists (select from cron.job j where j.jobname = w.job and j.active)
$$;
comment on function private.why_paused(text) is
  'Why a worker outside the edge runtime does not begin a run: an operator switched off the job that looks after this worker. Null: it may.';
revoke execute on function private.why_paused(text) from public;
grant execute on function private.why_paused(text) to service_role;

create function public.heartbeat_outside_worker(p_id uuid, p_name text, p_functions text[], p_places integer) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  insert into public.outside_workers as w (id, name, functions, places)
  values (p_id, p_name, p_functions, p_places)
  on conflict (id) do update
  set name = excluded.name,
      functions = excluded.functions,
      places = excluded.places,
      seen_at = now();
  return (
    select jsonb_agg(
      jsonb_build_object(
        'function', f.name,
        'claimable', p.paused is null and coalesce(private.has_claimable(f.name), false),
        'paused', p.paused,
        'batch_size', (select w.batch_size from private.wanted_workers(f.name) w))
      order by f.place)
    from unnest(p_functions) with ordinality f(name, place)
    cross join lateral (select private.why_paused(f.name) as paused offset 0) p
  );
end
$$;
comment on function public.heartbeat_outside_worker(uuid, text, text[], integer) is
  'For a process outside the edge runtime, at least every half minute: it is here, does the work of these functions and has so many places. Gives, in their order, [{function, claimable, paused, batch_size}]: whether a run would claim a row now, why none may begin, how many rows the cycle under way wants a run to take (null: as the worker has it).';
revoke execute on function public.heartbeat_outside_worker(uuid, text, text[], integer) from public, anon, authenticated;
grant execute on function public.heartbeat_outside_worker(uuid, text, text[], integer) to service_role;

create function public.release_outside_worker(p_id uuid) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  delete from public.outside_workers where id = p_id;
  return found;
end
$$;
comment on function public.release_outside_worker(uuid) is
  'For a process outside the edge runtime that ends: it begins no run any more, and the database invokes edge functions in its stead. Gives whether it was here.';
revoke execute on function public.release_outside_worker(uuid) from public, anon, authenticated;
grant execute on function public.release_outside_worker(uuid) to service_role;
