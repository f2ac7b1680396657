-- The steps of a cycle, one leased at a time.

create function private.rescue_fill_cycle_steps(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select id
    from public.fill_cycle_steps
    where lease_token is not null and lease_expires_at <= clock_timestamp()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  ),
  rescued as (
    update public.fill_cycle_steps s
    set status = 'pending',
        next_attempt_at = null,
        error_message = private.worker_died(),
        lease_token = null,
        lease_expires_at = null
    from expired
    where s.id = expired.id
    returning 1
  )
  select count(*)::integer from rescued
$$;
comment on function private.rescue_fill_cycle_steps(integer) is
  'Takes back the steps of workers that died: they go on where their cursor stands. Gives how many.';
grant execute on function private.rescue_fill_cycle_steps(integer) to service_role;
