create view public.vehicles_with_partial_failures with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  v.source_host as source,
  f.failed_steps,
  w.worked_steps,
  f.failures,
  f.last_failed_at,
  (v.origin_metadata ->> 'image_count')::integer as image_urls,
  (select count(*) from public.vehicle_images i where i.vehicle_id = v.id) as images_stored,
  f.retried_steps,
  f.next_retry_at,
  f.what_to_type
from (
  select
    l.vehicle_id,
    array_agg(l.step_name order by l.step_name) as failed_steps,
    jsonb_object_agg(l.step_name, concat_ws(': ', l.outcome_code, l.error_message)) as failures,
    max(l.created_at) as last_failed_at,
    coalesce(
      array_agg(l.step_name order by l.step_name)
        filter (where r.id is not null or l.metadata ? 'retried_by'), '{}') as retried_steps,
    min(r.next_retry_at) as next_retry_at,
    string_agg(private.redo_words(l.step_name, l.vehicle_id, l.url), e'\n' order by l.step_name)
      filter (where r.id is null and not coalesce(l.metadata ? 'retried_by', false)) as what_to_type
  from (
    select distinct on (s.vehicle_id, s.step_name) s.id, s.vehicle_id, s.step_name, s.outcome_code, s.created_at
    from public.scrape_steps s
    where s.status = 'failed'
      and s.vehicle_id is not null
      and s.created_at > now() - interval '30 days'
    order by s.vehicle_id, s.step_name, s.created_at desc
  ) last
  join public.scrape_steps l on l.id = last.id
  left join public.scrape_retry_queue r
    on r.vehicle_id = l.vehicle_id and r.step_name = l.step_name and r.status in ('pending', 'processing')
  where not private.is_final(last.outcome_code)
    and not exists (
      select from public.scrape_steps s
      where s.vehicle_id = last.vehicle_id
        and s.step_name = last.step_name
        and s.created_at > last.created_at
        and s.status = 'success')
  group by l.vehicle_id
) f
join public.vehicles v on v.id = f.vehicle_id
cross join lateral (
  select array_agg(distinct s.step_name order by s.step_name) as worked_steps
  from public.scrape_steps s
  where s.vehicle_id = f.vehicle_id
    and s.status = 'success'
    and s.step_name <> all (f.failed_steps)
) w
where w.worked_steps is not null
order by f.last_failed_at desc;
comment on view public.vehicles_with_partial_failures is
  'Vehicles of which one step failed in the last 30 days and has not worked since, while another has: which, why, which of them are tried again by themselves, and what to type for the rest.';

grant select on public.vehicles_with_partial_failures to authenticated, service_role;
