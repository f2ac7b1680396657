-- One kernel under every queue: claim, preview, heartbeat, settle, release, promote, rescue, redrive. A queue is a leased
-- table of work with a row in private.queues.

create function private.queue(p_queue text) returns private.queues
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  select * into q from private.queues where table_name = p_queue;
  if not found then
    raise exception 'no queue "%": known are %', p_queue,
      (select string_agg(table_name, ', ' order by table_name) from private.queues)
      using errcode = '22023';
  end if;
  return q;
end
$$;
grant execute on function private.queue(text) to service_role;

create function private.promote_due(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_promoted integer;
begin
  execute format('select private.%I($1)', 'promote_due_' || (private.queue(p_queue)).table_name)
  into v_promoted
  using p_limit;
  return v_promoted;
end
$$;
comment on function private.promote_due(text, integer) is
  'Makes due what has waited for its time: a pending row without a due time is due now. So a claim reads due rows in their order and never walks past those that wait. Gives how many.';
grant execute on function private.promote_due(text, integer) to service_role;

create function private.queue_order(q private.queues) returns text
language sql stable
return case
  when q.priority_column is null then ''
  else format('%I %s,', q.priority_column, case when q.highest_first then 'desc' else 'asc' end)
end;
comment on function private.queue_order(private.queues) is
  'The priority of a queue as the head of an order by; nothing for a queue that knows age only.';
grant execute on function private.queue_order(private.queues) to service_role;
grant execute on function private.queue_order(private.queues) to authenticated, service_role;

create function private.given_rows(q private.queues, p_narrow text) returns text
language sql stable
set search_path = ''
as $$
  -- All rows at once: of an array of records the JSON is made in one go, and not a row and a value at a time.
  select format(
    $sql$
          select coalesce(
            case when %1$s
              then to_jsonb(array_agg(narrow order by %2$s c.created_at, c.id) filter (where %1$s))
              else to_jsonb(array_agg(c order by %2$s c.created_at, c.id) filter (where not %1$s))
            end, '[]')
          from claimed c
          cross join lateral (select %3$s) narrow$sql$,
    case when q.worker_columns is null then 'false' else p_narrow end,
    case when q.priority_column is null then '' else 'c.' || private.queue_order(q) end,
    (select string_agg(format('c.%I', n), ', ' order by place)
     from unnest('{id,lease_token}'::text[] || q.worker_columns) with ordinality w(n, place)))
$$;
comment on function private.given_rows(private.queues, text) is
  'What a claim gives of the rows that it leased ("claimed"), as the end of a statement: whole rows, or what its worker needs where p_narrow holds.';
grant execute on function private.given_rows(private.queues, text) to service_role;

create function private.leased_condition(p_vehicle_id text) returns text
language sql immutable
return format(
  -- By the indexes of what is leased now, which are small and hold no other vehicle; and each look on its own (offset 0):
  -- a planner that thinks better of it walks the leases of all vehicles for each.
  $sql$(
      exists (
        select from public.micro_scrape_state x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.bat_extraction_queue x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.backfill_queue x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.listing_checks x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
      or exists (
        select from public.scrape_retry_queue x
        where x.lease_token is not null and x.vehicle_id = %1$s and x.lease_expires_at > now()
        offset 0)
    )$sql$, p_vehicle_id);
comment on function private.leased_condition(text) is
  'The condition of is_leased(), to be written into a statement: a function call a row costs more than what it looks for.';

grant execute on function private.leased_condition(text) to service_role;

do $do$
begin
  execute format(
    $sql$
      create function private.is_leased(p_vehicle_id uuid) returns boolean
      language plpgsql stable
      set search_path = ''
      as $hand$
      begin
        return %s;
      end
      $hand$
    $sql$, private.leased_condition('p_vehicle_id'));
end
$do$;
comment on function private.is_leased(uuid) is
  'Whether a worker holds this vehicle under lease and is about to read its page, or does so now.';
grant execute on function private.is_leased(uuid) to service_role;

create function private.tried_condition(q private.queues, p_row text, p_max_attempts text) returns text
language sql stable
set search_path = ''
as $$
  select format('%1$s.%2$I < coalesce(%3$s, %1$s.%4$I)', p_row, q.attempts_column, p_max_attempts, q.max_attempts_column)
$$;
comment on function private.tried_condition(private.queues, text, text) is
  'Which rows of a queue were tried less often than p_max_attempts allows, to be written into a statement.';

create function private.free_condition(q private.queues, p_row text) returns text
language sql stable
set search_path = ''
as $$
  select case when q.reads_listings then 'not ' || private.leased_condition(p_row || '.vehicle_id') else 'true' end
$$;
comment on function private.free_condition(private.queues, text) is
  'Of which rows of a queue no other worker reads the vehicle''s page now, to be written into a statement.';

create function private.claimable_condition(q private.queues, p_row text, p_max_attempts text) returns text
language sql stable
set search_path = ''
as $$
  select private.tried_condition(q, p_row, p_max_attempts) || ' and ' || private.free_condition(q, p_row)
$$;
comment on function private.claimable_condition(private.queues, text, text) is
  'Which due rows of a queue a claim takes, to be written into a statement: tried less often than p_max_attempts allows, and no other worker reads their vehicle''s page now.';
grant execute on function
  private.tried_condition(private.queues, text, text),
  private.free_condition(private.queues, text),
  private.claimable_condition(private.queues, text, text)
to service_role;

create function private.queue_is_claimable(p_queue text) returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_is boolean;
begin
  execute format(
    $sql$ select exists (select from public.%I c where c.status = 'pending' and c.%I is null and %s) $sql$,
    q.table_name, q.due_column, private.claimable_condition(q, 'c', 'null'))
  into v_is;
  return v_is;
end
$$;
comment on function private.queue_is_claimable(text) is 'Whether a claim would take a row of this queue now.';
grant execute on function private.queue_is_claimable(text) to service_role;

create function private.page_claims_lock() returns bigint
language sql immutable parallel safe
return hashtextextended('claims of vehicles for their pages', 5);
comment on function private.page_claims_lock() is
  'The advisory lock of claims that pass over what another worker has leased: micro-scrape takes it alone, queues beside each other. What is leased at this very moment is seen once its claim has ended.';
grant execute on function private.page_claims_lock() to service_role;

create function public.claim_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null,
  p_narrow boolean default false, p_with_vehicles boolean default false
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  if p_vehicle_ids is null then
    if q.reads_listings then
      perform pg_advisory_xact_lock_shared(private.page_claims_lock());
    end if;
    execute format(
      'select private.%I($1, $2, $3)',
      -- Its rows are many a host, and a host is read at its pace: some of each.
      case q.table_name when 'import_queue' then 'claim_imports' else 'claim_' || q.table_name end)
    into v_rows
    using p_limit, p_max_attempts, p_narrow;
    perform private.note_claim(q.function_name, jsonb_array_length(v_rows));
    return case when p_with_vehicles then private.with_vehicles(v_rows) else v_rows end;
  end if;

  perform private.rescue(p_queue, 2000);
  perform private.promote_due(p_queue, 2000);
  execute format(
    $sql$
      with next as (
        select id
        from public.%1$I
        where status = 'pending'
          and %2$I is null
          and %3$I < coalesce($4, %4$I)
          and vehicle_id = any ($2)
        order by %5$s created_at, id
        limit $1
        for update skip locked
      ),
      claimed as (
        update public.%1$I t
        set status = 'processing',
            lease_token = gen_random_uuid(),
            lease_expires_at = now() + $3,
            %3$I = t.%3$I + 1,
            %4$I = coalesce($4, t.%4$I)
        from next
        where t.id = next.id
        returning t.*
      )
      %6$s
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q), private.given_rows(q, '$5')
  )
  into v_rows
  using p_limit, p_vehicle_ids, private.lease_of(p_queue), p_max_attempts, p_narrow;
  return case when p_with_vehicles then private.with_vehicles(v_rows) else v_rows end;
end
$$;
comment on function public.claim_queue(text, integer, uuid[], integer, boolean, boolean) is
  'Leases up to p_limit due rows by priority then age; rows whose worker died are due again. Each has a fresh lease_token and one more attempt. With p_max_attempts only rows that were tried fewer times, and that is their limit from then on. Gives the rows; with p_narrow only what the queue''s worker needs of them; with p_with_vehicles each with its vehicle and what is held of it.';
grant execute on function public.claim_queue(text, integer, uuid[], integer, boolean, boolean) to service_role;

create function public.heartbeat_queue(p_queue text, p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases((private.queue(p_queue)).table_name, p_tokens)
$$;
comment on function public.heartbeat_queue(text, uuid[]) is
  'Extends the leases that are still held; gives how many.';
grant execute on function public.heartbeat_queue(text, uuid[]) to service_role;

create function public.release_queue(p_queue text, p_items jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_count integer;
begin
  execute format(
    $sql$
      update public.%1$I t
      set status = 'pending',
          lease_token = null,
          lease_expires_at = null,
          %2$I = greatest(t.%2$I - 1, 0),
          %3$I = case when mine.retry_at > now() then mine.retry_at end,
          error_message = coalesce(mine.error, t.error_message)
      from (
        select h.id, private.bounded(i.retry_at) as retry_at, i.error
        from jsonb_to_recordset($1) as i(id uuid, lease_token uuid, retry_at timestamptz, error text)
        join public.%1$I h on h.id = i.id and h.lease_token = i.lease_token
        order by h.id
        for update of h
      ) mine
      where t.id = mine.id
    $sql$, p_queue, q.attempts_column, q.due_column)
  using p_items;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function public.release_queue(text, jsonb) is
  'Hands back rows that were not started, as [{id, lease_token, retry_at, error}]; the attempt is given back. error: why, where that is worth a word.';
grant execute on function public.release_queue(text, jsonb) to service_role;
