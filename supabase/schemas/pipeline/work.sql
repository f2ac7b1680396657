-- What a run of the pipeline finds to do.

create function public.pipeline_work() returns jsonb
language plpgsql stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  q private.queues;
  v_due integer;
  v_work jsonb := '[]';
begin
  for q in select * from private.queues order by table_name loop
    execute format(
      $sql$
        select (select count(*) from (
            select from public.%1$I where status = 'pending' and %2$I is null limit 1000) a)
          + (select count(*) from (
            select from public.%1$I where status = 'pending' and %2$I <= now() limit 1000) b)
          + (select count(*) from (
            select from public.%1$I where lease_token is not null and lease_expires_at <= now() limit 1000) c)
      $sql$, q.table_name, q.due_column)
    into v_due;
    v_work := v_work || jsonb_build_object(
      'queue', q.table_name, 'function', q.function_name, 'due', v_due,
      'outside', private.outside_places(q.function_name));
  end loop;
  return v_work || jsonb_build_object(
    'queue', 'image_downloads', 'function', 'backfill-images', 'due', private.due_images(2000),
    'outside', private.outside_places('backfill-images'));
end
$$;
comment on function public.pipeline_work() is
  'What could be worked on now, as [{queue, function, due, outside}]; due is counted up to a bound, and includes what a worker that died still holds; outside: for how many runs there is a place outside the edge runtime. Changes nothing.';

grant execute on function public.pipeline_work() to service_role;
