-- How a look ends: the next is set, whether it was read or not.

create function private.failed_look_wait(p_rounds integer) returns interval
language sql immutable parallel safe
return (array['1 day', '2 days', '4 days', '8 days', '14 days']::interval[])[least(p_rounds, 5)];
comment on function private.failed_look_wait(integer) is
  'How long a listing is left alone that could not be read, the nth time in a row.';
grant execute on function private.failed_look_wait(integer) to service_role;

create function private.end_look() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  l public.vehicle_listings;
begin
  select * into l from public.vehicle_listings where id = new.listing_id;
  if l.status not in ('for_sale', 'live') then
    new.status := 'complete';
    new.requeue_at := 'infinity';
    new.next_attempt_at := null;
  elsif new.status = 'complete' and new.requeue_at <= now() then
    -- What was read said nothing newer than what was known.
    new.requeue_at := greatest(now() + interval '1 hour', private.next_look_at(
      l.status, private.look_every(l.source_host, l.kind, now() - l.listed_at), now()));
  elsif new.status = 'failed' then
    new.failed_rounds := least(new.failed_rounds + 1, 100);
    new.requeue_at := now() + private.failed_look_wait(new.failed_rounds);
  end if;
  return new;
end
$$;
comment on function private.end_look() is
  'A look that is over sets the next. One that failed with all its attempts comes again after a day, two, four, eight, and then every 14 days: a listing is never given up while nobody has seen it end.';
grant execute on function private.end_look() to service_role;

create trigger end_look
  before update of status on public.listing_checks
  for each row
  when (old.status = 'processing' and new.status <> 'processing')
  execute function private.end_look();

create function private.forget_ended_check() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.listing_checks where id = new.id;
  return null;
end
$$;
grant execute on function private.forget_ended_check() to service_role;

create trigger forget_ended_check
  after update of status on public.listing_checks
  for each row
  when (new.requeue_at = 'infinity' and new.status = 'complete')
  execute function private.forget_ended_check();

create function private.look_at_moved_listing() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Its worker would write what it reads on the vehicle that the listing has left.
  new.status := 'pending';
  new.attempts := 0;
  new.next_attempt_at := null;
  new.lease_token := null;
  new.lease_expires_at := null;
  return new;
end
$$;
comment on function private.look_at_moved_listing() is
  'A listing that comes to another vehicle while a worker reads it is read again: the worker has lost it.';
grant execute on function private.look_at_moved_listing() to service_role;

create trigger look_at_moved_listing
  before update of vehicle_id on public.listing_checks
  for each row
  when (old.vehicle_id <> new.vehicle_id and old.status = 'processing' and new.status = 'processing')
  execute function private.look_at_moved_listing();
