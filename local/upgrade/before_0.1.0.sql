-- What had another name before release 0.1.0, while migrations were still edited in place: a database of then keeps its
-- rows, which a comparison of then and now would drop and make anew. Run by `deno task start` on such a database, as
-- `postgres`, before the rest is brought in line. A name that is not there, or is there already, is left alone.

create function pg_temp.rename_sequences(p_table regclass, p_old text, p_new text) returns void
language plpgsql
as $$
declare
  v_sequence record;
begin
  for v_sequence in
    select d.objid::regclass as name, c.relname
    from pg_depend d
    join pg_class c on c.oid = d.objid and c.relkind = 'S'
    where d.refobjid = p_table and d.deptype in ('a', 'i') and starts_with(c.relname, p_old || '_')
  loop
    execute format('alter sequence %s rename to %I', v_sequence.name, p_new || substr(v_sequence.relname, length(p_old) + 1));
  end loop;
end
$$;

create function pg_temp.rename_table(p_schema text, p_old text, p_new text) returns void
language plpgsql
as $$
begin
  if to_regclass(format('%I.%I', p_schema, p_old)) is null
    or to_regclass(format('%I.%I', p_schema, p_new)) is not null
  then
    return;
  end if;
  execute format('alter table %I.%I rename to %I', p_schema, p_old, p_new);
  perform pg_temp.rename_sequences(to_regclass(format('%I.%I', p_schema, p_new)), p_old, p_new);
end
$$;

create function pg_temp.rename_column(p_table text, p_old text, p_new text) returns void
language plpgsql
as $$
declare
  v_names name[] := array(
    select attname from pg_attribute where attrelid = to_regclass(p_table) and attnum > 0 and not attisdropped
  );
begin
  if p_old = any (v_names) and p_new <> all (v_names) then
    execute format('alter table %s rename column %I to %I', to_regclass(p_table), p_old, p_new);
  end if;
end
$$;

select pg_temp.rename_table('public', 'doorbell_rings', 'worker_invocations');
select pg_temp.rename_column('public.worker_invocations', 'rung_at', 'invoked_at');
select pg_temp.rename_column('public.micro_scrape_state', 'fruitless_passes', 'no_gain_passes');
select pg_temp.rename_column('public.bat_extraction_queue', 'fruitless_passes', 'no_gain_passes');

-- The columns of a lease have one name wherever there is one.
select pg_temp.rename_column('public.bat_extraction_queue', 'cool_until', 'requeue_at');
select pg_temp.rename_column('public.image_downloads', 'blocked_on', 'last_blocked_on');
select pg_temp.rename_column('private.queue_heads', 'holds_until', 'expires_at');
select pg_temp.rename_column('public.' || leased, 'leased_until', 'lease_expires_at')
from unnest(array[
  'import_queue', 'bat_extraction_queue', 'backfill_queue', 'scrape_retry_queue',
  'micro_scrape_state', 'image_downloads', 'listing_feeds', 'pipeline_runs'
]) as leased;

-- A queue is a leased table: the list of those must hold it before it is referred to. For how long a row is leased
-- stands there now, and nobody had set another time.
create table if not exists private.leased_tables (table_name text primary key);
insert into private.leased_tables (table_name) select table_name from private.queues on conflict do nothing;
alter table private.queues drop column if exists lease;

-- Attempts and steps are kept by the month now: the table of before is their first partition, and a comparison would drop it.
create function pg_temp.is_whole(p_table text) returns boolean
language sql
return exists (select from pg_class where oid = to_regclass(p_table) and relkind = 'r');

create function pg_temp.keep_by_month(p_table text) returns void
language plpgsql
as $$
declare
  v_until timestamptz := date_add(date_trunc('month', now(), 'UTC'), '1 month', 'UTC');
begin
  execute format(
    $sql$
      alter table public.%1$s
        drop constraint %1$s_pkey,
        add constraint %1$s_pkey primary key (id, created_at);
      drop policy if exists operators_read on public.%1$s;
      revoke all on public.%1$s from authenticated, service_role;
      alter table public.%1$s rename to %1$s_before;
      alter table public.%1$s_before set schema private;
      create table public.%1$s (like private.%1$s_before including defaults including constraints)
        partition by range (created_at);
      create table private.%1$s_default partition of public.%1$s default;
      alter table private.%1$s_default enable row level security;
      with moved as (delete from private.%1$s_before where created_at >= %2$L returning *)
      insert into public.%1$s select * from moved;
      alter table public.%1$s attach partition private.%1$s_before for values from (minvalue) to (%2$L)
    $sql$,
    p_table, v_until);
end
$$;

do $$
begin
  if pg_temp.is_whole('public.scraping_health') then
    alter table public.scraping_health alter column id drop identity;
    perform pg_temp.keep_by_month('scraping_health');
    alter table public.scraping_health alter column id add generated always as identity;
    perform setval(
      pg_get_serial_sequence('public.scraping_health', 'id'), coalesce((select max(id) from public.scraping_health), 0) + 1, false);
  end if;
  if pg_temp.is_whole('public.scrape_steps') then
    update public.scrape_steps set created_at = coalesce(completed_at, now()) where created_at is null;
    drop trigger if exists queue_failed_steps on public.scrape_steps;
    perform pg_temp.keep_by_month('scrape_steps');
    alter table public.scrape_steps
      add constraint scrape_steps_vehicle_id_fkey foreign key (vehicle_id) references public.vehicles (id) on delete cascade;
  end if;
end
$$;
