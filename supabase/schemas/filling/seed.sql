insert into public.fill_policy default values on conflict (only_row) do nothing;
select private.add_lease('fill_cycle_steps', 'status = ''processing''');
