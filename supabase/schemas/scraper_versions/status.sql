-- How far the backfill of each version has come, and which scrapers got better without anybody saying so.

create function private.remember_finished_backfills() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.backfill_forgotten (scraper_version_id, completed, changed)
  select scraper_version_id, count(*), count(*) filter (where fields_updated <> '{}')
  from removed
  where scraper_version_id is not null and status = 'completed'
  group by scraper_version_id;
  return null;
end
$$;
create trigger remember_finished_backfills
  after delete on public.backfill_queue
  referencing old table as removed
  for each statement execute function private.remember_finished_backfills();
grant execute on function private.remember_finished_backfills() to service_role;

create view public.scraper_version_status with (security_invoker = true) as
select
  v.id,
  v.scraper_name,
  v.version,
  v.fields_affected,
  v.backfill_required,
  v.backfill_priority,
  v.created_at,
  v.scan_finished_at is not null as all_queued,
  v.queued_count,
  coalesce(now_.pending, 0) as pending,
  coalesce(now_.processing, 0) as processing,
  coalesce(now_.completed, 0) + coalesce(past.completed, 0) as completed,
  coalesce(now_.changed, 0) + coalesce(past.changed, 0) as backfilled_count,
  coalesce(now_.failed, 0) as failed,
  v.queued_count - coalesce(now_.every, 0) - coalesce(past.completed, 0) as moved_on,
  private.deployed_version(v.scraper_name) as deployed_version,
  coalesce(now_.waits, 0) as waits_for_deployment
from public.scraper_versions v
left join lateral (
  select
    count(*) as every,
    count(*) filter (where b.status = 'pending') as pending,
    count(*) filter (where b.status = 'processing') as processing,
    count(*) filter (where b.status = 'completed') as completed,
    count(*) filter (where b.status = 'failed') as failed,
    count(*) filter (where b.status = 'completed' and b.fields_updated <> '{}') as changed,
    count(*) filter (where b.status = 'pending' and b.next_attempt_at = 'infinity') as waits
  from public.backfill_queue b
  where b.scraper_version_id = v.id
) now_ on true
left join lateral (
  select sum(f.completed) as completed, sum(f.changed) as changed
  from private.backfill_forgotten f
  where f.scraper_version_id = v.id
) past on true
order by v.created_at desc;
comment on view public.scraper_version_status is
  'How far each version''s backfill has come: queued, pending, processing, completed, of those changed (backfilled_count), failed; moved_on are those that a newer version took over, or whose vehicle was deleted; waits_for_deployment: pending until the deployed version is as new.';

create function public.backfilled_count(v public.scraper_versions) returns bigint
language sql stable
set search_path = ''
as $$
  select s.backfilled_count from public.scraper_version_status s where s.id = v.id
$$;
comment on function public.backfilled_count(public.scraper_versions) is
  'Vehicles in which a version changed something, as a column: select v.version, v.backfilled_count from scraper_versions v.';
grant execute on function public.backfilled_count(public.scraper_versions) to authenticated, service_role;

create view public.scrapers_ahead_of_registry with (security_invoker = true) as
select
  d.scraper_name,
  d.deployed_version,
  r.version as registered_version,
  case
    when r.version is null then 'no version was ever registered'
    else 'what it reads better is not registered: no vehicle was queued for it'
  end as meaning
from (
  select distinct on (scraper_name) scraper_name, scraper_version as deployed_version
  from public.scrape_sources
  where found_by = 'code'
  order by scraper_name, private.version_number(scraper_version) desc
) d
cross join lateral (select private.newest_version(d.scraper_name) as version) r
where r.version is null
  or private.version_number(r.version) < private.version_number(d.deployed_version)
order by d.scraper_name;
comment on view public.scrapers_ahead_of_registry is
  'Scrapers whose deployed code is newer than their newest registered version: scripts/deploy-scraper-version.js registers it.';

grant select on public.scraper_version_status, public.scrapers_ahead_of_registry to authenticated, service_role;
