-- Which Bring a Trailer vehicles are to be read again, and why.

create function private.bat_backfill_rank(
  p_vin text, p_mileage integer, p_color text, p_transmission text, p_drivetrain text,
  p_sale_status text, p_sale_price numeric, p_high_bid numeric, p_field_state jsonb, p_origin_metadata jsonb
) returns smallint
language sql immutable parallel safe
return case
  when p_sale_price is not null and p_sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then 1
  when (p_sale_price is not null and p_field_state -> 'sale_price' -> 'confidence' is null)
    or (p_sale_status = 'sold' and p_field_state -> 'sale_status' -> 'confidence' is null) then 2
  when p_sale_status is null
    or p_sale_status = 'unknown'
    or p_field_state -> 'sale_status' -> 'confidence' is null
    or (p_sale_status = 'sold' and p_sale_price is null)
    or (p_sale_status = 'bid_to' and p_high_bid is null) then 4
  when (p_vin is null and p_field_state -> 'vin' -> 'why' is null)
    or (p_mileage is null and p_field_state -> 'mileage' -> 'why' is null)
    or (p_color is null and p_field_state -> 'color' -> 'why' is null)
    or (p_transmission is null and p_field_state -> 'transmission' -> 'why' is null)
    or (p_drivetrain is null and p_field_state -> 'drivetrain' -> 'why' is null) then 5
  when not p_origin_metadata ? 'image_urls' then 6
end::smallint;
comment on function private.bat_backfill_rank(text, integer, text, text, text, text, numeric, numeric, jsonb, jsonb) is
  'What a Bring a Trailer vehicle should be read again for, the worst first: 1 a sale price though unsold, 2 a sale that no page vouches for, 4 no outcome or one that no page vouches for, 5 data missing, 6 no gallery. Null: nothing. (3, an auction that has ended since, is a matter of the clock.) What a page was seen not to state is not missing.';
grant execute on function private.bat_backfill_rank(text, integer, text, text, text, text, numeric, numeric, jsonb, jsonb)
  to authenticated, service_role;

create function private.bat_backfill_reason(p_rank integer) returns text
language sql immutable parallel safe
return (array[
  'wrong_sale_status', 'unproven_sale', 'auction_ended', 'missing_outcome', 'missing_data', 'missing_images'
])[p_rank];
comment on function private.bat_backfill_reason(integer) is 'A rank of bat_backfill_rank() in words.';
grant execute on function private.bat_backfill_reason(integer) to authenticated, service_role;

create index vehicles_bat_to_repair on public.vehicles (
  private.bat_backfill_rank(
    vin, mileage, color, transmission, drivetrain, sale_status, sale_price, high_bid, field_state, origin_metadata),
  created_at,
  id
)
where listing_url = bat_auction_url
  and listing_ended_at is null
  and private.bat_backfill_rank(
    vin, mileage, color, transmission, drivetrain, sale_status, sale_price, high_bid, field_state, origin_metadata)
    is not null;

create view private.bat_vehicles_to_repair with (security_invoker = true) as
select
  v.id, v.bat_auction_url, v.created_at, v.sale_status,
  private.bat_backfill_rank(
    v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
    v.field_state, v.origin_metadata) as rank
from public.vehicles v
where v.listing_url = v.bat_auction_url
  and v.listing_ended_at is null
  and private.bat_backfill_rank(
    v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
    v.field_state, v.origin_metadata) is not null;
comment on view private.bat_vehicles_to_repair is
  'What vehicles_bat_to_repair holds: the Bring a Trailer vehicles that should be read again, and their rank.';
grant select on private.bat_vehicles_to_repair to service_role;

create function private.bat_repairs_looked_at() returns integer
language sql immutable parallel safe
return 10000;
comment on function private.bat_repairs_looked_at() is
  'Of each rank so many vehicles are looked at from each of two places, however many there are.';
grant execute on function private.bat_repairs_looked_at() to service_role;

create function public.auto_queue_bat_backfills(p_batch_size integer default 20, p_priority integer default 75)
returns table (queued_count integer, skipped_count integer)
language plpgsql
set search_path = ''
as $$
declare
  v_skipped integer := (
    select count(*)
    from public.bat_extraction_queue
    where status in ('pending', 'processing') and reason <> 'new'
  );
begin
  return query
  with put as (
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, reason)
    select c.vehicle_id, c.bat_url, p_priority, c.reason
    from public.queue_bat_backfill_vehicles(p_batch_size, p_priority) c
    order by c.vehicle_id
    on conflict (vehicle_id) do update
    set status = 'pending',
        bat_url = excluded.bat_url,
        reason = excluded.reason,
        priority = case when held.status = 'pending' then greatest(held.priority, excluded.priority) else excluded.priority end,
        created_at = case when held.status = 'pending' then held.created_at else now() end
    where held.status <> 'processing'
    returning 1
  )
  select count(*)::integer, v_skipped from put;
end
$$;
comment on function public.auto_queue_bat_backfills(integer, integer) is
  'Queues the Bring a Trailer vehicles that most need reading again, failed ones among them once they have cooled down. Gives how many were queued and how many stood in the queue for a repair already.';
grant execute on function public.auto_queue_bat_backfills(integer, integer) to service_role;
