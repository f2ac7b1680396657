-- The lease engine. What is worked on is leased to one worker, for a short while, under a token; of every leased table
-- the same is said by the same words:
--
--   claim_…        leases rows that are due, each under a fresh token; preview_… only shows them
--   heartbeat_…    gives the worker more time
--   settle_…       ends the attempt by its outcome
--   release_…      hands back what was not begun, and nothing is counted against it
--   promote_due_…  makes due what has waited for its time
--   rescue_…       takes back what a worker that died still holds; its attempt counts

create function private.lease_of(p_table text) returns interval
language plpgsql stable -- its plan is kept: making it at each claim would cost more than a fifth of the claim
set search_path = ''
as $$
begin
  return (select lease from private.leased_tables where table_name = p_table);
end
$$;
comment on function private.lease_of(text) is 'For how long a row of this table is leased at once.';

create function private.add_lease(p_table text, p_leased_while text default null, p_by_vehicle boolean default false)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into private.leased_tables (table_name) values (p_table) on conflict do nothing;
  execute format(
    'create index if not exists %I on public.%I (%s lease_expires_at) where lease_token is not null',
    p_table || '_leased', p_table, case when p_by_vehicle then 'vehicle_id,' else '' end);
  if p_leased_while is not null and not exists (
    select from pg_constraint
    where conrelid = format('public.%I', p_table)::regclass and conname = 'a_leased_row_says_so'
  ) then
    execute format(
      'alter table public.%I add constraint a_leased_row_says_so check ((%s) = (lease_token is not null))',
      p_table, p_leased_while);
  end if;
end
$$;
comment on function private.add_lease(text, text, boolean) is
  'Puts a table with the columns of private.lease under the engine. p_leased_while: what its state says of a leased row, and only of one. p_by_vehicle: its leases are looked for by vehicle, as is_leased() does; the index of what is leased says so, and is small whatever the table holds.';
revoke execute on function private.add_lease(text, text, boolean) from public;

create function private.extend_leases(p_table text, p_tokens uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  execute format(
    $sql$
      update public.%1$I
      set lease_expires_at = now() + $2
      where lease_token is not null
        and lease_token = any (array(
          select lease_token
          from public.%1$I
          where lease_token is not null
            and lease_token = any ($1)
          for update skip locked -- what is being settled needs no more time, and a heartbeat must never wait
        ))
    $sql$, p_table)
  using p_tokens, private.lease_of(p_table);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.extend_leases(text, uuid[]) is
  'The heartbeat of every leased table: extends the leases that are still held; gives how many.';

-- Dead workers -----------------------------------------------------------------------------------

create function private.worker_died() returns text
language sql immutable parallel safe
return 'the worker stopped without reporting';
comment on function private.worker_died() is 'The error of an attempt whose worker died. Its outcome is "timeout".';

create function private.release_when_free(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_rows jsonb;
begin
  if not exists (select from private.leases_to_release) then
    return;
  end if;
  execute format(
    $sql$
      with free as (
        select to_jsonb(t) as row, l.error
        from private.leases_to_release l
        join public.%I t on t.lease_token is not null and t.lease_token = l.lease_token
        for update of t skip locked
      )
      select jsonb_agg(row || jsonb_build_object('error', error)) from free
    $sql$, p_table)
  into v_rows;
  if v_rows is null then
    return;
  elsif p_table = 'micro_scrape_state' then
    perform public.release_micro_scrape(v_rows);
  else
    perform public.release_queue(p_table, v_rows);
  end if;
  delete from private.leases_to_release
  where lease_token in (select (r ->> 'lease_token')::uuid from jsonb_array_elements(v_rows) r);
end
$$;
comment on function private.release_when_free(text) is
  'Hands back the rows of a queue, or of micro_scrape_state, that were locked when their worker wanted to: nothing is counted against them.';

create function private.rescue(p_table text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_rescued integer;
begin
  execute format('select private.%I($1)', 'rescue_' || p_table) into v_rescued using p_limit;
  return v_rescued;
end
$$;
comment on function private.rescue(text, integer) is
  'Takes back rows of a leased table whose worker died, those that died first first. Gives how many.';

create function public.rescue_expired_leases() returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_table text;
  v_rescued jsonb := '{}';
begin
  for v_table in select table_name from private.leased_tables order by table_name loop -- one short statement a table
    v_rescued := v_rescued || jsonb_build_object(v_table, private.rescue(v_table, 10000));
  end loop;
  return v_rescued;
end
$$;
comment on function public.rescue_expired_leases() is
  'Takes back what workers that died still hold, of every leased table. Gives how many rows of each.';

create function public.count_expired_leases() returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_table text;
  v_count integer;
  v_counts jsonb := '{}';
begin
  for v_table in select table_name from private.leased_tables order by table_name loop
    execute format(
      'select count(*) from public.%I where lease_token is not null and lease_expires_at <= now()', v_table)
    into v_count;
    v_counts := v_counts || jsonb_build_object(v_table, v_count);
  end loop;
  return v_counts;
end
$$;
comment on function public.count_expired_leases() is
  'What rescue_expired_leases() would take back now, in the same words. Changes nothing.';

grant execute on function
  private.lease_of(text),
  private.extend_leases(text, uuid[]),
  private.worker_died(),
  private.release_when_free(text),
  private.rescue(text, integer),
  public.rescue_expired_leases(),
  public.count_expired_leases()
to service_role;
