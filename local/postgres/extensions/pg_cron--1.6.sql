-- Stand-in for pg_cron 1.6: the same tables, functions, arguments and defaults.
-- local/workers/cron.ts runs the jobs.
\echo Use "create extension pg_cron" to load this file. \quit

create schema cron;

create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default coalesce(inet_server_port(), 5432),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);
comment on table cron.job is 'Scheduled jobs, as in pg_cron.';

create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
comment on table cron.job_run_details is 'One row for each run of a job, as in pg_cron; nothing deletes them.';

alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

-- pg_cron refuses what it cannot parse when the job is scheduled, not when it is due.
create function cron._check_schedule(schedule text) returns void
language plpgsql set search_path = '' as $$
declare
  field constant text := '[0-9a-zA-Z*$][0-9a-zA-Z*$,/-]*';
begin
  if schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$' then return; end if;
  if schedule ~* '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly|reboot)\s*$' then return; end if;
  if schedule ~ ('^\s*' || field || '(\s+' || field || '){4}\s*$') then return; end if;
  raise exception 'invalid schedule: %', schedule
    using errcode = 'invalid_parameter_value',
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
end $$;

create function cron._schedule(
  job_name text, schedule text, command text, database text, username text, active boolean
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  id bigint;
begin
  perform cron._check_schedule(_schedule.schedule);
  insert into cron.job as j (jobname, schedule, command, database, username, active)
  values (job_name, _schedule.schedule, _schedule.command, _schedule.database, _schedule.username, _schedule.active)
  on conflict on constraint jobname_username_uniq do update
    set schedule = excluded.schedule, command = excluded.command,
      database = excluded.database, active = excluded.active
  returning jobid into id;
  perform pg_notify('_local_cron', '');
  return id;
end $$;

create function cron.schedule(schedule text, command text) returns bigint
language sql as $$
  select cron._schedule(null, $1, $2, current_database(), current_user, true)
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql as $$
  select cron._schedule($1, $2, $3, current_database(), current_user, true)
$$;

create function cron.schedule_in_database(
  job_name text, schedule text, command text, database text,
  username text default null, active boolean default true
) returns bigint
language sql as $$
  select cron._schedule($1, $2, $3, $4, coalesce($5, current_user), $6)
$$;

create function cron._unschedule(id bigint, name text, owner text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job j
  where j.username = owner and (j.jobid = id or j.jobname = name);
  if not found then
    if name is not null then
      raise exception 'could not find valid entry for job ''%''', name;
    end if;
    raise exception 'could not find valid entry for job %', id;
  end if;
  perform pg_notify('_local_cron', '');
  return true;
end $$;

create function cron.unschedule(job_id bigint) returns boolean
language sql as $$ select cron._unschedule($1, null, current_user) $$;

create function cron.unschedule(job_name text) returns boolean
language sql as $$ select cron._unschedule(null, $1, current_user) $$;

create function cron._alter_job(
  id bigint, owner text, schedule text, command text, database text, username text, active boolean
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if _alter_job.schedule is not null then
    perform cron._check_schedule(_alter_job.schedule);
  end if;
  update cron.job j
  set schedule = coalesce(_alter_job.schedule, j.schedule),
    command = coalesce(_alter_job.command, j.command),
    database = coalesce(_alter_job.database, j.database),
    username = coalesce(_alter_job.username, j.username),
    active = coalesce(_alter_job.active, j.active)
  where j.jobid = id and j.username = owner;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', id;
  end if;
  perform pg_notify('_local_cron', '');
end $$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null,
  database text default null, username text default null, active boolean default null
) returns void
language sql as $$ select cron._alter_job($1, current_user, $2, $3, $4, $5, $6) $$;

-- As on a hosted database: postgres owns the jobs, others have nothing.
revoke execute on all functions in schema cron from public;
grant usage on schema cron to postgres with grant option;
grant execute on all functions in schema cron to postgres with grant option;
grant usage, select on all sequences in schema cron to postgres with grant option;
grant select on cron.job to postgres with grant option;
grant all on cron.job_run_details to postgres with grant option;
