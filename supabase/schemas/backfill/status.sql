create view public.backfill_dashboard with (security_invoker = true) as
select
  b.status,
  b.reason,
  count(*) as count,
  round(avg(q.overall_score), 1) as avg_quality_score
from public.backfill_queue b
left join public.vehicle_quality_scores q on q.vehicle_id = b.vehicle_id
group by b.status, b.reason
order by b.status, b.reason;
comment on view public.backfill_dashboard is 'How many vehicles wait to be read again, were, or failed, by reason.';
grant select on public.backfill_dashboard to authenticated, service_role;
