-- Processes that run the workers outside the edge runtime: `task worker`.

create table public.outside_workers (
  id uuid primary key,
  name text not null check (name <> '' and length(name) <= 200),
  functions text[] not null check (cardinality(functions) between 1 and 100),
  places integer not null check (places between 1 and 1000),
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
comment on table public.outside_workers is
  'One row a process that runs workers outside the edge runtime. One that ends removes its row; one that was killed is no longer counted a minute after it was seen last, and forgotten after a day.';
comment on column public.outside_workers.name is 'Of the machine or container that it runs in.';
comment on column public.outside_workers.functions is 'The edge functions whose work it does.';
comment on column public.outside_workers.places is 'How many runs it makes at once, over all of them.';

alter table public.outside_workers enable row level security;
create policy operators_read on public.outside_workers
  for select to authenticated using ((select private.is_operator()));
grant select on public.outside_workers to authenticated;
grant all on public.outside_workers to service_role;
