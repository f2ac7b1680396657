begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

select set_config('request.jwt.claims', '{"role": "authenticated", "app_metadata": {"role": "operator"}}', true);
select private.sample_part('queues'), private.sample_part('dead_letters');
select is(dashboard_queues() ->> 'state', 'ok', 'what was just measured is told as it is');
update dashboard_parts set error_message = 'column q.x does not exist (42703)', made_at = '2026-01-02 03:04:05+00' where part = 'queues';
select is(dashboard_queues() ->> 'state', 'unknown', 'what cannot be measured any more is not well');
select matches(dashboard_queues() ->> 'says', '^Not measured since 2026-01-02T03:04:05Z\. Then: 0 rows done', 'it says since when, and how it stood');
update dashboard_parts set error_message = null, next_at = now() - interval '5 minutes' where part = 'queues';
select is(dashboard_queues() ->> 'state', 'unknown', 'nor is what nobody measures any more');

select * from finish();
rollback;
