create table private.lease (
  lease_token uuid,
  lease_expires_at timestamptz,
  constraint a_lease_has_a_token_and_an_end check ((lease_token is null) = (lease_expires_at is null))
);
comment on table private.lease is
  'Holds no rows: the columns of a lease, taken over by every leased table with "like private.lease including all".';
comment on column private.lease.lease_token is
  'Who works on the row. Settling and releasing name it: a worker whose token stands here no more changes nothing.';
comment on column private.lease.lease_expires_at is
  'When the worker counts as dead, unless it has asked for more time.';

create table private.leased_tables (
  table_name text primary key,
  lease interval not null default '30 seconds' check (lease > interval '0')
);
comment on table private.leased_tables is
  'Every table whose rows are leased, and for how long at once. Each has a function private.rescue_<table>(limit).';

grant select on private.leased_tables to service_role;

create table private.leases_to_release (
  lease_token uuid primary key,
  error text not null,
  created_at timestamptz not null default now()
);
comment on table private.leases_to_release is
  'Leases whose worker wanted to hand the row back while another session had it locked, and why. rescue_<table>() does it as soon as the row is free.';

grant select, insert, delete on private.leases_to_release to service_role;
