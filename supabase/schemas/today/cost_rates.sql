create table public.cost_rates (
  item text primary key check (item in ('request', 'gb_fetched', 'gb_stored_month', 'invocation')),
  price numeric not null check (price >= 0),
  per numeric not null default 1 check (per > 0),
  note text check (note <> ''),
  updated_at timestamptz not null default now()
);
comment on table public.cost_rates is
  'An operator''s: what a request, a gigabyte fetched, a gigabyte kept for a month and an invocation cost, all in one currency. today_by_source has no price without a row here.';
comment on column public.cost_rates.per is 'For how many the price is: 2 per 1000000 invocations.';

alter table public.cost_rates enable row level security;
create policy operators_read on public.cost_rates
  for select to authenticated using ((select private.is_operator()));
grant select on public.cost_rates to authenticated;
grant all on public.cost_rates to service_role;

create trigger touch_updated_at
  before update on public.cost_rates
  for each row execute function private.touch_updated_at();
