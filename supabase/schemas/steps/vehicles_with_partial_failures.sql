create function private.steps_that_heal(p_step text) returns text[]
language sql immutable parallel safe
return case
  when p_step in ('extract_data', 'read_again', 'extract_vin', 'extract_images')
    then array['extract_data', 'read_again', p_step] -- a reading takes all of these from its page
  else array[p_step]
end;
comment on function private.steps_that_heal(text) is 'The steps of which a success makes good for a failure of this one.';
grant execute on function private.steps_that_heal(text) to authenticated, service_role;

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
  -- An import may have written anything there.
  case
    when pg_input_is_valid(v.origin_metadata ->> 'image_count', 'integer') then (v.origin_metadata ->> 'image_count')::integer
    when jsonb_typeof(v.origin_metadata -> 'image_urls') = 'array' then jsonb_array_length(v.origin_metadata -> 'image_urls')
  end as image_urls,
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
  join public.scrape_steps l on l.id = last.id and l.created_at = last.created_at
  left join public.scrape_retry_queue r
    on r.vehicle_id = l.vehicle_id and r.step_name = l.step_name and r.status in ('pending', 'processing')
  join public.vehicles held on held.id = l.vehicle_id
  where not private.is_final(last.outcome_code)
    and not exists (
      select from public.scrape_steps s
      where s.vehicle_id = last.vehicle_id
        and s.step_name = any (private.steps_that_heal(last.step_name))
        and s.created_at > last.created_at
        and s.status = 'success')
    and case last.step_name
      when 'extract_vin' then held.vin is null
      when 'generate_description' then held.description is null
      when 'backfill_images'
        then not exists (select from public.vehicle_images i where i.vehicle_id = last.vehicle_id)
          or exists (
            select from public.image_downloads d
            where d.vehicle_id = last.vehicle_id and d.status in ('pending', 'leased', 'failed'))
      else true
    end
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
  'Vehicles of which one step failed in the last 30 days and is not healed since (by itself, by a later reading of the page, or by a value that is held now), while another has worked: which, why, which of them are tried again by themselves, and what to type for the rest.';

grant select on public.vehicles_with_partial_failures to authenticated, service_role;
