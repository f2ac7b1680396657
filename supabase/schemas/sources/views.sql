-- What an operator sees of sources, and what to type.

create view public.source_candidates_to_review with (security_invoker = true) as
select
  s.id,
  s.hosts[1] as host,
  s.kind,
  s.found_by,
  p.reason as why,
  p.completed_at as probed_at,
  (
    select array_agg(t.pattern order by t.pattern) from public.source_address_patterns t where t.source_id = s.id and t.is_listing
  ) as addresses,
  (select array_agg(f.url order by f.url) from public.listing_feeds f where f.source = s.slug) as feeds,
  (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'url', r.url, 'year', r.result -> 'year', 'make', r.result -> 'make', 'model', r.result -> 'model',
      'price', r.result -> 'price', 'vin', r.result -> 'vin')) order by r.id)
    from public.source_probe_requests r
    where r.probe_id = p.id and r.role = 'detail'
  ) as read,
  format('select approve_source(%L);', s.hosts[1]) as to_approve,
  format('select reject_source(%L, ''…'');', s.hosts[1]) as to_reject
from public.scrape_sources s
join lateral (
  select * from public.source_probes where source_id = s.id order by created_at desc limit 1
) p on p.status = 'passed'
where s.lifecycle = 'candidate' and s.is_active
order by p.completed_at, s.hosts[1];
comment on view public.source_candidates_to_review is
  'Sources that passed their probe and wait for an operator (fill_policy.approve_sources = by_hand): what was read on their pages, where they list what they sell, and what to type.';

create view public.source_lifecycle with (security_invoker = true) as
select
  s.id,
  coalesce(s.hosts[1], s.slug) as host,
  s.slug,
  s.kind,
  s.found_by,
  case when s.is_active then s.lifecycle else 'off' end as state,
  s.lifecycle_at as since,
  case when s.is_active then coalesce(s.lifecycle_reason, case s.found_by when 'code' then 'it has an adapter' end)
    else 'switched off by an operator' end as why,
  s.next_look_at,
  s.confidence_cap,
  (select count(*) from public.vehicle_listings l where l.source_host = any (s.hosts)) as listings,
  (select count(*) from public.listing_feeds f where f.source = s.slug and f.enabled) as feeds,
  to_jsonb(e) - 'id' - 'source_id' as last_event,
  case
    when not s.is_active then format('update scrape_sources set is_active = true where slug = %L;', s.slug)
    when s.lifecycle = 'candidate' and s.next_look_at = 'infinity'
      then format('select approve_source(%1$L); or select reject_source(%1$L, ''…'');', coalesce(s.hosts[1], s.slug))
    when s.lifecycle in ('candidate', 'probing') then 'nothing: it is probed when its turn comes'
    when s.lifecycle = 'rejected' and s.lifecycle_reason like 'quarantined: %' then format(
      'look at its vehicles: select * from vehicles where source_host = %1$L; those that are wrong: select forget_vehicle(id, ''…'');', s.hosts[1])
    when s.lifecycle in ('rejected', 'retired')
      then format('nothing; if you know better: select approve_source(%L);', coalesce(s.hosts[1], s.slug))
    when s.lifecycle = 'degraded' then format(
      'nothing: it is active again when it serves; see select * from source_host_status where host = %L;', s.hosts[1])
  end as what_to_do
from public.scrape_sources s
left join lateral (
  select * from public.source_lifecycle_events where source_id = s.id order by id desc limit 1
) e on true
order by array_position('{degraded,probation,probing,candidate,active,retired,rejected}'::text[], s.lifecycle), s.slug;
comment on view public.source_lifecycle is
  'Each source: how far it is trusted, since when and why, what it gave, what happened last, and what to type.';
grant select on public.source_candidates_to_review, public.source_lifecycle to authenticated, service_role;
