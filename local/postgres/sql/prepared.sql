-- Left in a prepared cluster, for its copies: between when and when what it holds was written.
create schema local_stack;

create table local_stack.prepared (
  begun_at timestamptz not null,
  ended_at timestamptz not null default clock_timestamp()
);
comment on table local_stack.prepared is 'When the cluster was prepared that this database was copied from.';
