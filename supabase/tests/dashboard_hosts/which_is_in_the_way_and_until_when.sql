begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

insert into source_hosts (host, breaker, opened_at, opened_because, retry_at, times_opened) values
  ('a.example', 'closed', null, null, null, 0),
  ('b.example', 'open', now(), 'three refusals in a row', now() + interval '1 hour', 1);
insert into dashboard_samples (series, subject, step, at, value)
select s.series, 'a.example', 'hour', date_trunc('hour', now(), 'UTC') - h * interval '1 hour', s.value
from (values ('requests', 10), ('requests_served', 9)) s(series, value), generate_series(0, 30) h;

select matches(dashboard_hosts() ->> 'says', '^1 host is in the way: b\.example, asked again at \d{4}-', 'the host that is in the way, and until when');
select is(dashboard_hosts() #>> '{rows,0,title}', 'b.example', 'stands first');
select is((dashboard_hosts() #>> '{rows,0,until}')::timestamptz, now() + interval '1 hour', 'with its time');
select is(dashboard_hosts() #>> '{rows,0,actions,0,rpc}', 'operator_resume_host', 'and its button');
select results_eq($$select (r #>> '{values,requests_24h}')::integer, (r #>> '{values,served_24h}')::integer from jsonb_array_elements(dashboard_hosts() -> 'rows') r where r ->> 'title' = 'a.example'$$,
  $$values (240, 216)$$, 'what the others answered in 24 hours');

select * from finish();
rollback;
