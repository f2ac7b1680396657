-- A clock that can be moved on: what Postgres calls now is the real time and clock.ahead, a setting of the server.
-- The functions keep their numbers, so that defaults and views that were made before are moved too. They are SQL so
-- that the planner puts their words in the place of the call: by its number alone a built-in function would be run.
set allow_system_table_mods = on;

create schema clock;
grant usage on schema clock to public;

create function clock.real_now() returns timestamptz
  language internal stable strict parallel safe as 'now';
create function clock.real_clock_timestamp() returns timestamptz
  language internal volatile strict parallel safe as 'clock_timestamp';
create function clock.real_statement_timestamp() returns timestamptz
  language internal stable strict parallel safe as 'statement_timestamp';

create or replace function pg_catalog.now() returns timestamptz
  language sql stable parallel safe
  return clock.real_now() + current_setting('clock.ahead')::interval;
create or replace function pg_catalog.transaction_timestamp() returns timestamptz
  language sql stable parallel safe
  return clock.real_now() + current_setting('clock.ahead')::interval;
create or replace function pg_catalog.clock_timestamp() returns timestamptz
  language sql volatile parallel safe
  return clock.real_clock_timestamp() + current_setting('clock.ahead')::interval;
create or replace function pg_catalog.statement_timestamp() returns timestamptz
  language sql stable parallel safe
  return clock.real_statement_timestamp() + current_setting('clock.ahead')::interval;
