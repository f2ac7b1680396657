create table private.upgrade_progress (
  what text primary key,
  after uuid not null default '00000000-0000-0000-0000-000000000000',
  finished_at timestamptz
);
comment on table private.upgrade_progress is
  'One row a change of a release that goes through a full table in portions: how far it is. Unfinished ones go on by themselves.';

alter table private.upgrade_progress enable row level security;
grant all on private.upgrade_progress to service_role;
