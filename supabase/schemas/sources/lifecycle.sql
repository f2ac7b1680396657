-- How a source comes to be trusted, and loses it. Each change is an event, whoever makes it.

create function private.lifecycle_changed() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.lifecycle_at := now();
  if coalesce(current_setting('sources.change', true), '') = ''
    and new.lifecycle_reason is not distinct from old.lifecycle_reason
  then
    new.lifecycle_reason := 'set by hand';
  end if;
  return new;
end
$$;
comment on function private.lifecycle_changed() is 'A change of lifecycle has a time, and a reason of its own.';
revoke execute on function private.lifecycle_changed() from public;
create trigger lifecycle_changed
  before update of lifecycle on public.scrape_sources
  for each row when (new.lifecycle is distinct from old.lifecycle)
  execute function private.lifecycle_changed();

create function private.note_lifecycle() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_change jsonb := coalesce(nullif(current_setting('sources.change', true), ''), '{}')::jsonb;
begin
  insert into public.source_lifecycle_events (source_id, cycle_id, from_lifecycle, to_lifecycle, reason, metrics, decided_by)
  values (
    new.id, v_change ->> 'cycle_id', case when tg_op = 'UPDATE' then old.lifecycle end, new.lifecycle,
    coalesce(new.lifecycle_reason, 'added by hand'), coalesce(v_change -> 'metrics', '{}'),
    case when tg_op = 'INSERT' and new.found_by = 'operator' then 'operator' else coalesce(v_change ->> 'by', 'operator') end);
  return null;
end
$$;
comment on function private.note_lifecycle() is
  'Writes the event of a change. Who decides with set_lifecycle() says more of it; what else changes a row is a person.';
revoke execute on function private.note_lifecycle() from public;
create trigger note_lifecycle
  after update of lifecycle on public.scrape_sources
  for each row when (new.lifecycle is distinct from old.lifecycle)
  execute function private.note_lifecycle();
create trigger note_found
  after insert on public.scrape_sources
  for each row when (new.found_by <> 'code')
  execute function private.note_lifecycle();

create function private.set_lifecycle(
  p_source uuid, p_to text, p_reason text, p_cycle_id text default null, p_metrics jsonb default '{}',
  p_by text default 'agent'
) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_from public.scrape_sources;
begin
  select * into v_from from public.scrape_sources where id = p_source for no key update;
  if not found
    or v_from.lifecycle = p_to
    -- A person's no stands until a person takes it back.
    or p_by = 'agent' and (not v_from.is_active or v_from.lifecycle = 'rejected')
  then
    return false;
  end if;
  perform set_config(
    'sources.change', jsonb_build_object('by', p_by, 'cycle_id', p_cycle_id, 'metrics', p_metrics)::text, true);
  update public.scrape_sources
  set lifecycle = p_to,
      lifecycle_reason = p_reason,
      -- What each state brings with it, so that no caller forgets it.
      confidence_cap = case p_to when 'probation' then 0.79 else confidence_cap end,
      listings_allowed = case p_to when 'probation' then 20 else listings_allowed end,
      next_look_at = case p_to when 'retired' then now() + interval '1 month' else next_look_at end,
      updated_at = now()
  where id = p_source;
  perform set_config('sources.change', '', true);
  if p_by = 'agent' then
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    values (
      (select c.cycle_id from public.fill_cycles c where c.cycle_id = p_cycle_id),
      'lifecycle', v_from.slug, v_from.lifecycle, p_to, p_reason, p_metrics);
  end if;
  return true;
end
$$;
comment on function private.set_lifecycle(uuid, text, text, text, jsonb, text) is
  'Changes how far a source is trusted, with why and the metrics behind it. The agent changes none that a person switched off, and none that was rejected: gives whether it was changed.';
grant execute on function private.set_lifecycle(uuid, text, text, text, jsonb, text) to service_role;
