create table private.queues (
  table_name text primary key references private.leased_tables (table_name),
  function_name text not null,
  done_status text not null check (done_status in ('completed', 'complete')),
  highest_first boolean not null,
  priority_column text,
  attempts_column text not null default 'attempts',
  max_attempts_column text not null default 'max_attempts',
  due_column text not null default 'next_attempt_at',
  keep_done interval not null default '30 days',
  reads_listings boolean not null default false,
  added_at timestamptz not null default now(),
  promotes_itself boolean not null default false,
  since_column text not null default 'created_at',
  worker_columns text[]
);
comment on table private.queues is
  'Every queue table, how it spells "done", which priority goes first, and the edge function that works it.';
comment on column private.queues.due_column is
  'When a pending row may be claimed; null means now.';
comment on column private.queues.reads_listings is
  'Whether its worker reads the vehicle''s page: such a row waits while another worker holds the vehicle under lease, so that no page is fetched twice at once.';
comment on column private.queues.promotes_itself is
  'Whether its promote_due_<table>() is its own, and not the kernel''s: what is due there depends on more than a time.';
comment on column private.queues.since_column is
  'Since when a due row waits: when it was put there, or another time where rows come back again and again.';
comment on column private.queues.worker_columns is
  'What a claim gives of a row, besides id and lease_token, to a worker that asks for no more: making JSON of a whole row costs a fifth of the claim. Null: the whole row.';

-- An operator's reading of pipeline_status needs to know the queues.
alter table private.queues enable row level security;
create policy operators_read on private.queues
  for select to authenticated using ((select private.is_operator()));
grant select on private.queues to service_role;
grant select on private.queues to authenticated;

create table private.queue_heads (
  table_name text primary key references private.queues (table_name) on delete cascade,
  priority integer,
  created_at timestamptz,
  id uuid,
  expires_at timestamptz not null,
  by_age_until timestamptz
) with (fillfactor = 50);
comment on table private.queue_heads is
  'Where claims may begin, while that holds: before it a look just found nothing due but much that is dead. While some transaction holds an old snapshot, nobody can clear away the index entries of rows that were worked since, and each claim would walk past all of them.';

comment on column private.queue_heads.by_age_until is
  'Of import_queue: until then claims go by age alone, since a claim of some listings of each host walked past much that is dead.';

grant select, insert, update on private.queue_heads to service_role;
