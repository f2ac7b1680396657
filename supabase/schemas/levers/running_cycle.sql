-- What the levers share. Every move is a row of fill_decisions, between an operator's floor and ceiling (fill_policy).

create function private.running_cycle(p_cycle_id text) returns public.fill_cycles
language plpgsql stable
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles;
begin
  select * into v_cycle from public.fill_cycles c where c.cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle "%"', p_cycle_id
      using errcode = '22023', hint = 'select cycle_id from fill_cycles order by slot desc limit 5;';
  end if;
  return v_cycle;
end
$$;
comment on function private.running_cycle(text) is 'The cycle of this name, running or not; there is none: an error that says so.';
grant execute on function private.running_cycle(text) to service_role;
