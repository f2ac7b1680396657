-- Fifty readings a week, drawn at random, so that what persons look at is not only what was unsure.

create function private.draw_audit_sample(p_size integer default 50, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_week date := date_trunc('week', p_now at time zone 'UTC')::date;
  v_percent double precision;
  v_count integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('draw_audit_sample', 5));
  if exists (select from public.audit_readings where week = v_week) then
    return 0;
  end if;
  -- Of a table with very many rows a part of its pages is enough, and each row is as likely to stand in it.
  v_percent := (
    select least(100, 100 * 100000.0 / greatest(reltuples, 1))
    from pg_class where oid = 'public.extraction_metadata'::regclass
  );
  with readings as (
    select
      m.id,
      private.url_host(m.source_url) as host, m.reading_way,
      private.declared_band(coalesce(m.declared_confidence, m.confidence_score)) as band
    from public.extraction_metadata m tablesample system (v_percent)
    where m.extracted_at > p_now - interval '7 days'
      and m.extracted_at <= p_now
      and m.validation_status = 'accepted'
      and m.reviewed_at is null
      and m.reading_way is not null
      and m.field_value is not null
      and m.extraction_method not like 'manual%'
  ),
  -- Strata: site, way, and how sure the reader was. Each gets its share by the root of its size, so that the small are seen too.
  sized as (
    select r.*, 1 / sqrt(count(*) over (partition by r.host, r.reading_way, r.band)) as size
    from readings r
  ),
  chances as (
    select s.*, least(1, p_size * s.size / sum(s.size) over ()) as chance from sized s
  ),
  -- Systematic sampling in the order of the strata: each has its chance, exactly (Madow, 1949).
  places as (
    select c.id, c.chance, sum(c.chance) over (order by c.host, c.reading_way, c.band, hashint8(c.id), c.id) as place
    from chances c
  ),
  begin as materialized ( -- one for all
    select random() as at
  )
  insert into public.audit_readings (extraction_id, week, probability, drawn_at)
  select p.id, v_week, greatest(p.chance * v_percent / 100, 1e-9), p_now
  from places p, begin b
  where floor(p.place - b.at) > floor(p.place - p.chance - b.at)
  on conflict (extraction_id) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.draw_audit_sample(integer, timestamptz) is
  'Draws the audit of a week from the readings of the seven days before, once: at random, by site, way and how sure the reader was. Gives how many.';
grant execute on function private.draw_audit_sample(integer, timestamptz) to service_role;

create view public.audit_sample with (security_invoker = true) as
select
  m.id,
  m.vehicle_id,
  v.year,
  v.make,
  v.model,
  m.field_name,
  m.field_value,
  m.evidence,
  m.source_url,
  m.reading_way,
  m.confidence_score,
  m.extracted_at,
  a.week,
  round(1 / a.probability) as stands_for,
  format($do$select review_extraction(%s, 'accept');  -- or 'reject'$do$, m.id) as what_to_do
from public.audit_readings a
join public.extraction_metadata m on m.id = a.extraction_id
join public.vehicles v on v.id = m.vehicle_id
where a.week > current_date - 28
  and m.reviewed_at is null
  and m.validation_status = 'accepted'
order by a.week desc, m.id;
comment on view public.audit_sample is
  'Readings that were drawn at random to be looked at, 50 a week, the last four weeks: is the value what the page says, and true? Each answer stands for many, and is how the system learns what its confidence is worth.';
grant select on public.audit_sample to authenticated, service_role;
